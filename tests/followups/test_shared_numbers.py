"""A number that stands in several cases obeys the strictest of their plans, and tells of none (R33)."""

from typing import Any

from casework import people
from casework.followups import services
from casework.followups.models import ReminderStatus
from tests.followups import lanes
from tests.followups.scenes import at, call_at, case_of, deliver_all, reminders_of

SHARED = {"phone": "514-555-0188"}


def test_a_couple_on_one_phone_is_called_only_when_both_agreed(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    hers = case_of(world.amina.actor, details=SHARED)  # mornings, 9 to 11:30
    early = [{"days": [0, 1, 2, 3, 4, 5, 6], "start": "08:00", "end": "10:00"}]
    case_of(world.louis.actor, details=SHARED, windows=early)
    follow_up = call_at(world.amina.actor, hers, at(24, 9))
    assert (follow_up.window_opens_at, follow_up.window_closes_at) == (at(24, 9), at(24, 10))


def test_the_other_plan_turning_strict_stops_the_prompt_and_the_call(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(23, 12))
    hers = case_of(world.amina.actor, details=SHARED)
    follow_up = call_at(world.amina.actor, hers, at(24, 9))
    his = case_of(world.louis.actor, details=SHARED)
    people.services.change_plan(
        world.louis.actor, his.person, plan={"when": "will_call_us", "windows": []}
    )
    clock.freeze(at(24, 9))
    assert ReminderStatus.SHOWN not in deliver_all(world.amina.service_id)
    assert not services.read_plan(world.amina.actor, hers).status(at(24, 9)).is_callable
    assert reminders_of(follow_up, ReminderStatus.SHOWN) == []
    assert lanes.callable_now(world.amina.actor, at(24, 9, 30)) == []
