"""The series at the end of a contact lies in the agreed hours and stops where consent stops."""

from datetime import time, timedelta
from typing import Any

import pytest

from casework import people
from casework.directory.needs import NeedCode
from casework.followups import safe_time, services
from casework.followups.models import FollowUpState, ReminderStatus
from casework.followups.refusals import (
    AfterConsentEnds,
    CallsNotAgreed,
    NotToBeCalled,
    OutsideAgreedHours,
    PastDueTime,
)
from casework.people.models import Purpose, WhenToCall
from casework.people.plan_checks import NoTimeAgreed, NoWayToReach
from tests.followups.scenes import at, call_at, case_of, reminders_of


def test_a_crisis_is_followed_after_a_day_a_week_and_a_month(world: Any, clock: Any) -> None:
    start = clock.freeze(at(23, 18))
    case = case_of(world.amina.actor, needs=[NeedCode.VIOLENCE_SHELTER])
    first, second, third = services.plan_series(world.amina.actor, case)
    assert start + timedelta(hours=24) <= first.due_at <= start + timedelta(hours=48)
    assert start + timedelta(days=7) <= second.due_at <= start + timedelta(days=14)
    assert third.due_at >= start + timedelta(days=30)
    assert {f.max_attempts for f in (first, second, third)} == {5}


def test_anything_else_is_followed_after_a_week_and_a_month(world: Any, clock: Any) -> None:
    start = clock.freeze(at(23, 10))
    first, second = services.plan_series(world.amina.actor, case_of(world.amina.actor))
    assert start + timedelta(days=7) <= first.due_at <= start + timedelta(days=14)
    assert second.due_at >= start + timedelta(days=30)


def test_every_call_of_a_series_lies_in_the_agreed_hours_of_the_persons_zone(
    world: Any, clock: Any
) -> None:
    # R10; SaraAlert #1228 and SuiteCRM #822: neither the server's zone nor UTC.
    clock.freeze(at(23, 18))
    for zone in ("America/St_Johns", "America/Regina", "America/Whitehorse", "America/Toronto"):
        case = case_of(world.amina.actor, needs=[NeedCode.SHELTER], time_zone=zone)
        for follow_up in services.plan_series(world.amina.actor, case):
            wall = time.fromisoformat(follow_up.local_wall[11:])
            assert time(9) <= wall < time(11, 30)
            assert follow_up.time_zone == zone
            assert safe_time.wall_to_utc(follow_up.local_wall, zone) == follow_up.due_at


def test_nothing_is_due_yesterday_at_registration(world: Any, clock: Any) -> None:
    # cht-core #3133.
    for hour in (0, 9, 23):
        start = clock.freeze(at(23, hour, 59))
        for follow_up in services.plan_series(world.amina.actor, case_of(world.amina.actor)):
            assert follow_up.due_at > start
            assert follow_up.latest_at > follow_up.due_at


def test_the_series_stops_where_the_consent_to_call_ends(world: Any, clock: Any) -> None:
    start = clock.freeze(at(23, 10))
    case = case_of(world.amina.actor, needs=[NeedCode.SHELTER], consent_days=8)
    planned = services.plan_series(world.amina.actor, case)
    assert [f.step for f in planned] == [1, 2]
    assert all(f.due_at < start + timedelta(days=8) for f in planned)
    assert all(f.latest_at <= start + timedelta(days=8) for f in planned)


def test_without_consent_to_call_nothing_is_planned(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 10))
    case = case_of(world.amina.actor, purposes=[Purpose.KEEP_CASE])
    assert services.plan_series(world.amina.actor, case) == []
    with pytest.raises(CallsNotAgreed):
        call_at(world.amina.actor, case, at(24, 10))


def test_planning_again_replaces_the_former_series(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 10))
    case = case_of(world.amina.actor)
    former = services.plan_series(world.amina.actor, case)
    services.plan_series(world.amina.actor, case)
    assert {f.state for f in former} == {FollowUpState.CANCELLED}
    assert all(not reminders_of(f, ReminderStatus.SCHEDULED) for f in former)


