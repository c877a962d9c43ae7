"""Who looks after a case: handing it over, and taking one that nobody has."""

import uuid

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from casework.accounts import queries as accounts
from casework.cases import queries, services
from casework.cases.forms import AssignForm
from casework.cases.models import Case, CaseStatus
from casework.cases.policy import AlreadyTaken
from casework.cases.views.blueprint import blueprint, is_sent
from casework.database import attempt, now
from casework.people import queries as people
from casework.security import Actor, allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input


@blueprint.route("/cases/<ref:ref>/assign", methods=["GET", "POST"])
@allow("case:assign")
@keeps_input
def assign(ref: str) -> Response:
    """Hand a case to a colleague, who sees it at once, or back to the team."""
    actor = current_actor()
    case = queries.get_assignable(actor, ref)
    names = {
        member.account_id: member.account.display_name for member in accounts.colleagues(actor)
    }
    form = AssignForm()
    form.offer((key, name) for key, name in names.items() if key != case.owner_id)
    if is_sent() and form.validate() and perform(form, _hand_over, actor, case, form):
        flash(_told(case, names), "success")
        return _leave(actor, case)
    if form.version.data != case.version:
        form.version.data = case.version
    return render(
        "cases/assign.html",
        case=case,
        form=form,
        owner=names.get(case.owner_id) if case.owner_id else None,
        is_mine=case.owner_id == actor.id,
        is_open=case.status is CaseStatus.OPEN,
    )


@blueprint.post("/cases/<ref:ref>/take")
@allow("case:assign")
def take(ref: str) -> Response:
    """Take a case that nobody has."""
    actor = current_actor()
    case = queries.get_assignable(actor, ref)
    try:
        with attempt():
            services.take(actor, case)
    except AlreadyTaken as refusal:
        flash(str(refusal.message), "warning")
        return redirect(url_for("desk.my_day"))
    flash(_("You look after %(ref)s now.", ref=ref), "success")
    return redirect(url_for("desk.case_page", ref=ref))


def _hand_over(actor: Actor, case: Case, form: AssignForm) -> Case:
    return services.assign(actor, case, owner_id=form.owner_id(), version=form.version.data)


def _told(case: Case, names: dict[uuid.UUID, str]) -> str:
    if case.owner_id is None:
        return str(_("%(ref)s waits for somebody of the team to take it.", ref=case.ref))
    return str(_("%(name)s looks after %(ref)s now.", name=names[case.owner_id], ref=case.ref))


def _leave(actor: Actor, case: Case) -> Response:
    """Go on to the case, or to My day when it is no longer ours to see."""
    if people.has_access(actor, case.person_id, now()):
        return redirect(url_for("desk.case_page", ref=case.ref))
    return redirect(url_for("desk.my_day"))
