"""A refusal is put off for another answer, and never past the hours in which it can be told (R10, R36)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework import referrals
from casework.cases.models import Case, Source
from casework.followups import news, safe_time
from casework.followups.models import FollowUp, FollowUpKind
from casework.followups.queries import planned_for
from casework.notices.models import NoticeKind
from casework.people.contact_plan import Plan
from casework.referrals.models import ReferralState, Urgency
from tests.followups import lanes
from tests.followups.scenes import at, notices_about
from tests.followups.shelters import answer_for, ask_shelter, shelter_case
from tests.followups.test_safe_time_against_an_oracle import ZONES, instants, plans_in

WEEKDAYS = [{"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "12:00"}]
# Thursday, a quarter to midnight.
NIGHT = at(26, 23, 44)


def refused_at(world: Any, clock: Any, moment: datetime, **plan: Any) -> tuple[Case, FollowUp]:
    """Ask a shelter for tonight, and let it refuse at a moment; give what is to be told."""
    clock.freeze(moment)
    case = shelter_case(world, **({"windows": WEEKDAYS} | plan))
    answer_for(world, ask_shelter(world, case, "Foyer du Pont"), ReferralState.DECLINED)
    [telling] = planned_for(case.id, FollowUpKind.TELL_PERSON)
    return case, telling


def begins(telling: FollowUp) -> datetime:
    """Give the first moment at which it may be told."""
    assert telling.window_opens_at is not None
    return max(telling.due_at, telling.window_opens_at)


def test_asking_the_next_agency_at_night_leaves_the_call_on_the_coming_morning(
    world: Any, clock: Any
) -> None:
    """R36: nobody waits over a weekend for a word that can be given tomorrow at nine."""
    case, telling = refused_at(world, clock, NIGHT)
    assert begins(telling) == at(27, 9)
    ask_shelter(world, case, "Bridge House")
    assert begins(telling) == at(27, 9)
    assert telling.latest_at > at(27, 12)
    assert lanes.no_window(world.amina.actor, NIGHT) == []
    assert notices_about(telling) == []


def test_a_refusal_while_another_is_asked_comes_up_in_the_coming_morning_too(
    world: Any, clock: Any
) -> None:
    """R36: the same where both were asked first, and one of them refuses at night."""
    clock.freeze(NIGHT)
    case, _telling = refused_at(world, clock, NIGHT)
    second = ask_shelter(world, case, "Bridge House")
    ask_shelter(world, case, "Foyer du Pont")
    answer_for(world, second, ReferralState.DECLINED)
    untold = planned_for(case.id, FollowUpKind.TELL_PERSON)
    assert {begins(each) for each in untold} == {at(27, 9)}
    assert [notices_about(each) for each in untold] == [[], []]


def test_a_hold_that_is_taken_back_leaves_the_call_on_the_coming_morning(
    world: Any, clock: Any
) -> None:
    case, telling = refused_at(world, clock, NIGHT)
    second = ask_shelter(world, case, "Bridge House")
    referrals.services.answer(
        world.amina.actor,
        second,
        to=ReferralState.ACCEPTED,
        source=Source.PARTNER_CONFIRMED,
        hold_until=at(27, 11),
    )
    referrals.services.undo(world.amina.actor, second)
    assert begins(telling) == at(27, 9)
    assert notices_about(telling) == []


def test_within_the_last_hours_before_a_weekend_it_waits_until_they_are_nearly_over(
    world: Any, clock: Any
) -> None:
    """R36: the other agency may answer until then; an hour is left to tell what is known."""
    case, telling = refused_at(world, clock, at(27, 9, 30))
    ask_shelter(world, case, "Bridge House")
    assert telling.due_at == at(27, 11)
    assert notices_about(telling) == []


def test_without_an_agreed_hour_in_time_it_is_not_put_off_and_nobody_hears_of_it_twice(
    world: Any, clock: Any
) -> None:
    """R10: on a Friday night no hour is left before the deadline; that was said already."""
    case, telling = refused_at(world, clock, at(27, 23))
    assert [each.kind for each in notices_about(telling)] == [NoticeKind.NO_SAFE_WINDOW]
    due_at, latest_at = telling.due_at, telling.latest_at
    ask_shelter(world, case, "Bridge House")
    assert (telling.due_at, telling.latest_at) == (due_at, latest_at)
    assert len(notices_about(telling)) == 1


@pytest.mark.parametrize("hour", range(24))
def test_whenever_the_next_one_is_asked_the_refusal_is_told_within_the_day_if_any_hour_is_left(
    world: Any, clock: Any, hour: int
) -> None:
    """R10, R36: the call begins in an agreed hour, before its deadline, and no notice is untrue."""
    for day in (23, 26, 27, 28):
        moment = at(day, hour, 15)
        case, telling = refused_at(world, clock, moment)
        before, said = begins(telling), len(notices_about(telling))
        ask_shelter(world, case, "Bridge House")
        is_in_time = before < moment + timedelta(days=1)
        assert begins(telling) <= (moment + timedelta(days=1) if is_in_time else before)
        assert begins(telling) < telling.latest_at or not is_in_time
        assert said == len(notices_about(telling)) == (not is_in_time)


@given(
    plan=plans_in(ZONES),
    at=instants,
    urgency=st.sampled_from(list(Urgency)),
    left=st.integers(0, 12),
)
def test_what_is_put_off_can_be_told_in_time_if_anything_can(
    plan: Plan, at: datetime, urgency: Urgency, left: int
) -> None:
    """R10: for any plan, the moment is agreed, or agreed hours follow it before the deadline."""
    within, until = news.TELL_WITHIN[urgency], at + timedelta(days=left)
    moment = news.put_off(plan, urgency, at=at, until=until)
    first = safe_time.next_safe_moment(plan, at)
    if moment is None:
        assert first is None or first >= min(at + 2 * within, until)
        return
    begins = safe_time.next_safe_moment(plan, moment)
    assert begins is not None
    assert begins < min(moment + within, until)
    assert first is not None
    assert moment <= max(first, at + within)
    # Nothing is told later than a day or three, as long as an hour before that is agreed.
    assert begins <= at + within or first > at + within
