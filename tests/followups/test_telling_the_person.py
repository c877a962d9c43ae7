"""An agency's answer is only half: the person is told before the hold ends, within agreed hours (R36)."""

from datetime import timedelta
from typing import Any

from casework import people, referrals
from casework.cases.models import Case, Reason, Source
from casework.directory.needs import NeedCode
from casework.followups import queries, services
from casework.followups.models import CancelReason, FollowUpKind, FollowUpState, ReminderStatus
from casework.notices.models import NoticeKind
from casework.people.models import Purpose
from casework.people.services import ConsentAnswer
from casework.referrals.models import Referral, ReferralState
from tests.followups import lanes
from tests.followups.scenes import at, case_of, deliver_all, notices_about, reminders_of


def asked(world: Any, case: Case) -> Referral:
    """Ask the shelter for a place; the person agreed to that."""
    actor = world.amina.actor
    share = ConsentAnswer(Purpose.SHARE_WITH_PARTNER, True, category=NeedCode.SHELTER)
    people.services.record_consents(actor, case.person, [share])
    shelter = world.organization("Foyer du Pont")
    return referrals.services.send(
        actor, case, case.needs[0], organization_id=shelter.id, urgency="urgent", details={}
    )


def asked_again(world: Any, case: Case) -> Referral:
    """Ask another shelter for the same need; the consent by need covers it."""
    shelter = world.organization("Bridge House")
    return referrals.services.send(
        world.amina.actor,
        case,
        case.needs[0],
        organization_id=shelter.id,
        urgency="urgent",
        details={},
    )


def answer(world: Any, referral: Referral, to: ReferralState, **more: Any) -> None:
    """Record what the shelter said on the phone."""
    referrals.services.answer(
        world.amina.actor, referral, to=to, source=Source.PARTNER_CONFIRMED, **more
    )


def shelter_case(world: Any, **more: Any) -> Case:
    """Open a case of somebody who needs a place tonight."""
    return case_of(world.amina.actor, needs=[NeedCode.SHELTER], **more)


def to_tell(case: Case) -> list[Any]:
    """List what is still to be told."""
    return queries.planned_for(case.id, FollowUpKind.TELL_PERSON)


def test_a_place_held_becomes_a_task_due_before_the_hold_ends(world: Any, clock: Any) -> None:
    clock.freeze(at(24, 9, 30))
    case = shelter_case(world)
    hold = at(24, 13)
    answer(world, asked(world, case), ReferralState.ACCEPTED, hold_until=hold)
    [telling] = to_tell(case)
    assert telling.latest_at == hold
    assert lanes.callable_now(world.amina.actor, at(24, 9, 30))[0] == telling
    assert deliver_all(world.amina.service_id) == [ReminderStatus.SHOWN]
    assert [n.kind for n in notices_about(telling)] == [NoticeKind.TELL_PERSON]


def test_when_no_agreed_hour_is_left_before_the_hold_ends_a_human_is_alerted_at_once(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(24, 15))
    case = shelter_case(world)
    answer(world, asked(world, case), ReferralState.ACCEPTED, hold_until=at(24, 18))
    [telling] = to_tell(case)
    assert [n.kind for n in notices_about(telling)] == [NoticeKind.NO_SAFE_WINDOW]
    assert lanes.no_window(world.amina.actor, at(24, 15)) == [telling]
    assert lanes.callable_now(world.amina.actor, at(24, 15)) == []
    # Told once, however often it is looked at again.
    services.replan_windows(world.amina.actor, telling)
    deliver_all(world.amina.service_id)
    assert len(notices_about(telling)) == 1


def test_a_hold_that_is_extended_gives_the_task_its_new_deadline(world: Any, clock: Any) -> None:
    clock.freeze(at(24, 15))
    case = shelter_case(world)
    referral = asked(world, case)
    answer(world, referral, ReferralState.ACCEPTED, hold_until=at(24, 18))
    referrals.services.extend_hold(world.amina.actor, referral, hold_until=at(25, 12))
    [telling] = to_tell(case)
    assert telling.latest_at == at(25, 12)
    assert lanes.no_window(world.amina.actor, at(24, 15)) == []


