"""A refusal decides nothing while another agency is still asked: it is told with what is decided (R36)."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from casework import people, referrals
from casework.cases.models import Case, Reason, Source
from casework.directory.needs import NeedCode
from casework.followups import queries, services
from casework.followups.models import CancelReason, FollowUp, FollowUpKind, FollowUpState
from casework.people.models import Purpose
from casework.people.services import ConsentAnswer
from casework.referrals.manners import Manner
from casework.referrals.models import Referral, ReferralState
from tests.followups import lanes
from tests.followups.scenes import at, case_of
from tests.followups.shelters import answer_for, ask_shelter, shelter_case

S = ReferralState
NAMES = ("Foyer du Pont", "Bridge House")


@pytest.fixture
def case(world: Any, clock: Any) -> Case:
    """Give the case of somebody who agreed that shelters are asked."""
    clock.freeze(at(24, 9, 30))
    return shelter_case(world)


def ask(
    world: Any, case: Case, manner: Manner = Manner.AT_ONCE, urgency: str = "urgent"
) -> list[Referral]:
    """Ask both shelters."""
    return referrals.services.ask_several(
        world.amina.actor,
        case,
        case.needs[0],
        organization_ids=[world.organization(name).id for name in NAMES],
        urgency=urgency,
        manner=manner,
    )


def told_of(referral: Referral) -> FollowUp:
    """Give the task to tell what one agency answered."""
    found = queries.planned_telling(referral.id)
    assert found is not None
    return found


def to_call(world: Any) -> list[Any]:
    """List which requests are to be told of now, as My day shows it."""
    found = lanes.callable_now(world.amina.actor, at(24, 9, 30))
    return [each.referral_id for each in found]


@pytest.mark.parametrize("manner", list(Manner))
def test_a_refusal_asks_for_no_call_while_another_agency_is_asked(
    world: Any, case: Case, manner: Manner
) -> None:
    first, second = ask(world, case, manner)
    answer_for(world, first, S.DECLINED)
    assert second.state is S.REQUESTED
    assert to_call(world) == []
    # It is put off, not forgotten, whatever becomes of the other one.
    assert told_of(first).due_at == at(25, 9, 30)
    assert told_of(first).latest_at == at(26, 9, 30)


def test_a_refusal_of_what_is_not_urgent_is_put_off_for_as_long_as_it_may_take(
    world: Any, case: Case
) -> None:
    """R36: within a day where it is urgent, within three where it is not."""
    first, _second = ask(world, case, urgency="routine")
    answer_for(world, first, S.DECLINED)
    assert told_of(first).due_at == at(27, 9, 30)


def test_the_last_refusal_is_told_at_once_and_one_call_tells_both(world: Any, case: Case) -> None:
    first, second = ask(world, case)
    answer_for(world, first, S.DECLINED)
    answer_for(world, second, S.DECLINED)
    assert to_call(world) == [second.id]
    assert len(queries.planned_for(case.id, FollowUpKind.TELL_PERSON)) == 2


def test_a_place_held_elsewhere_is_what_is_told(world: Any, case: Case) -> None:
    first, second = ask(world, case)
    answer_for(world, first, S.DECLINED)
    answer_for(world, second, S.ACCEPTED, hold_until=at(24, 13))
    assert to_call(world) == [second.id]
    coming = queries.next_for(world.amina.actor, case)
    assert coming is not None
    assert coming.referral_id == second.id


@pytest.mark.parametrize("hours", [(13, 12), (12, 13)])
def test_of_two_places_held_the_one_that_is_lost_first_is_told_first(
    world: Any, case: Case, hours: tuple[int, int]
) -> None:
    """R36: before its hold ends."""
    both = ask(world, case)
    for referral, hour in zip(both, hours, strict=True):
        answer_for(world, referral, S.ACCEPTED, hold_until=at(24, hour))
    coming = queries.next_for(world.amina.actor, case)
    assert coming is not None
    assert coming.referral_id == both[hours.index(12)].id


@pytest.mark.parametrize("end", ["recall", "withdraw", "expire"])
def test_a_refusal_comes_up_when_all_others_end_without_an_answer(
    world: Any, case: Case, end: str
) -> None:
    first, second = ask(world, case)
    answer_for(world, first, S.DECLINED)
    if end == "recall":
        referrals.services.recall(world.amina.actor, second, reason=Reason.OTHER)
    elif end == "withdraw":
        referrals.services.withdraw(world.amina.actor, second)
    else:
        expired = referrals.services.moves.Change(to=S.EXPIRED, source=Source.SYSTEM)
        system = world.amina.actor.system(world.amina.service_id)
        referrals.services.moves.move(system, second, expired)
    assert to_call(world) == [first.id]
    assert told_of(first).latest_at == at(24, 9, 30) + timedelta(hours=24)


def test_a_refusal_comes_up_when_those_that_waited_their_turn_are_recalled(
    world: Any, case: Case
) -> None:
    first, second = ask(world, case, Manner.IN_ORDER)
    # The first refuses while the second still waits, whichever of the listeners comes first.
    referrals.services.recall(world.amina.actor, first, reason=Reason.OTHER)
    assert second.state is S.DRAFT
    third = ask_shelter(world, case, NAMES[0])
    answer_for(world, third, S.DECLINED)
    assert to_call(world) == []
    referrals.services.recall(world.amina.actor, second, reason=Reason.OTHER)
    assert to_call(world) == [third.id]


def test_a_refusal_waits_until_the_last_of_the_others_has_ended(world: Any, case: Case) -> None:
    first, second = ask(world, case)
    answer_for(world, first, S.DECLINED)
    third = ask_shelter(world, case, NAMES[0])
    referrals.services.recall(world.amina.actor, second, reason=Reason.OTHER)
    assert to_call(world) == []
    referrals.services.recall(world.amina.actor, third, reason=Reason.OTHER)
    assert to_call(world) == [first.id]


def test_what_was_agreed_aloud_stays_when_another_agency_is_asked(world: Any, case: Case) -> None:
    """R10: a time that was agreed with the person is theirs."""
    first = ask_shelter(world, case, NAMES[0])
    answer_for(world, first, S.DECLINED)
    services.move(
        world.amina.actor, told_of(first), local_day=date(2026, 11, 24), local_time=time(11)
    )
    agreed = told_of(first).due_at
    ask_shelter(world, case, NAMES[1])
    assert told_of(first).due_at == agreed


def test_asking_another_agency_puts_off_what_was_not_told_yet(world: Any, case: Case) -> None:
    first = ask_shelter(world, case, NAMES[0])
    answer_for(world, first, S.DECLINED)
    assert to_call(world) == [first.id]
    ask_shelter(world, case, NAMES[1])
    assert to_call(world) == []
    assert told_of(first).due_at == at(25, 9, 30)


def test_nothing_is_put_off_under_a_call_in_progress(world: Any, case: Case) -> None:
    first = ask_shelter(world, case, NAMES[0])
    answer_for(world, first, S.DECLINED)
    services.start_call(world.amina.actor, told_of(first))
    ask_shelter(world, case, NAMES[1])
    assert told_of(first).due_at == at(24, 9, 30)


def test_another_need_puts_nothing_off(world: Any, clock: Any) -> None:
    clock.freeze(at(24, 9, 30))
    actor = world.amina.actor
    case = case_of(actor, needs=[NeedCode.SHELTER, NeedCode.FOOD])
    for code in (NeedCode.SHELTER, NeedCode.FOOD):
        share = ConsentAnswer(Purpose.SHARE_WITH_PARTNER, True, category=code)
        people.services.record_consents(actor, case.person, [share])
    first = ask_shelter(world, case, NAMES[0])
    food = next(need for need in case.needs if need.code is NeedCode.FOOD)
    pantry = world.organization("Moisson du Quartier").id
    referrals.services.send(actor, case, food, organization_id=pantry, urgency="urgent")
    answer_for(world, first, S.DECLINED)
    assert to_call(world) == [first.id]


def test_who_has_arrived_need_not_hear_of_another_refusal(world: Any, case: Case) -> None:
    first, second = ask(world, case)
    answer_for(world, first, S.DECLINED)
    untold = told_of(first)
    answer_for(world, second, S.ACCEPTED, hold_until=at(24, 13))
    answer_for(world, second, S.CONFIRMED)
    assert untold.state is FollowUpState.CANCELLED
    assert untold.cancel_reason is CancelReason.SUPERSEDED


def test_an_undone_refusal_that_was_put_off_is_no_news(world: Any, case: Case) -> None:
    first, _second = ask(world, case)
    answer_for(world, first, S.DECLINED)
    referrals.services.undo(world.amina.actor, first)
    assert queries.planned_for(case.id, FollowUpKind.TELL_PERSON) == []
