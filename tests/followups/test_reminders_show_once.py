"""A reminder is claimed, asked everything again, and shown exactly once within agreed hours."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from casework import cases, database, people
from casework.audit import queries as audit
from casework.audit.queries import EntryFilter
from casework.cases.models import ClosureCode
from casework.extensions import db
from casework.followups import services, tasks
from casework.followups.models import FollowUpState, ReminderStatus
from casework.followups.services import reminders
from casework.notices.models import Letter, LetterKind, NoticeKind
from casework.people.models import Purpose
from tests.followups import lanes
from tests.followups.scenes import (
    at,
    call_at,
    case_of,
    deliver_all,
    notices_about,
    reminders_of,
)


def kinds(follow_up: Any) -> list[NoticeKind]:
    """List what whoever has it was told; what the rungs above say stands in test_the_ladder.py."""
    told = [notice.kind for notice in notices_about(follow_up)]
    return [kind for kind in told if kind is not NoticeKind.CALL_OVERDUE]


def test_a_due_reminder_is_shown_once_with_one_letter_and_one_audit_entry(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(23, 12))
    follow_up = call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    service_id = world.amina.service_id
    assert deliver_all(service_id) == []
    clock.freeze(at(24, 9))
    assert deliver_all(service_id) == [ReminderStatus.SHOWN]
    assert deliver_all(service_id) == []
    assert kinds(follow_up) == [NoticeKind.CALL_BACK_DUE]
    letters = db.session.scalars(select(Letter).where(Letter.kind == LetterKind.CALL_BACKS_DUE))
    assert [letter.account_id for letter in letters] == [world.amina.account_id]
    database.commit()
    shown = audit.entries(world.amina.actor, EntryFilter(action="followup:reminder:shown"))
    assert len(shown) == 1


def test_a_claim_holds_for_its_lease_and_a_dead_workers_claim_comes_back(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(23, 12))
    call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    service_id = world.amina.service_id
    clock.freeze(at(24, 9))
    [lost] = services.claim(service_id)
    assert services.claim(service_id) == []  # a doubled sweep finds nothing
    clock.advance(reminders.LEASE + timedelta(seconds=1))
    [again] = services.claim(service_id)
    assert services.deliver(service_id, lost.reminder_id, lost.claim_id) is None
    shown = services.deliver(service_id, again.reminder_id, again.claim_id)
    assert shown is ReminderStatus.SHOWN
    # The same message delivered twice by the broker finds nothing to do.
    assert services.deliver(service_id, again.reminder_id, again.claim_id) is None


def test_a_made_up_claim_delivers_nothing(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    follow_up = call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    clock.freeze(at(24, 9))
    [claimed] = services.claim(world.amina.service_id)
    assert services.deliver(world.amina.service_id, claimed.reminder_id, uuid4()) is None
    assert services.deliver(world.amina.service_id, uuid4(), claimed.claim_id) is None
    assert kinds(follow_up) == []


def test_a_reminder_delivered_after_the_window_moves_to_the_next_one(
    world: Any, clock: Any
) -> None:
    # R10: an outage of four hours must not become a prompt in the afternoon.
    clock.freeze(at(23, 12))
    follow_up = call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    clock.freeze(at(24, 13))
    deliver_all(world.amina.service_id)
    assert NoticeKind.CALL_BACK_DUE not in kinds(follow_up)
    [waiting] = reminders_of(follow_up, ReminderStatus.SCHEDULED)
    assert waiting.wake_at == at(25, 9)
    # Its agreed hours of that day went by, so a human hears of it, once.
    assert kinds(follow_up) == [NoticeKind.NO_SAFE_WINDOW]
    clock.freeze(at(25, 9))
    assert set(deliver_all(world.amina.service_id)) == {ReminderStatus.SHOWN}
    assert kinds(follow_up) == [NoticeKind.NO_SAFE_WINDOW, NoticeKind.CALL_BACK_DUE]


def test_withdrawal_while_a_reminder_is_in_flight_lets_it_do_nothing(
    world: Any, clock: Any
) -> None:
    # R5: a task already in a worker asks again before it acts.
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    follow_up = call_at(world.amina.actor, case, at(24, 9))
    clock.freeze(at(24, 9))
    [claimed] = services.claim(world.amina.service_id)
    people.services.withdraw(world.amina.actor, case.person, Purpose.CALL_BACK)
    assert services.deliver(world.amina.service_id, *claimed) is None
    assert kinds(follow_up) == []
    assert follow_up.state is FollowUpState.CANCELLED


def test_consent_that_ran_out_unnoticed_stops_the_reminder_too(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor, consent_days=2)
    follow_up = call_at(world.amina.actor, case, at(25, 9))
    clock.freeze(at(25, 13))  # after the consent's end, before any sweep of consents
    assert deliver_all(world.amina.service_id) == [ReminderStatus.CANCELLED]
    assert kinds(follow_up) == []


def test_a_plan_changed_to_unsafe_stops_the_reminder_and_alerts_a_human(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    follow_up = call_at(world.amina.actor, case, at(24, 9))
    people.services.mark_unsafe(world.amina.actor, case.person)
    clock.freeze(at(24, 9))
    assert deliver_all(world.amina.service_id) == [ReminderStatus.CANCELLED]
    assert kinds(follow_up) == [NoticeKind.NO_SAFE_WINDOW]


def test_hours_changed_after_planning_alert_a_human_and_the_prompt_waits_for_the_new_hours(
    world: Any, clock: Any
) -> None:
    # R10: never a silently shifted call.
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    follow_up = call_at(world.amina.actor, case, at(24, 9))
    evenings = [{"days": [1], "start": "18:00", "end": "20:00"}]
    people.services.change_plan(world.amina.actor, case.person, plan={"windows": evenings})
    # The change is heard at once: no sweep has anything left to read again.
    assert services.roll_windows(world.amina.service_id) == 0
    clock.freeze(at(24, 9))
    deliver_all(world.amina.service_id)
    assert kinds(follow_up) == [NoticeKind.NO_SAFE_WINDOW]
    assert [r.wake_at for r in reminders_of(follow_up, ReminderStatus.SCHEDULED)] == [at(24, 18)]
    clock.freeze(at(24, 18))
    assert set(deliver_all(world.amina.service_id)) == {ReminderStatus.SHOWN}


def test_wider_hours_leave_the_agreed_moment_as_it_is(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    follow_up = call_at(world.amina.actor, case, at(24, 9, 30))
    people.services.change_plan(world.amina.actor, case.person, plan={"when": "any_time"})
    services.roll_windows(world.amina.service_id)
    [waiting] = reminders_of(follow_up, ReminderStatus.SCHEDULED)
    assert waiting.wake_at == at(24, 9, 30)


def test_no_task_goes_on_after_the_case_has_closed(world: Any, clock: Any) -> None:
    # SORMAS #1710.
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    planned = services.plan_series(world.amina.actor, case)
    cases.services.close_case(world.amina.actor, case, closure=ClosureCode.NEED_MET)
    assert {f.state for f in planned} == {FollowUpState.CANCELLED}
    clock.advance(timedelta(days=40))
    assert deliver_all(world.amina.service_id) == []
    assert services.roll_windows(world.amina.service_id) == 0


def test_a_reminder_that_never_shows_is_parked_and_its_call_stays_in_sight(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(23, 12))
    follow_up = call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    clock.freeze(at(24, 9))
    for _ in range(reminders.MOST_CLAIMS):
        assert len(services.claim(world.amina.service_id)) == 1
        clock.advance(reminders.LEASE + timedelta(seconds=1))
    assert services.claim(world.amina.service_id) == []
    assert [r.status for r in reminders_of(follow_up)] == [ReminderStatus.DEAD]
    assert lanes.callable_now(world.amina.actor, at(24, 10)) == [follow_up]


def test_one_service_never_claims_anothers_reminders(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    clock.freeze(at(24, 9))
    assert services.claim(world.outsider.service_id) == []


def test_the_supervisors_are_told_of_a_call_nobody_owns(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    follow_up = call_at(world.amina.actor, case, at(24, 9))
    cases.services.assign(world.amina.actor, case, owner_id=None)
    clock.freeze(at(24, 9))
    deliver_all(world.amina.service_id)
    assert [n.account_id for n in notices_about(follow_up)] == [world.sophie.account_id]


def test_who_takes_a_case_over_hears_of_its_calls(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    follow_up = call_at(world.amina.actor, case, at(24, 9))
    cases.services.assign(world.amina.actor, case, owner_id=world.louis.account_id)
    clock.freeze(at(24, 9))
    deliver_all(world.amina.service_id)
    assert [n.account_id for n in notices_about(follow_up)] == [world.louis.account_id]


def test_one_turn_without_a_broker_claims_and_delivers(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    follow_up = call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    clock.freeze(at(24, 9))
    assert tasks.run_once(world.amina.service_id) == 1
    assert tasks.run_once(world.amina.service_id) == 0
    assert kinds(follow_up) == [NoticeKind.CALL_BACK_DUE]
