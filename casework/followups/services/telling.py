"""Telling the person what an agency answered: a task of its own, due before the hold ends (R36)."""

from datetime import datetime
from uuid import UUID

from casework.cases.models import CaseStatus
from casework.database import now
from casework.followups import news, policy, queries
from casework.followups.models import CancelReason, FollowUp, FollowUpKind, FollowUpState
from casework.followups.services.endings import end
from casework.followups.services.planning import add_follow_up, place_at
from casework.followups.services.windows import Reading, read_plan
from casework.referrals import policy as referral_policy
from casework.referrals import queries as referral_queries
from casework.referrals.models import Referral, ReferralEvent, ReferralState, Remark
from casework.referrals.services import Telling
from casework.security import Actor


def referral_has_changed(
    referral: Referral, *, event: ReferralEvent, actor: Actor, **_: object
) -> None:
    """Plan to tell the person when an agency answers, or takes back what they were told (R36)."""
    if event.remark is Remark.STILL_LISTED:
        # No news: what is to be told of the list stays due when it was, however often it is said.
        return
    untold = queries.planned_telling(referral.id)
    if untold is not None:
        end(actor, untold, FollowUpState.CANCELLED, CancelReason.SUPERSEDED)
    if _is_news(referral, event, was_told=untold is None):
        plan_to_tell(actor, referral)
    if event.from_state is not event.to_state:
        _weigh_refusals(referral, event)


def _is_news(referral: Referral, event: ReferralEvent, *, was_told: bool) -> bool:
    """Tell whether the person does not know yet how the referral stands."""
    if event.remark is Remark.CALL_US and (was_told or not event.is_undo):
        # Whatever the state: they are to call the agency, or no longer are.
        return True
    if event.from_state is event.to_state:
        # A remark: the person has heard the state itself, unless nobody has told them yet.
        return not was_told and (event.to_state in news.NEWS or referral.wants_person_to_call)
    is_taken_back = event.is_undo or event.to_state is ReferralState.REQUESTED
    if is_taken_back and was_told:
        return event.from_state in news.NEWS
    return event.to_state in news.NEWS


def plan_to_tell(actor: Actor, referral: Referral) -> FollowUp | None:
    """Plan to tell the person, from now on and before the hold ends; None when the case is closed.

    When no agreed hour is left before that, whoever has the case is alerted at once and the row
    shows red: nothing is shifted silently (R10, R36). A refusal is put off while another request
    for the same need is open: it decides nothing yet, and is told with what is decided.
    """
    case, due_at = referral.case, now()
    if case.status is not CaseStatus.OPEN:
        return None
    # An agency's link acts here too; the plan is read by the system, not by the agency (R28).
    system = Actor.system(case.service_id)
    reading = read_plan(system, case, purpose="tell_person")
    if referral.state is ReferralState.DECLINED and referral_queries.is_another_open(referral):
        due_at = _put_off(reading, referral) or due_at
    return add_follow_up(
        system,
        case,
        reading,
        kind=FollowUpKind.TELL_PERSON,
        due_at=due_at,
        latest_at=news.tell_by(
            referral.state, referral.urgency, hold_until=referral.hold_until, at=due_at
        ),
        series=policy.TELLING,
        max_attempts=policy.CRISIS.max_attempts,
        referral_id=referral.id,
    )


def telling_of(referral_id: UUID) -> Telling | None:
    """Give the call that is to tell of a referral, and from when it may be made (R10)."""
    planned = queries.planned_telling(referral_id)
    if planned is None:
        return None
    opens_at = planned.window_opens_at
    return Telling(planned.id, max(opens_at, planned.due_at) if opens_at else None)


def _weigh_refusals(referral: Referral, event: ReferralEvent) -> None:
    """Put off what other agencies refused while this one is asked; bring it forward when it ends.

    What is put off comes up by itself in time: two agencies that answer in the same moment cannot
    make each other’s refusal be forgotten. Who has arrived at one place needs no refusal of another.
    """
    before, after = event.from_state, event.to_state
    has_arrived = after is ReferralState.CONFIRMED
    has_begun = referral_policy.is_asked(after) and not referral_policy.is_asked(before)
    # A refusal is told for itself, as the last one; one that waited its turn may end so as well.
    is_over = referral_policy.is_open(before) and not referral_policy.is_open(after)
    has_ended = is_over and after is not ReferralState.DECLINED
    if not (has_begun or has_ended) or referral.case.status is not CaseStatus.OPEN:
        return
    if has_ended and not has_arrived and referral_queries.is_another_open(referral):
        return
    system = Actor.system(referral.service_id)
    for untold in queries.untold_refusals(referral.need_id, but=referral.id):
        if has_arrived:
            end(system, untold, FollowUpState.CANCELLED, CancelReason.SUPERSEDED)
        elif queries.open_attempt(untold) is None and not untold.is_agreed:
            _put(system, untold, referral, is_off=has_begun)


def _put(system: Actor, untold: FollowUp, referral: Referral, *, is_off: bool) -> None:
    """Let a refusal be told later, or now; what is tried again soon anyway is left as it is."""
    at = now()
    if not is_off and untold.due_at <= at + policy.RETRY_AFTER[FollowUpKind.TELL_PERSON]:
        return
    reading = read_plan(system, referral.case, purpose="tell_person")
    due_at = _put_off(reading, referral) if is_off else at
    if due_at is None or (is_off and untold.due_at >= due_at):
        return
    locked = queries.lock(untold.id)
    if locked is None or locked.state is not FollowUpState.SCHEDULED:
        return
    locked.latest_at = due_at + news.TELL_WITHIN[referral.urgency]
    place_at(system, locked, reading, due_at)


def _put_off(reading: Reading, referral: Referral) -> datetime | None:
    at = now()
    until = reading.consent_until or at
    return news.put_off(reading.plan, referral.urgency, at=at, until=until)
