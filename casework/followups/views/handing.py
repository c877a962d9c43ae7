"""The end of a shift: handing over what one still has, and taking what is due for those who are off."""

from datetime import timedelta
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from casework.accounts import queries as accounts
from casework.accounts import shift_queries
from casework.cases.models import Case
from casework.database import attempt, now
from casework.followups import queries, services
from casework.followups.handing_forms import HandOverForm, hand_over_form_for
from casework.followups.list_models import ListCall
from casework.followups.models import FollowUp
from casework.followups.refusals import SomebodyIsCalling
from casework.followups.services import Handed
from casework.followups.views.door import blueprint, is_sent
from casework.security import Actor, allow, current_actor
from casework.web.forms import perform
from casework.web.pages import render
from casework.web.same_origin import keeps_input

# What the next shift meets before anybody else would look at it.
AHEAD = timedelta(hours=12)


@blueprint.route("/hand-over", methods=["GET", "POST"])
@allow("followup:plan")
@keeps_input
def hand_over() -> Response:
    """Show what one still has in the next hours, and hand it over with a note for each case."""
    actor, at = current_actor(), now()
    planned: list[FollowUp | ListCall] = [
        # First what cannot be made up for: a place is lost with the call that keeps it.
        *queries.list_calls_to_hand_over(actor, at + AHEAD),
        *queries.to_hand_over(actor, at + AHEAD),
    ]
    form = hand_over_form_for(planned)()
    rotas = shift_queries.rotas(actor)
    there = [
        (key, member.account.display_name)
        for key, (member, rota) in rotas.items()
        if key != actor.id and rota.is_on(at)
    ]
    form.offer(there)
    if is_sent() and form.validate():
        gone = perform(form, _hand_over, actor, form)
        if gone:
            flash(_told(gone), "success")
            return redirect(url_for("desk.my_day"), 303)
    mine = rotas[actor.id][1] if actor.id in rotas else None
    off = [key for key, (_member, rota) in rotas.items() if key != actor.id and not rota.is_on(at)]
    others = queries.due_for_others(actor, off, at)
    to_agencies = queries.list_calls_of_others(actor, off, at)
    away: list[FollowUp | ListCall] = [*others, *to_agencies]
    return render(
        "followups/hand_over.html",
        form=form,
        planned=planned,
        turn=mine.turn_at(at) if mine else None,
        others=others,
        to_agencies=to_agencies,
        list_call_ids={task.id for task in (*planned, *away) if isinstance(task, ListCall)},
        names=accounts.names_of(actor, {services.owner_of(task) for task in away}),
        owner_of=services.owner_of,
    )


@blueprint.post("/follow-ups/<uuid:follow_up_id>/take-over")
@allow("followup:plan")
def take_over(follow_up_id: UUID) -> Response:
    """Take a case whose call may be made now, while whoever has it is off shift."""
    actor = current_actor()
    try:
        with attempt():
            case: Case = services.take_over(actor, follow_up_id)
    except SomebodyIsCalling as refusal:
        flash(str(refusal.message), "warning")
        return redirect(url_for("followups.hand_over"), 303)
    flash(_("You look after %(ref)s now.", ref=case.ref), "success")
    return redirect(url_for("desk.case_page", ref=case.ref), 303)


@blueprint.post("/list-calls/<uuid:call_id>/take-over")
@allow("followup:plan")
def take_over_list_call(call_id: UUID) -> Response:
    """Take a case whose call to an agency is due, while whoever has it is off shift."""
    case = services.take_over_list_call(current_actor(), call_id)
    flash(_("You look after %(ref)s now.", ref=case.ref), "success")
    return redirect(url_for("desk.case_page", ref=case.ref), 303)


def _hand_over(actor: Actor, form: HandOverForm) -> int:
    handed = [Handed(task, note) for task, note in form.handed()]
    return services.hand_over(actor, handed, to=form.receiver())


def _told(gone: int) -> str:
    return ngettext("%(num)d case handed over.", "%(num)d cases handed over.", gone)
