"""Making the call: before dialling, and who was reached; the case stays hidden until identity (R13)."""

from datetime import date, datetime, time

from casework import people
from casework.audit import services as audit
from casework.cases import services as cases
from casework.cases.models import Case, EventKind
from casework.database import flush, now
from casework.extensions import db
from casework.followups import policy, queries, reasons, rules
from casework.followups.models import (
    Attempt,
    AttemptResult,
    FollowUp,
    FollowUpState,
    OverrideReason,
)
from casework.followups.refusals import (
    CallIsOver,
    CallsNotAgreed,
    IdentityFirst,
    NotToBeCalled,
    OutsideAgreedHours,
    SomebodyIsCalling,
    VoicemailNever,
)
from casework.followups.services import planning
from casework.followups.services.endings import end
from casework.followups.services.windows import Reading, read_plan, replan_windows
from casework.people.models import IdentityMeans, VoicemailRule, WhenToCall
from casework.security import Actor


def start_call(
    actor: Actor, follow_up: FollowUp, *, override_reason: OverrideReason | None = None
) -> Attempt:
    """Begin to dial: one open attempt for each follow-up, and only within the agreed hours (R10).

    Outside them only with a reason, which is audited, and never when the person will call us, the
    number is not safe or consent is missing. Raises NoLongerPlanned, SomebodyIsCalling,
    OutsideAgreedHours, NotToBeCalled or CallsNotAgreed.
    """
    follow_up = planning.locked_planned(follow_up)
    at = now()
    reading = read_plan(actor, follow_up.case)
    under_way = queries.open_attempt(follow_up)
    if under_way is not None:
        if under_way.by_account == actor.id:
            return under_way
        if at - under_way.started_at < policy.CALL_LEASE:
            raise SomebodyIsCalling
        under_way.ended_at = at
        flush()
    is_override = _check_may_dial(reading, at, override_reason)
    attempt = Attempt(
        service_id=follow_up.service_id,
        follow_up_id=follow_up.id,
        case_id=follow_up.case_id,
        by_account=actor.id,
        started_at=at,
        override_reason=override_reason if is_override else None,
    )
    db.session.add(attempt)
    flush()
    audit.record(
        actor,
        "followup:call:overridden" if is_override else "followup:call:started",
        attempt,
        subjects=(follow_up.case.person_id,),
        detail={"reason": override_reason.value} if is_override and override_reason else None,
    )
    return attempt


def record_reach(
    actor: Actor,
    attempt: Attempt,
    *,
    result: AttemptResult,
    code_word: str = "",
    answers: dict[str, str] | None = None,
    rule: policy.ContactRule = policy.ContactRule.KEEP,
    next_day: date | None = None,
    next_time: time | None = None,
) -> Attempt:
    """Record who answered. Reaching the person is true only once identity is confirmed (R13, R32).

    A failed identity step marks the plan unsafe and ends the call. Any other result changes the
    rule if asked, and plans the next try within agreed hours, or gives up after the last one.
    """
    follow_up = planning.locked_planned(attempt.follow_up)
    check_mine(actor, attempt)
    if result is AttemptResult.REACHED_PERSON:
        return _identify(actor, follow_up, attempt, code_word, answers)
    if result is AttemptResult.CODE_WORD_FAILED:
        return _identity_failed(actor, follow_up, attempt)
    reading = read_plan(actor, follow_up.case)
    if (
        result is AttemptResult.VOICEMAIL_LEFT
        and reading.plan.voicemail_rule is VoicemailRule.NEVER
    ):
        raise VoicemailNever
    finish_attempt(actor, follow_up, attempt, result)
    if policy.EFFECTS[result].is_unsafe or rule is policy.ContactRule.NOT_SAFE:
        people.services.mark_unsafe(actor, follow_up.case.person)
    elif rule is policy.ContactRule.WILL_CALL_US:
        _set_will_call(actor, follow_up.case)
    plan_next_try(actor, follow_up, result, next_day=next_day, next_time=next_time)
    return attempt


def drop_call(actor: Actor, attempt: Attempt) -> Attempt:
    """End a call that broke off: it counts for nothing, and the call stays due as it was (R9)."""
    check_mine(actor, attempt)
    attempt.ended_at = now()
    audit.record(
        actor, "followup:call:dropped", attempt, subjects=(attempt.follow_up.case.person_id,)
    )
    return attempt


