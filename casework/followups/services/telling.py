"""Telling the person what an agency answered: a task of its own, due before the hold ends (R36)."""

from casework.cases.models import CaseStatus
from casework.database import now
from casework.followups import news, policy, queries
from casework.followups.models import CancelReason, FollowUp, FollowUpKind, FollowUpState
from casework.followups.services.endings import end
from casework.followups.services.planning import add_follow_up
from casework.followups.services.windows import read_plan
from casework.referrals.models import Referral, ReferralEvent, ReferralState, Remark
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
    if _is_news(event, was_told=untold is None):
        plan_to_tell(actor, referral)


def _is_news(event: ReferralEvent, *, was_told: bool) -> bool:
    """Tell whether the person does not know yet how the referral stands."""
    if event.from_state is event.to_state:
        # A remark: the person has heard the state itself, unless nobody has told them yet.
        is_asked_to_call = event.remark is Remark.CALL_US and not event.is_undo
        return event.to_state in news.NEWS and (is_asked_to_call or not was_told)
    is_taken_back = event.is_undo or event.to_state is ReferralState.REQUESTED
    if is_taken_back and was_told:
        return event.from_state in news.NEWS
    return event.to_state in news.NEWS


def plan_to_tell(actor: Actor, referral: Referral) -> FollowUp | None:
    """Plan to tell the person, from now on and before the hold ends; None when the case is closed.

    When no agreed hour is left before that, whoever has the case is alerted at once and the row
    shows red: nothing is shifted silently (R10, R36).
    """
    case, at = referral.case, now()
    if case.status is not CaseStatus.OPEN:
        return None
    # An agency's link acts here too; the plan is read by the system, not by the agency (R28).
    system = Actor.system(case.service_id)
    reading = read_plan(system, case, purpose="tell_person")
    return add_follow_up(
        system,
        case,
        reading,
        kind=FollowUpKind.TELL_PERSON,
        due_at=at,
        latest_at=news.tell_by(
            referral.state, referral.urgency, hold_until=referral.hold_until, at=at
        ),
        series=policy.TELLING,
        max_attempts=policy.CRISIS.max_attempts,
        referral_id=referral.id,
    )
