"""Making the call: before dialling, and who was reached; the case stays hidden until identity (R13)."""

from datetime import date, datetime, time
from uuid import UUID

from casework import people
from casework.audit import services as audit
from casework.cases import services as cases
from casework.cases.models import Case, EventKind
from casework.database import flush, now
from casework.extensions import db
from casework.followups import consequences, policy, queries, reasons
from casework.followups.models import (
    Attempt,
    AttemptResult,
    CallEnding,
    FollowUp,
    OverrideReason,
)
from casework.followups.refusals import (
    CallsNotAgreed,
    NothingToCompare,
    NotToBeCalled,
    OutsideAgreedHours,
    VoicemailNever,
)
from casework.followups.services import leases, planning
from casework.followups.services.carrying import carry_out, situation_of
from casework.followups.services.leases import check_mine
from casework.followups.services.windows import Reading, read_plan
from casework.people.models import IdentityMeans, VoicemailRule, WhenToCall
from casework.security import Actor


def start_call(
    actor: Actor,
    follow_up: FollowUp,
    *,
    override_reason: OverrideReason | None = None,
    web_session_id: UUID | None = None,
) -> Attempt:
    """Begin to dial: nobody else calls this person or number meanwhile, and only in agreed hours (R10).

    Outside them only with a reason, which is audited, and never when the person will call us, the
    number is not safe or consent is missing. Raises NoLongerPlanned, SomebodyIsCalling,
    NumberInUse, OutsideAgreedHours, NotToBeCalled or CallsNotAgreed.
    """
    follow_up = planning.locked_planned(follow_up)
    at = now()
    reading = read_plan(actor, follow_up.case)
    under_way = queries.open_attempt(follow_up)
    if under_way is not None:
        # Its row before the line, as everywhere: nobody waits in a circle.
        queries.lock_call(under_way)
        if under_way.by_account == actor.id and under_way.ended_at is None:
            leases.renew(actor, under_way, web_session_id=web_session_id)
            return under_way
    is_override = _check_may_dial(reading, at, override_reason)
    leases.hold_line(actor, follow_up.case.person)
    if under_way is not None and under_way.ended_at is None:
        leases.end_without_result(actor, under_way, CallEnding.LAPSED)
        flush()
    attempt = Attempt(
        service_id=follow_up.service_id,
        follow_up_id=follow_up.id,
        case_id=follow_up.case_id,
        by_account=actor.id,
        started_at=at,
        alive_until=at + policy.CALL_LEASE,
        web_session_id=web_session_id,
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
    reading = read_plan(actor, follow_up.case, purpose="plan_call")
    if (
        result is AttemptResult.VOICEMAIL_LEFT
        and reading.plan.voicemail_rule is VoicemailRule.NEVER
    ):
        raise VoicemailNever
    rule = consequences.rule_after(result, rule)
    chosen: datetime | None = None
    if next_day is not None and next_time is not None and rule is policy.ContactRule.KEEP:
        chosen = planning.agreed_moment(reading, next_day, next_time)
    _without_the_person(actor, follow_up, attempt, reading, result, rule, chosen)
    return attempt


def drop_call(actor: Actor, attempt: Attempt) -> Attempt:
    """End a call that broke off: it counts for nothing, and the call stays due as it was (R9)."""
    check_mine(actor, attempt)
    leases.end_without_result(actor, attempt, CallEnding.DROPPED)
    return attempt


def _without_the_person(
    actor: Actor,
    follow_up: FollowUp,
    attempt: Attempt,
    reading: Reading,
    result: AttemptResult,
    rule: policy.ContactRule = policy.ContactRule.KEEP,
    chosen: datetime | None = None,
) -> None:
    """End an attempt that did not reach the person, and do to the plan what its page has shown."""
    situation = situation_of(follow_up, reading)
    consequence = consequences.after_attempt(situation, result, rule, chosen=chosen)
    finish_attempt(actor, follow_up, attempt, result)
    if consequence.rule is policy.ContactRule.NOT_SAFE:
        people.services.mark_unsafe(actor, follow_up.case.person)
    elif consequence.rule is policy.ContactRule.WILL_CALL_US:
        _set_will_call(actor, follow_up.case)
    after = read_plan(actor, follow_up.case, purpose="plan_call")
    carry_out(actor, follow_up.case, consequence, reading=after)


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
        raise NothingToCompare
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
    cases.record_event(actor, case, EventKind.IDENTITY_FAILED, subject_id=attempt.id)
    reading = read_plan(actor, case, purpose="plan_call")
    _without_the_person(actor, follow_up, attempt, reading, AttemptResult.CODE_WORD_FAILED)
    return attempt


def finish_attempt(
    actor: Actor, follow_up: FollowUp, attempt: Attempt, result: AttemptResult
) -> None:
    """End an attempt with its result; whether it counts is the consequence's to say."""
    attempt.result = result
    attempt.ended_at = now()
    follow_up.version += 1
    counts = policy.EFFECTS[result].counts
    audit.record(
        actor,
        "followup:call:ended",
        attempt,
        subjects=(follow_up.case.person_id,),
        detail={"result": result.value, "attempts": follow_up.attempts + counts},
    )


def _set_will_call(actor: Actor, case: Case) -> None:
    people.services.change_plan(
        actor, case.person, plan={"when": WhenToCall.WILL_CALL_US}, is_safe_again=False
    )
