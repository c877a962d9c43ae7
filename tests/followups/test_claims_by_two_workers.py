"""Two workers on real connections: what one has claimed or locked, the other leaves alone."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from casework import database
from casework.extensions import db
from casework.followups import services, tasks
from casework.followups.models import Reminder, ReminderStatus, Rung
from casework.notices.models import Notice
from tests.followups.scenes import at, call_at, case_of
from tests.world import World

CALLS = 20


@pytest.fixture
def due(live_db: Flask, clock: Any) -> UUID:
    """Commit twenty due calls and go to their moment; give their service."""
    with live_db.app_context():
        clock.freeze(at(23, 12))
        world = World.load()
        for _ in range(CALLS):
            call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
        database.commit()
        service_id = world.amina.service_id
        db.session.remove()
    clock.freeze(at(24, 9))
    return service_id


def told(service_id: UUID) -> int:
    """Count what staff were told."""
    database.enter_service(service_id)
    return db.session.scalar(select(func.count()).select_from(Notice)) or 0


def test_doubled_sweeps_claim_each_reminder_once_and_show_it_once(
    live_db: Flask, due: UUID
) -> None:
    together = Barrier(4)

    def turn(_: int) -> int:
        with live_db.app_context():
            together.wait()
            shown = tasks.run_once(due)
            db.session.remove()
            return shown

    with ThreadPoolExecutor(4) as pool:
        shown = sum(pool.map(turn, range(4)))
    assert shown == CALLS
    with live_db.app_context():
        assert told(due) == CALLS
        open_ones = select(func.count()).where(
            Reminder.rung == Rung.OWNER, Reminder.status != ReminderStatus.SHOWN
        )
        assert db.session.scalar(open_ones) == 0


def test_the_same_message_delivered_to_two_workers_shows_once(live_db: Flask, due: UUID) -> None:
    with live_db.app_context():
        database.enter_service(due)
        claimed = services.claim(due)
        database.commit()
        db.session.remove()
    together = Barrier(2)

    def deliver(_: int) -> list[Any]:
        with live_db.app_context():
            database.enter_service(due)
            together.wait()
            done = []
            for one in claimed:
                done.append(services.deliver(due, one.reminder_id, one.claim_id))
                database.commit()
            db.session.remove()
            return done

    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(deliver, range(2)))
    shown = [status for done in both for status in done if status is ReminderStatus.SHOWN]
    assert len(shown) == CALLS
    with live_db.app_context():
        assert told(due) == CALLS


def test_a_worker_that_dies_before_its_commit_has_shown_nothing(
    live_db: Flask, due: UUID, clock: Any
) -> None:
    with live_db.app_context():
        database.enter_service(due)
        [first, *_] = services.claim(due)
        database.commit()
        services.deliver(due, first.reminder_id, first.claim_id)
        database.rollback()  # what a killed connection amounts to
        assert told(due) == 0
        database.rollback()
    clock.advance(services.reminders.LEASE)
    with live_db.app_context():
        assert tasks.run_once(due) == CALLS
        assert told(due) == CALLS
