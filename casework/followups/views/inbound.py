"""The person called us: the page that asks what this call answers, after identity (R32)."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from casework.cases import queries as cases
from casework.database import now
from casework.followups import queries, services
from casework.followups.inbound import guess
from casework.followups.inbound_forms import inbound_form_for
from casework.followups.views.door import blueprint, is_sent
from casework.security import allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@blueprint.route("/cases/<ref:ref>/they-called", methods=["GET", "POST"])
@allow("followup:plan")
@keeps_input
def they_called(ref: str) -> Response:
    """Ask what a call from the person answers: done, still to do, or moved; nothing is silent."""
    actor = current_actor()
    case = cases.get(actor, ref)
    planned = queries.planned_for(case.id)
    form = inbound_form_for(planned)()
    form.propose(guess(planned, now()))
    if is_sent() and planned and form.validate():
        done = perform(form, services.record_inbound, actor, case, answers=form.answers())
        if done is not None:
            flash(_told(int(done)), "success")
            return redirect(url_for("desk.case_page", ref=ref), 303)
    return render(
        "followups/they_called.html",
        form=form,
        case=case,
        is_recognised=services.recognised_at(actor, case) is not None,
    )


def _told(done: int) -> str:
    if not done:
        return str(_("Noted. What is planned stays planned."))
    return ngettext(
        "Noted: %(num)d planned call is done, since they called us.",
        "Noted: %(num)d planned calls are done, since they called us.",
        done,
    )
