"""Who is told of an overdue call: whoever has it, then their team, then the supervisors, each once (R10)."""

from datetime import timedelta
from typing import Any

import pytest

from casework import cases, people
from casework.cases.models import ClosureCode
from casework.followups import queries, services
from casework.followups.ladder import DEFAULT_LADDER, Ladder
from casework.followups.models import FollowUp, ReminderStatus, Rung
from casework.followups.services import reminders
from casework.notices.models import NoticeKind
from casework.people.models import Purpose
from tests.followups.scenes import (
    at,
    call_at,
    case_of,
    deliver_all,
    notices_about,
    reminders_of,
)

TEAM_AFTER, SUPERVISOR_AFTER = DEFAULT_LADDER.team_after, DEFAULT_LADDER.supervisor_after
assert TEAM_AFTER is not None
assert SUPERVISOR_AFTER is not None


@pytest.fixture
def call(world: Any, clock: Any) -> FollowUp:
    """Plan a call of amina's for Tuesday at nine; its agreed hours, and so its deadline, end at 11:30."""
    clock.freeze(at(23, 12))
    return call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))


def told(follow_up: FollowUp, kind: NoticeKind = NoticeKind.CALL_OVERDUE) -> list[Any]:
    return [notice.account_id for notice in notices_about(follow_up) if notice.kind is kind]


def test_the_team_and_then_the_supervisors_are_told_once_each(
    world: Any, clock: Any, call: FollowUp
) -> None:
    service_id = world.north.id
    clock.freeze(at(24, 9))
    deliver_all(service_id)
    [team] = reminders_of(call, ReminderStatus.SCHEDULED, Rung.TEAM)
    assert team.wake_at == call.latest_at + TEAM_AFTER
    clock.freeze(team.wake_at)
    for _ in range(2):
        deliver_all(service_id)
        assert told(call) == [world.louis.account_id]  # the team, without whoever has it
    [supervisors] = reminders_of(call, ReminderStatus.SCHEDULED, Rung.SUPERVISORS)
    clock.freeze(supervisors.wake_at)
    for _ in range(2):
        deliver_all(service_id)
    assert sorted(told(call)) == sorted([world.louis.account_id, world.sophie.account_id])
    # Outside the agreed hours nobody was told to call.
    assert told(call, NoticeKind.CALL_BACK_DUE) == [world.amina.account_id]


def test_nobody_is_told_of_a_call_that_was_made(world: Any, clock: Any, call: FollowUp) -> None:
    clock.freeze(at(24, 9))
    deliver_all(world.north.id)
    cases.services.close_case(world.amina.actor, call.case, closure=ClosureCode.NEED_MET)
    assert reminders_of(call, ReminderStatus.SCHEDULED, Rung.TEAM) == []
    clock.freeze(at(26, 9))
    assert deliver_all(world.north.id) == []
    assert told(call) == []


def test_who_withdrew_or_will_call_themselves_is_nobodys_overdue_call(
    world: Any, clock: Any, call: FollowUp
) -> None:
    # R5, and R9: “the person will call us”.
    clock.freeze(at(24, 9))
    deliver_all(world.north.id)
    clock.freeze(at(24, 16))
    claimed = services.claim(world.north.id)
    people.services.change_plan(
        world.amina.actor, call.case.person, plan={"when": "will_call_us", "windows": []}
    )
    [status] = [services.deliver(world.north.id, *each) for each in claimed]
    assert status is ReminderStatus.CANCELLED
    assert told(call) == []


def test_a_withdrawal_in_flight_ends_the_ladder(world: Any, clock: Any, call: FollowUp) -> None:
    clock.freeze(at(24, 9))
    deliver_all(world.north.id)
    clock.freeze(at(24, 16))
    [claimed] = services.claim(world.north.id)
    people.services.withdraw(world.amina.actor, call.case.person, Purpose.CALL_BACK)
    assert services.deliver(world.north.id, *claimed) is None
    assert told(call) == []


def test_without_any_agreed_hour_a_human_still_hears_of_it(world: Any, clock: Any) -> None:
    # R10: "overdue, no safe window" for a human, never a shifted call.
    clock.freeze(at(23, 12))
    call = call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    people.services.mark_unsafe(world.amina.actor, call.case.person)
    clock.freeze(at(24, 9))
    deliver_all(world.north.id)
    assert told(call, NoticeKind.NO_SAFE_WINDOW) == [world.amina.account_id]
    clock.freeze(at(24, 16))
    deliver_all(world.north.id)
    assert told(call) == [world.louis.account_id]
    assert told(call, NoticeKind.CALL_BACK_DUE) == []


def test_a_call_that_was_moved_is_overdue_from_its_new_deadline(
    world: Any, clock: Any, call: FollowUp
) -> None:
    clock.freeze(at(24, 9))
    deliver_all(world.north.id)
    services.move(world.amina.actor, call, local_day=at(26, 9).date(), local_time=at(26, 10).time())
    clock.freeze(at(24, 16))
    deliver_all(world.north.id)
    assert told(call) == []
    [team] = reminders_of(call, ReminderStatus.SCHEDULED, Rung.TEAM)
    assert team.wake_at == call.latest_at + TEAM_AFTER
    assert call.latest_at > at(26, 10)


def test_a_prompt_that_is_parked_does_not_keep_the_team_in_the_dark(
    world: Any, clock: Any, call: FollowUp
) -> None:
    clock.freeze(at(24, 9))
    for _ in range(reminders.MOST_CLAIMS):
        services.claim(world.north.id)
        clock.advance(reminders.LEASE + timedelta(seconds=1))
    services.claim(world.north.id)
    assert [r.status for r in reminders_of(call)] == [ReminderStatus.DEAD]
    clock.freeze(at(24, 16))
    deliver_all(world.north.id)
    assert told(call) == [world.louis.account_id]


def test_a_ladder_may_leave_a_rung_out(
    world: Any, clock: Any, call: FollowUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = Ladder(team_after=None, supervisor_after=timedelta(minutes=10))
    monkeypatch.setattr(
        queries, "ladders_of", lambda _service_id, names: dict.fromkeys(names, short)
    )
    clock.freeze(at(24, 9))
    deliver_all(world.north.id)
    [waiting] = reminders_of(call, ReminderStatus.SCHEDULED, Rung.SUPERVISORS)
    assert waiting.wake_at == call.latest_at + timedelta(minutes=10)
    clock.freeze(waiting.wake_at)
    deliver_all(world.north.id)
    assert told(call) == [world.sophie.account_id]
