"""Keeping a place on a waiting list by calling the agency: planned, done and ended with its answers."""

from datetime import datetime, timedelta

from casework.audit import services as audit
from casework.database import StaleVersion, flush, now
from casework.extensions import db
from casework.followups import queries
from casework.followups.list_days import next_call
from casework.followups.list_models import ListCall, ListCallEnd, ListCallState
from casework.followups.models import Rung
from casework.referrals import listing
from casework.referrals.models import CallEvery, Referral, ReferralEvent, ReferralState, Remark
from casework.referrals.policy import Who, who_is
from casework.referrals.services.patience import office_of
from casework.security import Actor

# Whoever speaks to the agency so long before the call is due has made it.
EARLY = timedelta(hours=4)
# Nobody answered: the next try.
AGAIN_AFTER = timedelta(hours=1)
ENDS: dict[ReferralState, ListCallEnd] = {
    ReferralState.ACCEPTED: ListCallEnd.PLACE_HELD,
    ReferralState.DECLINED: ListCallEnd.DECLINED,
    ReferralState.EXPIRED: ListCallEnd.EXPIRED,
    ReferralState.WITHDRAWN: ListCallEnd.WITHDRAWN,
    ReferralState.RECALLED: ListCallEnd.RECALLED,
}


def keep_on_list(referral: Referral, *, event: ReferralEvent, actor: Actor, **_: object) -> None:
    """Plan the call that keeps the place, take the one just made as done, or end it with the list.

    In the transaction of the answer, which holds the request: two who record one call plan one.
    """
    call = queries.planned_list_call(referral.service_id, referral.id)
    if not listing.is_ours_to_call(referral):
        if call is not None:
            _end(call, referral, _why(referral, event))
        return
    if call is None:
        _plan(referral)
    elif call.call_every is not referral.call_every:
        _end(call, referral, ListCallEnd.CHANGED)
        _plan(referral)
    elif _is_this_call(event, actor) and call.due_at - EARLY <= now():
        _close(call, ListCallState.DONE)
        call.done_by = actor.id
        _record(actor, call, referral)
        _plan(referral)


def note_no_answer(actor: Actor, call: ListCall, *, version: int | None = None) -> ListCall:
    """Note that nobody at the agency answered: tried again within its hours, and overdue after them.

    Raises StaleVersion for a page on which the call stood otherwise.
    """
    if version is not None and version != call.version:
        raise StaleVersion
    again = now() + AGAIN_AFTER
    call.tries += 1
    call.version += 1
    if call.due_at < again < call.latest_at:
        call.due_at = again
        _prompt_again(call)
    audit.record(
        actor,
        "case:list_call:tried",
        call,
        subjects=(call.case.person_id,),
        detail={"tries": call.tries},
    )
    return call


def _prompt_again(call: ListCall) -> None:
    """Let whoever has it hear of the next try, unless the team hears of it first."""
    if call.rung == Rung.TEAM and call.wake_at is not None and call.due_at < call.wake_at:
        call.rung, call.wake_at = Rung.OWNER, call.due_at


def _is_this_call(event: ReferralEvent, actor: Actor) -> bool:
    """Tell whether the word came over the telephone that keeps the place, and not from the agency."""
    is_word = event.remark is Remark.STILL_LISTED and not event.is_undo
    return is_word and who_is(actor) is Who.NAVIGATOR


def _plan(referral: Referral) -> None:
    every = referral.call_every or CallEvery.DAY
    span = next_call(office_of(referral), every, now())
    call = ListCall(
        service_id=referral.service_id,
        case_id=referral.case_id,
        referral_id=referral.id,
        state=ListCallState.PLANNED,
        call_every=every,
        due_at=span.opens_at,
        latest_at=span.closes_at,
        rung=Rung.OWNER,
        wake_at=span.opens_at,
        created_at=now(),
    )
    db.session.add(call)
    flush()
    _record(Actor.system(referral.service_id), call, referral)


def _end(call: ListCall, referral: Referral, reason: ListCallEnd) -> None:
    _close(call, ListCallState.ENDED)
    call.end_reason = reason
    _record(Actor.system(referral.service_id), call, referral)


def _close(call: ListCall, state: ListCallState) -> None:
    call.state = state
    call.ended_at = now()
    call.version += 1
    # One is planned at a time: the wall in the database sees this one end before the next begins.
    flush()


def _why(referral: Referral, event: ReferralEvent) -> ListCallEnd:
    if event.is_undo:
        return ListCallEnd.TAKEN_BACK
    return ENDS.get(referral.state, ListCallEnd.CHANGED)


def _record(actor: Actor, call: ListCall, referral: Referral) -> None:
    detail: dict[str, str | datetime] = {}
    if call.end_reason is not None:
        detail["reason"] = call.end_reason.value
    audit.record(
        actor,
        f"case:list_call:{call.state.value}",
        call,
        subjects=(referral.case.person_id,),
        detail=detail or None,
    )
