"""Handing an emergency over: one action, with or without a case, and nothing waits for it (R34)."""

from flask import flash, redirect, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from casework.cases import queries, services
from casework.cases.forms import EmergencyForm
from casework.cases.models import EmergencyKind
from casework.cases.views import blueprint, is_sent
from casework.security import allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@blueprint.route("/emergency", methods=["GET", "POST"], defaults={"ref": None})
@blueprint.route("/cases/<ref:ref>/emergency", methods=["GET", "POST"])
@allow("emergency:record")
@keeps_input
def emergency(ref: str | None) -> Response:
    """Show whom to call, and record afterwards that it was done."""
    actor = current_actor()
    case = queries.get(actor, ref) if ref else None
    form = EmergencyForm()
    if is_sent() and form.validate():
        kind = EmergencyKind(form.kind.data)
        if perform(form, services.record_emergency, actor, kind=kind, case=case):
            flash(_l("The emergency hand-off is recorded."), "success")
            if case is None:
                return redirect(url_for("desk.my_day"))
            return redirect(url_for("desk.case_page", ref=case.ref))
    return render("cases/emergency.html", form=form, case=case)
