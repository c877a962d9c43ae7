"""A batch is one piece of work: asked again at the last moment, and one that fails stops no other (R5, R10)."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, func, select, text

from casework import database, people
from casework.audit import queries as audit
from casework.audit.queries import EntryFilter
from casework.background import Job
from casework.extensions import db
from casework.followups import queries, services, tasks
from casework.followups.models import FollowUp, Reminder, ReminderStatus, Rung
from casework.followups.services import delivery, reminders
from casework.notices.models import Letter, Notice, NoticeKind
from casework.people.models import Purpose
from tests.followups.scenes import at, call_at, case_of, notices_about, reminders_of

CALLS = 6


@pytest.fixture
def calls(world: Any, clock: Any) -> list[FollowUp]:
    """Plan six calls for Tuesday at nine, and go there."""
    clock.freeze(at(23, 12))
    planned = [
        call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9)) for _ in range(CALLS)
    ]
    clock.freeze(at(24, 9))
    return planned


def count(row: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(row)) or 0


def test_a_batch_shows_all_with_one_letter_and_an_entry_each(
    world: Any, calls: list[FollowUp]
) -> None:
    done = services.deliver_batch(world.north.id, services.claim(world.north.id))
    assert done == {ReminderStatus.SHOWN: CALLS}
    assert count(Notice) == CALLS
    assert count(Letter) == 1
    database.commit()
    viewer = world.amina.actor
    assert len(audit.entries(viewer, EntryFilter(action="followup:reminder:shown"))) == CALLS
    # One entry for all plans that were opened, with everybody it is about (R21).
    [opened] = [
        entry
        for entry in audit.entries(viewer, EntryFilter(action="person:plan:open"))
        if entry.purpose == "remind"
    ]
    [subjects] = audit.subjects_of(viewer, [opened]).values()
    assert set(subjects) == {call.case.person_id for call in calls}


def test_everything_is_asked_again_for_each_of_a_batch(
    world: Any, clock: Any, calls: list[FollowUp]
) -> None:
    claimed = services.claim(world.north.id)
    withdrawn, unsafe, being_called, *others = calls
    people.services.withdraw(world.amina.actor, withdrawn.case.person, Purpose.CALL_BACK)
    people.services.mark_unsafe(world.amina.actor, unsafe.case.person)
    services.start_call(world.amina.actor, being_called)
    done = services.deliver_batch(world.north.id, claimed)
    assert done[ReminderStatus.SHOWN] == len(others)
    for call in (withdrawn, unsafe, being_called):
        assert NoticeKind.CALL_BACK_DUE not in [n.kind for n in notices_about(call)]
    # Somebody is on the phone with them: it is asked again, and this is not held against it.
    [waiting] = reminders_of(being_called, ReminderStatus.SCHEDULED)
    assert (waiting.wake_at, waiting.attempts) == (at(24, 9) + delivery.ASK_AGAIN_AFTER, 0)


def test_a_call_to_whoever_shares_the_phone_blocks_the_reminder_too(world: Any, clock: Any) -> None:
    # R33: the number is one and the same, and no case reveals the other.
    clock.freeze(at(23, 12))
    details = {"phone": "+15145550177"}
    first, second = (
        call_at(world.amina.actor, case_of(world.amina.actor, details=dict(details)), at(24, 9))
        for _ in range(2)
    )
    clock.freeze(at(24, 9))
    claimed = services.claim(world.north.id)
    services.start_call(world.amina.actor, first)
    assert services.deliver_batch(world.north.id, claimed)[ReminderStatus.SHOWN] == 0
    assert notices_about(second) == []


@pytest.mark.parametrize("hour", [9, 8], ids=["shown", "moved"])
def test_no_statement_is_run_for_each_reminder_of_a_batch(
    world: Any, clock: Any, calls: list[FollowUp], hour: int
) -> None:
    seen: list[str] = []
    claimed = services.claim(world.north.id)
    # At eight the agreed hours have not begun: each is laid into them (R10).
    clock.freeze(at(24, hour))
    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", lambda *told: seen.append(told[2]))
    assert services.deliver_batch(world.north.id, claimed).total() == len(claimed) == CALLS
    database.commit()
    repeated = {statement: n for statement, n in Counter(seen).items() if n >= CALLS}
    assert seen
    assert repeated == {}


def test_a_plan_that_cannot_be_read_stops_its_own_reminder_only(
    world: Any, calls: list[FollowUp]
) -> None:
    # R11: what is not known means no contact.
    damaged = calls[0].case.person_id
    db.session.execute(
        text("UPDATE contact_plan SET windows = voicemail_rule WHERE person_id = :id"),
        {"id": damaged},
    )
    db.session.expire_all()
    claimed = services.claim(world.north.id)
    assert services.deliver_batch(world.north.id, claimed) == {ReminderStatus.SHOWN: CALLS - 1}
    assert notices_about(calls[0]) == []
    [left] = reminders_of(calls[0], ReminderStatus.SCHEDULED)
    assert left.claim is not None


def test_one_that_breaks_the_batch_is_found_by_halving_and_parked_in_the_end(
    world: Any, clock: Any, calls: list[FollowUp], monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned = calls[2].id
    real = delivery.audience

    def audience(follow_up: FollowUp, *more: Any) -> list[UUID]:
        if follow_up.id == poisoned:
            db.session.execute(text("SELECT 1 / 0"))
        return real(follow_up, *more)

    monkeypatch.setattr(delivery, "audience", audience)
    service_id = world.north.id
    assert services.deliver_batch(service_id, services.claim(service_id)) == {
        ReminderStatus.SHOWN: CALLS - 1
    }
    for _ in range(reminders.MOST_CLAIMS):
        clock.advance(reminders.LEASE + timedelta(seconds=1))
        assert services.deliver_batch(service_id, services.claim(service_id)) == {}
    assert [r.status for r in reminders_of(calls[2])] == [ReminderStatus.DEAD]
    assert [r.id for r in queries.parked(service_id)] == [reminders_of(calls[2])[0].id]


def test_what_comes_back_is_claimed_alone(world: Any, clock: Any, calls: list[FollowUp]) -> None:
    """A reminder that takes its worker down must not take others along until all are parked."""
    for number in range(reminders.SUSPECT_AFTER + 1):
        claims = {each.claim_id for each in services.claim(world.north.id)}
        assert len(claims) == (1 if number < reminders.SUSPECT_AFTER else CALLS)
        clock.advance(reminders.LEASE + timedelta(seconds=1))


def test_no_more_is_claimed_than_workers_can_deliver(
    world: Any, calls: list[FollowUp], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "MOST_IN_HAND", 4)
    claimed = services.claim(world.north.id, limit=3)
    assert [len(claimed), len(services.claim(world.north.id))] == [3, 1]
    assert services.claim(world.north.id) == []
    services.deliver_batch(world.north.id, claimed)
    assert len(services.claim(world.north.id)) == 2


def test_one_message_goes_out_for_a_batch_and_it_brings_the_next(
    world: Any, calls: list[FollowUp], monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[tuple[str, tuple[str, ...]]] = []
    monkeypatch.setattr(database, "_publish", lambda job, ids: left.append((job, ids)))
    monkeypatch.setattr(tasks, "BATCHES_A_SWEEP", 1)
    real = services.claim
    monkeypatch.setattr(services, "claim", lambda service_id: real(service_id, limit=4))
    tasks.claim_reminders(world.north.id)
    database.commit()
    shown = []
    while left:
        job, (service, claim) = left.pop()
        assert (job, service) == (Job.DELIVER_REMINDERS, str(world.north.id))
        tasks.deliver_reminders(UUID(service), UUID(claim))
        database.commit()
        shown.append(count(select(Reminder).where(Reminder.status == "shown").subquery()))
    assert shown == [4, CALLS]


def test_what_is_late_is_told_in_numbers(world: Any, clock: Any, calls: list[FollowUp]) -> None:
    clock.advance(timedelta(minutes=10))
    services.claim(world.north.id, limit=2)
    standing = queries.standing_of(world.north.id, database.now())
    assert (standing.due, standing.leased, standing.parked) == (CALLS - 2, 2, 0)
    assert standing.late_by(database.now()) == timedelta(minutes=10)
    assert standing.is_late(database.now())
    assert standing.waiting_by_rung == {Rung.OWNER: CALLS}