def test_a_range_without_an_agreed_hour_is_due_at_its_beginning_and_shifts_nothing(
    world: Any, clock: Any
) -> None:
    # R10: a human sees "no agreed hour", and no call moves silently.
    start = clock.freeze(at(24, 18))  # a Tuesday evening; only Tuesday mornings are agreed
    tuesdays = [{"days": [1], "start": "09:00", "end": "11:30"}]
    case = case_of(world.amina.actor, needs=[NeedCode.SHELTER], windows=tuesdays)
    first = services.plan_series(world.amina.actor, case)[0]
    assert first.due_at == start + timedelta(hours=24)
    assert first.latest_at == start + timedelta(hours=48)
    assert first.window_opens_at is not None
    assert first.window_opens_at > first.latest_at


def test_any_time_means_by_day_where_the_range_allows_it(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 3))
    case = case_of(world.amina.actor, when="any_time")
    for follow_up in services.plan_series(world.amina.actor, case):
        assert time(9) <= time.fromisoformat(follow_up.local_wall[11:]) < time(20)


def test_a_call_for_a_past_time_is_refused_with_a_clear_message(world: Any, clock: Any) -> None:
    clock.freeze(at(24, 10))
    case = case_of(world.amina.actor)
    with pytest.raises(PastDueTime) as refusal:
        call_at(world.amina.actor, case, at(24, 9, 30))
    assert str(refusal.value.message) == "This time is past. Choose a later one."
    assert refusal.value.field == "local_time"


def test_a_call_outside_the_agreed_hours_is_refused_and_the_next_hour_named(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(24, 10))
    case = case_of(world.amina.actor)
    with pytest.raises(OutsideAgreedHours) as refusal:
        call_at(world.amina.actor, case, at(24, 19))
    assert "tomorrow, 9\u00a0a.m." in str(refusal.value.message)


def test_a_call_after_the_consent_ends_is_refused(world: Any, clock: Any) -> None:
    clock.freeze(at(24, 10))
    case = case_of(world.amina.actor, consent_days=3)
    with pytest.raises(AfterConsentEnds):
        call_at(world.amina.actor, case, at(28, 10))


def test_a_planned_call_needs_a_way_to_reach_the_person_and_a_word_on_when(
    world: Any, clock: Any
) -> None:
    # R11.
    clock.freeze(at(24, 10))
    actor = world.amina.actor
    with pytest.raises(NoWayToReach):
        services.plan_series(actor, case_of(actor, details={"phone": None}))
    with pytest.raises(NoTimeAgreed):
        services.plan_series(actor, case_of(actor, when="ask_first", windows=[]))
    unsafe = case_of(actor, details={"phone": "514-555-0143"})
    people.services.mark_unsafe(actor, unsafe.person)
    with pytest.raises(NotToBeCalled):
        services.plan_series(actor, unsafe)


def test_who_will_call_us_is_planned_without_a_window_and_looked_at_when_the_step_ends(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(24, 10))
    case = case_of(world.amina.actor, when=WhenToCall.WILL_CALL_US, windows=[])
    for follow_up in services.plan_series(world.amina.actor, case):
        assert follow_up.window_opens_at is None
        # Nobody is prompted to call: by then somebody hears that they have not called.
        [waiting] = reminders_of(follow_up, ReminderStatus.SCHEDULED)
        assert waiting.due_at == follow_up.latest_at


def test_a_moved_call_keeps_one_reminder_at_the_new_time(world: Any, clock: Any) -> None:
    clock.freeze(at(24, 10))
    case = case_of(world.amina.actor)
    follow_up = call_at(world.amina.actor, case, at(25, 9, 30))
    services.move(world.amina.actor, follow_up, local_day=at(26, 10).date(), local_time=time(10))
    waiting = reminders_of(follow_up, ReminderStatus.SCHEDULED)
    assert [reminder.wake_at for reminder in waiting] == [at(26, 10)]
    assert follow_up.latest_at == at(26, 11, 30)
