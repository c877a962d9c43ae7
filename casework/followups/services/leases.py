"""A call blocks all others to its person and number: taken, kept, handed on, left, freed (R33).

start   locks every person on the number in one order, looks again, and only then writes the call
keep    the page says that it is still there; what has lapsed is taken anew, or is somebody else's
leave   the page went away: the next step of the same call has a moment to open, then it is free
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from casework import people
from casework.audit import services as audit
from casework.database import now
from casework.extensions import db
from casework.followups import policy, queries
from casework.followups.models import Attempt, CallEnding, FreeReason
from casework.followups.refusals import CallIsOver, NumberInUse, SomebodyIsCalling
from casework.people.models import Person
from casework.security import Actor


def hold_line(actor: Actor, person: Person, *, but: Attempt | None = None) -> None:
    """Let nobody else begin a call to this person or number until the commit; refuse when one runs.

    Raises SomebodyIsCalling for this person, and NumberInUse when it is somebody else on the same
    number: only here, at the moment of dialling, and without saying who or in which case (R33).
    """
    sharers = people.services.open_sharers(actor, person)
    ids = [person.id, *(sharer.id for sharer in sharers)]
    for person_id in sorted(ids):
        _wait_for_turn(actor.service_id, person_id)
    at = now()
    if queries.call_to_any([person.id], at, but=but) is not None:
        raise SomebodyIsCalling
    if queries.call_to_any(ids, at, but=but) is not None:
        raise NumberInUse


def keep_call(actor: Actor, attempt: Attempt, *, web_session_id: UUID | None = None) -> None:
    """Note that the page of a call is still open, so that the call goes on blocking others.

    What had lapsed meanwhile is taken anew. Raises CallIsOver, SomebodyIsCalling or NumberInUse.
    """
    _take_further(actor, attempt, policy.BEATING_LEASE, web_session_id)


def renew(actor: Actor, attempt: Attempt, *, web_session_id: UUID | None = None) -> None:
    """Note that a form of a call was sent: enough for a page without scripts to go on (R10)."""
    _take_further(actor, attempt, policy.CALL_LEASE, web_session_id)


def page_left(actor: Actor, attempt: Attempt) -> None:
    """Note that the page of a call went away; unless its next step opens soon, the call is free."""
    check_mine(actor, attempt)
    attempt.alive_until = min(attempt.alive_until, now() + policy.NEXT_STEP_OPENS_WITHIN)


def leave_call(actor: Actor, attempt: Attempt) -> None:
    """End a call that was never made: it counts for nothing, and what was planned stays due."""
    check_mine(actor, attempt)
    end_without_result(actor, attempt, CallEnding.LEFT)


def free_call(actor: Actor, attempt: Attempt, *, reason: FreeReason) -> None:
    """End somebody else's call that got stuck, for a reason that is audited with who held it."""
    end_without_result(actor, attempt, CallEnding.FREED, reason=reason.value)


def end_without_result(
    actor: Actor, attempt: Attempt, ending: CallEnding, *, reason: str | None = None
) -> None:
    """End a call that has no result, and record who ended it how."""
    attempt.ended_at = now()
    attempt.ending = ending
    audit.record(
        actor,
        f"followup:call:{ending.value}",
        attempt,
        subjects=(attempt.follow_up.case.person_id,),
        detail=None if reason is None else {"reason": reason},
    )


def check_mine(actor: Actor, attempt: Attempt) -> None:
    """Refuse to go on with a call that is over, or that somebody else is making."""
    if attempt.ended_at is not None:
        raise CallIsOver
    if attempt.by_account != actor.id:
        raise SomebodyIsCalling


def _take_further(
    actor: Actor, attempt: Attempt, lease: timedelta, web_session_id: UUID | None
) -> None:
    queries.lock_call(attempt)
    check_mine(actor, attempt)
    at, person = now(), attempt.follow_up.case.person
    is_lapsed = attempt.alive_until <= at or attempt.web_session_id != web_session_id
    # A locked screen frees its call without a trace: after it, another may have begun.
    if is_lapsed or queries.is_being_called(person.id, at, but=attempt):
        hold_line(actor, person, but=attempt)
        attempt.web_session_id = web_session_id
    attempt.alive_until = at + lease


def _wait_for_turn(service_id: UUID, person_id: UUID) -> None:
    """Take a lock of this transaction on one person; the next statement sees what others committed."""
    key = f"call:{service_id}:{person_id}"
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
