"""Planning the next time we reach out: the series at the end of a contact, and calls of their own."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from casework import people
from casework.audit import services as audit
from casework.cases.models import Case, CaseStatus
from casework.database import now
from casework.extensions import db
from casework.followups import policy, queries, reasons, rules, safe_time
from casework.followups.models import CancelReason, FollowUp, FollowUpKind, FollowUpState
from casework.followups.policy import ContactCode
from casework.followups.refusals import (
    AfterConsentEnds,
    CallsNotAgreed,
    NoLongerPlanned,
    NotToBeCalled,
    OutsideAgreedHours,
    PastDueTime,
)
from casework.followups.services.endings import end
from casework.followups.services.windows import Reading, read_plan, replan_windows
from casework.people.plan_checks import check_callable
from casework.security import Actor

# A time typed while the minute passes is still now.
GRACE = timedelta(minutes=1)


def plan_series(actor: Actor, case: Case) -> list[FollowUp]:
    """Plan the call-backs of a case from its needs, inside the agreed hours (domain.md section 4).

    Gives none without consent to call back. Stops where that consent ends. Raises NoWayToReach,
    NoTimeAgreed or NotToBeCalled when a call could never be made (R11). A former series is replaced.
    """
    reading = read_plan(actor, case, purpose="plan_call")
    if reading.consent_until is None:
        return []
    _check_can_ever_call(case, reading)
    for former in queries.planned_for(case.id, FollowUpKind.CALL_BACK):
        if former.series in rules.NAMES:
            end(actor, former, FollowUpState.CANCELLED, CancelReason.SUPERSEDED)
    series = queries.series_of_case(case)
    steps = policy.plan_steps(
        series,
        reading.plan,
        start=now(),
        consent_until=reading.consent_until,
        office=reading.office,
        taken=taken_moments(actor, case),
    )
    return [
        add_follow_up(
            actor,
            case,
            reading,
            kind=FollowUpKind.CALL_BACK,
            due_at=step.due_at,
            latest_at=step.latest_at,
            series=series.name,
            step=step.number,
            max_attempts=series.max_attempts,
        )
        for step in steps
    ]


def taken_moments(actor: Actor, case: Case, *, but: FollowUp | None = None) -> list[datetime]:
    """List when the person of a case, or whoever shares their number, is to be called (R33)."""
    sharers = people.services.open_sharers(actor, case.person)
    ids = {case.person_id, *(sharer.id for sharer in sharers)}
    return queries.call_moments(ids, but=but.id if but else None)


def plan_call_back(
    actor: Actor,
    case: Case,
    *,
    local_day: date,
    local_time: time,
    kind: FollowUpKind = FollowUpKind.CALL_BACK,
    latest_at: datetime | None = None,
    referral_id: UUID | None = None,
    assigned_to: UUID | None = None,
) -> FollowUp:
    """Plan one call at a time on the person's own clock, inside the agreed hours (R10, R11).

    Raises PastDueTime, OutsideAgreedHours, NotToBeCalled, CallsNotAgreed, AfterConsentEnds, and
    NoWayToReach or NoTimeAgreed of people.plan_checks.
    """
    reading = read_plan(actor, case, purpose="plan_call")
    _check_can_ever_call(case, reading)
    due_at = agreed_moment(reading, local_day, local_time)
    return add_follow_up(
        actor,
        case,
        reading,
        kind=kind,
        due_at=due_at,
        latest_at=latest_at or policy.deadline_of_one_off(reading.plan, due_at),
        series=policy.ONE_OFF,
        max_attempts=queries.series_of_case(case).max_attempts,
        referral_id=referral_id,
        assigned_to=assigned_to,
        is_agreed=True,
    )


def move(actor: Actor, follow_up: FollowUp, *, local_day: date, local_time: time) -> FollowUp:
    """Move a planned call to another agreed time; raises as plan_call_back, or NoLongerPlanned."""
    follow_up = locked_planned(follow_up)
    reading = read_plan(actor, follow_up.case, purpose="plan_call")
    due_at = agreed_moment(reading, local_day, local_time)
    # What was agreed aloud is overdue when its own agreed hours end, whatever its step allows.
    if follow_up.kind is FollowUpKind.CALL_BACK:
        follow_up.latest_at = policy.deadline_of_one_off(reading.plan, due_at)
    follow_up.is_agreed = True
    return place_at(actor, follow_up, reading, due_at)


def place_at(actor: Actor, follow_up: FollowUp, reading: Reading, due_at: datetime) -> FollowUp:
    """Put a planned follow-up at a moment; a task to tell keeps the deadline that comes from outside."""
    zone = reading.plan.time_zone
    follow_up.time_zone = zone
    follow_up.local_wall = safe_time.wall_of(due_at, zone)
    follow_up.due_at = due_at
    if follow_up.kind is FollowUpKind.CALL_BACK:
        deadline = policy.deadline_of_one_off(reading.plan, due_at)
        follow_up.latest_at = max(follow_up.latest_at, deadline)
    follow_up.version += 1
    replan_windows(actor, follow_up, reading=reading)
    audit.record(actor, "case:followup:moved", follow_up, subjects=(follow_up.case.person_id,))
    return follow_up


def add_follow_up(
    actor: Actor,
    case: Case,
    reading: Reading,
    *,
    kind: FollowUpKind,
    due_at: datetime,
    latest_at: datetime,
    series: str,
    step: int = 1,
    max_attempts: int = policy.STANDARD.max_attempts,
    referral_id: UUID | None = None,
    assigned_to: UUID | None = None,
    is_agreed: bool = False,
) -> FollowUp:
    """Write a follow-up with its window and reminder; whoever owns the case has it unless named."""
    follow_up = FollowUp(
        service_id=case.service_id,
        case_id=case.id,
        referral_id=referral_id,
        kind=kind,
        series=series,
        step=step,
        state=FollowUpState.SCHEDULED,
        assigned_to=assigned_to,
        local_wall=safe_time.wall_of(due_at, reading.plan.time_zone),
        time_zone=reading.plan.time_zone,
        due_at=due_at,
        latest_at=latest_at,
        max_attempts=max_attempts,
        is_agreed=is_agreed,
        attempts=0,
        version=1,
        created_at=now(),
        windows_read_at=now(),
    )
    db.session.add(follow_up)
    db.session.flush()
    replan_windows(actor, follow_up, reading=reading)
    audit.record(actor, "case:followup:planned", follow_up, subjects=(case.person_id,))
    return follow_up


def agreed_moment(reading: Reading, local_day: date, local_time: time) -> datetime:
    """Give a time on the person's clock as a moment, or refuse it: past, not agreed, after consent."""
    # A year that no clock reaches is a slip of the hand; it is refused before it is computed.
    if local_day.year >= safe_time.NO_END.year:
        raise AfterConsentEnds
    if local_day.year < safe_time.ALWAYS[0].opens_at.year:
        raise PastDueTime
    due_at = safe_time.local_to_utc(local_day, local_time, reading.plan.time_zone)
    if due_at < now() - GRACE:
        raise PastDueTime
    if reading.consent_until is None:
        raise CallsNotAgreed
    if due_at >= reading.consent_until:
        raise AfterConsentEnds
    status = reading.status(due_at)
    if status.code is ContactCode.LATER and status.opens_at is not None:
        why = reasons.of_moment(reading.plan, due_at)
        raise OutsideAgreedHours.next_is(status.opens_at, reading.plan.time_zone, why)
    if status.code not in (ContactCode.WITHIN, ContactCode.WILL_CALL_US):
        raise NotToBeCalled
    return due_at


def locked_planned(follow_up: FollowUp) -> FollowUp:
    """Lock a follow-up that is still to come; raise NoLongerPlanned when it no longer is."""
    locked = queries.lock(follow_up.id)
    if (
        locked is None
        or locked.state is not FollowUpState.SCHEDULED
        or locked.case.status is not CaseStatus.OPEN
    ):
        raise NoLongerPlanned
    return locked


def _check_can_ever_call(case: Case, reading: Reading) -> None:
    """Refuse to plan what could never be called (R11)."""
    if case.status is not CaseStatus.OPEN:
        raise NoLongerPlanned
    if reading.plan.is_unsafe:
        raise NotToBeCalled
    person = case.person
    has_way = any((person.phone, person.email, person.handle))
    check_callable(reading.plan, has_way=has_way)