def plan_next_try(
    actor: Actor,
    follow_up: FollowUp,
    result: AttemptResult,
    *,
    next_day: date | None = None,
    next_time: time | None = None,
) -> None:
    """After an attempt that did not reach the person: give up after the last, else try again (R10)."""
    if policy.gives_up(result, attempts=follow_up.attempts, max_attempts=follow_up.max_attempts):
        end(actor, follow_up, FollowUpState.UNABLE_TO_REACH)
        return
    reading = read_plan(actor, follow_up.case, purpose="plan_call")
    series = queries.series_of_follow_up(follow_up)
    if next_day is not None and next_time is not None:
        moment: datetime | None = planning.agreed_moment(reading, next_day, next_time)
        follow_up.is_agreed = True
    else:
        pause = series.pause if series else None
        moment = reading.next_try(follow_up.kind, now(), pause=pause)
        if rules.lasts_too_long(result, series, since=follow_up.created_at, moment=moment):
            end(actor, follow_up, FollowUpState.UNABLE_TO_REACH)
            return
    if moment is None:
        # Nobody may be called as things stand: the row stays, without a phone button.
        replan_windows(actor, follow_up, reading=reading)
    else:
        planning.place_at(actor, follow_up, reading, moment)


def _check_may_dial(reading: Reading, at: datetime, override_reason: OverrideReason | None) -> bool:
    """Tell whether this call is an override; raise when it may not be made at all."""
    status = reading.status(at)
    if status.is_callable:
        return False
    if status.code is policy.ContactCode.NO_CONSENT:
        raise CallsNotAgreed
    if not status.may_be_overridden:
        raise NotToBeCalled
    if override_reason is None:
        if status.opens_at is None:
            raise NotToBeCalled
        why = reasons.of_moment(reading.plan, at)
        raise OutsideAgreedHours.next_is(status.opens_at, reading.plan.time_zone, why)
    return True


def _identify(
    actor: Actor,
    follow_up: FollowUp,
    attempt: Attempt,
    code_word: str,
    answers: dict[str, str] | None,
) -> Attempt:
    if not code_word.strip() and not answers:
        raise IdentityFirst
    case = follow_up.case
    check = people.services.verify_identity(
        actor, case.person, code_word=code_word, answers=answers
    )
    if check.ok:
        attempt.identity = check.means
        attempt.result = AttemptResult.REACHED_PERSON
        return attempt
    return _identity_failed(actor, follow_up, attempt)


def _identity_failed(actor: Actor, follow_up: FollowUp, attempt: Attempt) -> Attempt:
    """Mark the plan unsafe and end the call: nobody dials again until the plan is made anew (R13)."""
    case = follow_up.case
    attempt.identity = IdentityMeans.FAILED
    people.services.mark_unsafe(actor, case.person)
    cases.record_event(actor, case, EventKind.IDENTITY_FAILED, subject_id=attempt.id)
    finish_attempt(actor, follow_up, attempt, AttemptResult.CODE_WORD_FAILED)
    plan_next_try(actor, follow_up, AttemptResult.CODE_WORD_FAILED)
    return attempt


def finish_attempt(
    actor: Actor, follow_up: FollowUp, attempt: Attempt, result: AttemptResult
) -> None:
    """End an attempt with its result and count it, if it counts."""
    attempt.result = result
    attempt.ended_at = now()
    if policy.EFFECTS[result].counts:
        follow_up.attempts += 1
    follow_up.version += 1
    audit.record(
        actor,
        "followup:call:ended",
        attempt,
        subjects=(follow_up.case.person_id,),
        detail={"result": result.value, "attempts": follow_up.attempts},
    )


def _set_will_call(actor: Actor, case: Case) -> None:
    people.services.change_plan(actor, case.person, plan={"when": WhenToCall.WILL_CALL_US})


def check_mine(actor: Actor, attempt: Attempt) -> None:
    """Refuse to go on with a call that is over, or that somebody else is making."""
    if attempt.ended_at is not None:
        raise CallIsOver
    if attempt.by_account != actor.id:
        raise SomebodyIsCalling
