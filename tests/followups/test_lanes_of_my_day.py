"""My day offers only who may be called at this moment, in the order that helps most (R10, R36)."""

from datetime import timedelta
from typing import Any

from casework import people
from casework.followups import services
from casework.followups.models import FollowUpKind
from casework.people.models import Purpose
from tests.followups import lanes
from tests.followups.scenes import at, call_at, case_of


def all_lanes(actor: Any, moment: Any) -> dict[str, list[Any]]:
    """Read all lanes until midnight."""
    midnight = at(moment.day + 1, 0)
    return {
        "now": lanes.callable_now(actor, moment),
        "later": lanes.later_today(actor, moment, midnight),
        "waits": lanes.waiting_for_call(actor, moment, midnight),
        "no_window": lanes.no_window(actor, moment),
    }


def only(lane: str, follow_up: Any) -> dict[str, list[Any]]:
    """Say that a follow-up stands in one lane and in no other."""
    return {
        name: [follow_up] if name == lane else [] for name in ("now", "later", "waits", "no_window")
    }


def test_a_due_call_is_offered_while_its_window_is_open_and_only_then(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(23, 12))
    follow_up = call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9, 30))
    assert all_lanes(world.amina.actor, at(24, 8)) == only("later", follow_up)
    assert all_lanes(world.amina.actor, at(24, 9, 10)) == only("later", follow_up)
    assert all_lanes(world.amina.actor, at(24, 9, 30)) == only("now", follow_up)
    assert all_lanes(world.amina.actor, at(24, 11, 30)) == only("no_window", follow_up)


def test_telling_comes_first_then_what_is_overdue_then_the_window_that_ends_first(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(23, 12))
    actor = world.amina.actor
    short = [{"days": [1], "start": "09:00", "end": "10:00"}]
    ends_late = call_at(actor, case_of(actor), at(24, 9))
    ends_soon = call_at(actor, case_of(actor, windows=short), at(24, 9, 15))
    overdue = call_at(actor, case_of(actor), at(24, 9))
    overdue.latest_at = at(24, 9)
    telling = call_at(actor, case_of(actor), at(24, 9, 30))
    telling.kind = FollowUpKind.TELL_PERSON
    found = lanes.callable_now(actor, at(24, 9, 45))
    assert found == [telling, overdue, ends_soon, ends_late]


def test_a_call_missed_in_its_window_needs_a_human_until_the_next_window(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(23, 12))
    follow_up = call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    clock.freeze(at(24, 12))
    services.roll_windows(world.amina.service_id)
    assert all_lanes(world.amina.actor, at(24, 12)) == only("no_window", follow_up)
    assert all_lanes(world.amina.actor, at(25, 9)) == only("now", follow_up)


def test_what_is_due_is_for_later_however_far_away_its_next_hour_is(world: Any, clock: Any) -> None:
    # R10: nothing that is due may stand in no lane; behind its deadline a human decides.
    clock.freeze(at(23, 12))
    actor = world.amina.actor
    follow_up = call_at(actor, case_of(actor), at(24, 9))
    off = [{"first": "2026-11-24", "last": "2026-11-26"}]
    people.services.change_plan(actor, follow_up.case.person, plan={"dates_off": off})
    follow_up.latest_at = at(29, 0)
    assert all_lanes(actor, at(24, 8)) == only("none", follow_up)  # not due, and its hours are far
    assert all_lanes(actor, at(24, 12)) == only("later", follow_up)
    assert all_lanes(actor, at(27, 9)) == only("now", follow_up)
    follow_up.latest_at = at(26, 0)
    assert all_lanes(actor, at(24, 12)) == only("no_window", follow_up)


def test_who_will_call_us_stays_in_sight_and_is_never_offered(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor, when="will_call_us", windows=[])
    follow_up = call_at(world.amina.actor, case, at(24, 9))
    assert all_lanes(world.amina.actor, at(24, 10)) == only("waits", follow_up)


def test_a_plan_marked_unsafe_takes_the_call_away_at_once_before_any_sweep(
    world: Any, clock: Any
) -> None:
    # R13: the stored window is no longer the plan's.
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    follow_up = call_at(world.amina.actor, case, at(24, 9))
    people.services.mark_unsafe(world.amina.actor, case.person)
    assert all_lanes(world.amina.actor, at(24, 10)) == only("no_window", follow_up)


def test_changed_hours_take_the_call_away_at_once_before_any_sweep(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    follow_up = call_at(world.amina.actor, case, at(24, 9))
    evenings = [{"days": [1], "start": "18:00", "end": "20:00"}]
    people.services.change_plan(world.amina.actor, case.person, plan={"windows": evenings})
    assert lanes.callable_now(world.amina.actor, at(24, 10)) == []
    clock.freeze(at(24, 10))
    services.roll_windows(world.amina.service_id)
    assert lanes.callable_now(world.amina.actor, at(24, 18)) == [follow_up]


def test_an_expired_consent_takes_the_call_away_at_once(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor, consent_days=1, when="any_time", windows=[])
    follow_up = call_at(world.amina.actor, case, at(24, 11))
    assert lanes.callable_now(world.amina.actor, at(24, 11, 30)) == [follow_up]
    assert lanes.callable_now(world.amina.actor, at(24, 12)) == []


def test_whoever_said_no_to_calls_is_never_in_the_calling_lane(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    services.plan_series(world.amina.actor, case)
    people.services.withdraw(world.amina.actor, case.person, Purpose.CALL_BACK)
    week = at(23, 12) + timedelta(days=8)
    assert lanes.callable_now(world.amina.actor, week) == []


def test_any_time_is_offered_at_any_hour(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor, when="any_time", windows=[])
    follow_up = call_at(world.amina.actor, case, at(24, 3))
    assert lanes.callable_now(world.amina.actor, at(24, 3)) == [follow_up]
    assert lanes.callable_now(world.amina.actor, at(24, 23)) == [follow_up]


def test_a_colleague_and_an_outsider_see_none_of_it(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    for member in (world.louis, world.outsider, world.sophie):
        assert all(not lane for lane in all_lanes(member.actor, at(24, 10)).values())