def test_a_refusal_is_told_too(world: Any, clock: Any) -> None:
    clock.freeze(at(24, 9, 30))
    case = shelter_case(world)
    answer(world, asked(world, case), ReferralState.DECLINED, reason=Reason.NO_CAPACITY)
    [telling] = to_tell(case)
    assert telling.latest_at == at(24, 9, 30) + timedelta(hours=24)


def test_a_held_place_is_told_before_an_older_refusal(world: Any, clock: Any) -> None:
    clock.freeze(at(24, 9, 30))
    case = shelter_case(world)
    answer(world, asked(world, case), ReferralState.DECLINED, reason=Reason.NO_CAPACITY)
    clock.freeze(at(24, 9, 40))
    held = asked_again(world, case)
    answer(world, held, ReferralState.ACCEPTED, hold_until=at(24, 13))
    first = queries.next_for(world.amina.actor, case)
    assert first is not None
    assert first.referral_id == held.id
    assert lanes.callable_now(world.amina.actor, at(24, 9, 40))[0] == first


def test_an_answer_taken_back_before_it_was_told_leaves_nothing_to_tell(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(24, 9, 30))
    case = shelter_case(world)
    referral = asked(world, case)
    answer(world, referral, ReferralState.ACCEPTED, hold_until=at(24, 18))
    [telling] = to_tell(case)
    referrals.services.undo(world.amina.actor, referral)
    assert to_tell(case) == []
    assert telling.cancel_reason is CancelReason.SUPERSEDED


def test_an_answer_taken_back_after_it_was_told_is_news_again(world: Any, clock: Any) -> None:
    clock.freeze(at(24, 9, 30))
    case = shelter_case(world)
    referral = asked(world, case)
    answer(world, referral, ReferralState.ACCEPTED, hold_until=at(24, 18))
    services.mark_told(world.amina.actor, to_tell(case)[0])
    assert to_tell(case) == []
    referrals.services.undo(world.amina.actor, referral)
    assert len(to_tell(case)) == 1


def test_who_will_call_us_is_told_when_they_call_and_the_end_of_the_hold_alerts_a_human(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(24, 9, 30))
    case = shelter_case(world, when="will_call_us", windows=[])
    answer(world, asked(world, case), ReferralState.ACCEPTED, hold_until=at(24, 18))
    [telling] = to_tell(case)
    assert reminders_of(telling, ReminderStatus.SCHEDULED) == []
    assert lanes.waiting_for_call(world.amina.actor, at(24, 10), at(25, 0)) == [telling]
    assert [n.kind for n in notices_about(telling)] == [NoticeKind.NO_SAFE_WINDOW]
    services.mark_told(world.amina.actor, telling)
    assert telling.state is FollowUpState.COMPLETED


def test_ending_calls_cancels_the_task_and_leaves_the_place_held(world: Any, clock: Any) -> None:
    # R31: ending calls never releases a held place.
    clock.freeze(at(24, 9, 30))
    case = shelter_case(world)
    referral = asked(world, case)
    answer(world, referral, ReferralState.ACCEPTED, hold_until=at(24, 18))
    people.services.withdraw(world.amina.actor, case.person, Purpose.CALL_BACK)
    assert to_tell(case) == []
    assert referral.state is ReferralState.ACCEPTED


def test_without_consent_to_call_the_answer_waits_for_the_persons_own_call(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(24, 9, 30))
    case = shelter_case(world, purposes=[Purpose.KEEP_CASE])
    answer(world, asked(world, case), ReferralState.ACCEPTED, hold_until=at(24, 18))
    [telling] = to_tell(case)
    assert telling.window_opens_at is None
    assert reminders_of(telling, ReminderStatus.SCHEDULED) == []
    assert lanes.callable_now(world.amina.actor, at(24, 10)) == []
    assert lanes.waiting_for_call(world.amina.actor, at(24, 10), at(25, 0)) == [telling]
