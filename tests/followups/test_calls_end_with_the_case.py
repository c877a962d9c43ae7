"""Calls end with the first of the consents they need, before any sweep has closed the case (R1, R5).

Found by the simulator: consent to keep the case had run out during an outage, and the call was still offered.
"""

from datetime import timedelta
from typing import Any

from casework import people
from casework.followups import services
from casework.followups.models import ReminderStatus
from casework.people.models import Purpose
from casework.people.services import ConsentAnswer
from tests.followups import lanes
from tests.followups.scenes import at, call_at, case_of, deliver_all, notices_about


def keep_until(world: Any, case: Any, moment: Any) -> None:
    """Let the person agree to a case until this moment, and to calls for longer."""
    answer = ConsentAnswer(Purpose.KEEP_CASE, True, expires_at=moment)
    people.services.record_consents(world.amina.actor, case.person, [answer])


def test_a_reminder_is_not_shown_once_the_case_may_no_longer_be_kept(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    follow_up = call_at(world.amina.actor, case, at(24, 9))
    keep_until(world, case, at(24, 9, 30))
    clock.freeze(at(24, 10))  # the sweeps were down at half past nine
    assert deliver_all(world.amina.service_id) == [ReminderStatus.CANCELLED]
    assert notices_about(follow_up) == []


def test_agreed_hours_after_the_end_of_the_case_are_not_promised(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    keep_until(world, case, at(25, 8))
    planned = services.plan_series(world.amina.actor, case)
    assert planned == []
    reading = services.read_plan(world.amina.actor, case)
    assert reading.consent_until == at(25, 8)
    assert reading.status(at(25, 10)).is_callable is False


def test_a_window_is_cut_where_the_case_ends(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    keep_until(world, case, at(24, 10))
    follow_up = call_at(world.amina.actor, case, at(24, 9))
    assert follow_up.window_closes_at == at(24, 10)
    assert lanes.callable_now(world.amina.actor, at(24, 9, 59)) == [follow_up]
    assert lanes.callable_now(world.amina.actor, at(24, 10) + timedelta(seconds=1)) == []
