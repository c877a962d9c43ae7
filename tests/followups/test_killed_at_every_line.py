"""Killed at any line of claim, deliver and send: a fresh sweep loses nothing and doubles nothing (R10, R12)."""

import dataclasses
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from casework import database, notices
from casework.extensions import db
from casework.followups import tasks
from casework.followups.services import reminders
from casework.notices import policy, senders
from tests.followups.dying import Line, kill_at, lines_of, turn
from tests.followups.scenes import at, call_at, case_of
from tests.world import World

CALLS = 3
SAMPLE = 40
DUE = at(24, 9)
DOUBLED = """
    INSERT INTO notice (id, service_id, account_id, kind, subject_type, subject_id, occurrence_key, at)
    SELECT gen_random_uuid(), service_id, account_id, kind, subject_type, subject_id,
        occurrence_key || 'x', at
    FROM notice WHERE kind = 'call_back_due' LIMIT 1
"""


class Ground:
    """Three due calls of two navigators, which can be made due again and again."""

    def __init__(self, app: Flask, as_owner: Any, clock: Any) -> None:
        self.app, self.clock = app, clock
        self._as_owner = as_owner
        app.config["CASEWORK"] = dataclasses.replace(app.config["CASEWORK"], mail_url="memory:")
        clock.freeze(at(23, 12))
        with app.app_context():
            world = World.load()
            for member in (world.amina, world.amina, world.louis):
                call_at(member.actor, case_of(member.actor), DUE)
            database.commit()
            self.service_id: UUID = world.north.id
            self.name = db.engine.url.database or ""
            db.session.remove()

    def sql(self, statement: str) -> list[Any]:
        """Look, or reach, into the database behind the application's back."""
        return list(self._as_owner(self.name, statement))

    def again(self) -> None:
        """Make everything due that was shown, and forget what was told and sent."""
        self.sql("DELETE FROM notice")
        self.sql("DELETE FROM letter")
        self.sql("DELETE FROM reminder WHERE rung > 0")
        self.sql(
            "UPDATE reminder SET status = 'scheduled', wake_at = due_at, claim = NULL, "
            "attempts = 0, shown_at = NULL"
        )
        senders.mailbox.clear()
        self.clock.freeze(DUE)
        self.entries = self.shown_entries()

    def shown_entries(self) -> int:
        """Count the entries that tell of a reminder shown."""
        wanted = "SELECT count(*) FROM audit_entry WHERE action = 'followup:reminder:shown'"
        return int(self.sql(wanted)[0][0])

    def take_turn(self) -> None:
        """Take one turn in this process."""
        with self.app.app_context():
            turn(self.service_id)
            db.session.remove()

    def die_at(self, line: Line) -> bool:
        """Take a turn that dies at a line; tell whether it came there."""
        with self.app.app_context():
            return kill_at(line, lambda: turn(self.service_id))

    def recover(self) -> None:
        """Let the leases run out, and let a fresh process take its turns."""
        for wait in (reminders.LEASE, policy.LEASE, timedelta(seconds=1)):
            self.clock.advance(wait)
            with self.app.app_context():
                tasks.run_once(self.service_id)
                notices.tasks.run_once(self.service_id)
                db.session.remove()

    def violations(self) -> list[str]:
        """Say what was lost, doubled, or left in the dark."""
        found = []
        told = self.sql("SELECT subject_id FROM notice WHERE kind = 'call_back_due'")
        if Counter(Counter(row[0] for row in told).values()) != {1: CALLS}:
            found.append(f"{len(told)} lines for {CALLS} calls")
        states = Counter(row[0] for row in self.sql("SELECT status FROM reminder WHERE rung = 0"))
        if states != {"shown": CALLS}:
            found.append(f"reminders stand at {dict(states)}")
        if (written := self.shown_entries() - self.entries) != CALLS:
            found.append(f"{written} audit entries for {CALLS} calls")
        return found + self._letter_violations()

    def _letter_violations(self) -> list[str]:
        found = []
        letters = Counter(row[0] for row in self.sql("SELECT status FROM letter"))
        if letters.keys() - {"sent", "unknown"} or letters.total() != 2:
            found.append(f"letters stand at {dict(letters)}")
        left = Counter(envelope.recipient for envelope in senders.mailbox)
        if any(times > 1 for times in left.values()):
            found.append("a letter left twice")
        if not letters["sent"] <= len(left) <= letters["sent"] + letters["unknown"]:
            found.append(f"{len(left)} letters left, {dict(letters)} are known")
        with self.app.app_context():
            database.enter_service(self.service_id)
            viewer = World.load().sophie.actor
            if len(notices.queries.unsure(viewer)) != letters["unknown"]:
                found.append("an unknown letter is not shown")
            db.session.remove()
        return found


@pytest.fixture
def ground(live_db: Flask, as_owner: Any, clock: Any) -> Iterator[Ground]:
    """Give the scene on a database of its own."""
    yield Ground(live_db, as_owner, clock)
    senders.mailbox.clear()


def _lines(ground: Ground) -> list[Line]:
    ground.again()
    with ground.app.app_context():
        lines = lines_of(lambda: turn(ground.service_id))
        db.session.remove()
    return lines


def _die_at(ground: Ground, lines: list[Line]) -> list[str]:
    """Die once at each line, recover, and collect what went wrong."""
    wrong = []
    for line in lines:
        ground.again()
        if not ground.die_at(line):
            wrong.append(f"{line}: never came there")
        ground.recover()
        wrong += [f"{line}: {violation}" for violation in ground.violations()]
    return wrong


def _tell(lines: list[Line], killed: int) -> None:
    places = Counter(place for place, _ in lines)
    print(f"\nkilled at {killed} of {len(lines)} executed lines; 0 violations; in", dict(places))


def test_killed_at_a_sample_of_lines(ground: Ground) -> None:
    lines = _lines(ground)
    assert {place.split("/")[0] for place, _ in lines} >= {"followups", "notices", "people"}
    chosen = random.Random(4).sample(lines, SAMPLE)
    assert _die_at(ground, chosen) == []
    _tell(lines, len(chosen))


@pytest.mark.soak
def test_killed_at_every_executed_line(ground: Ground) -> None:
    lines = _lines(ground)
    assert _die_at(ground, lines) == []
    _tell(lines, len(lines))


def test_the_harness_sees_what_is_lost_doubled_and_kept_in_the_dark(ground: Ground) -> None:
    """The faults, planted."""
    ground.again()
    ground.recover()
    assert ground.violations() == []
    for fault, complaint in (
        ("DELETE FROM notice WHERE id = (SELECT id FROM notice LIMIT 1)", "2 lines"),
        ("UPDATE reminder SET status = 'dead' WHERE rung = 0", "reminders stand"),
        (DOUBLED, "4 lines"),
        ("UPDATE letter SET status = 'sending'", "letters stand"),
    ):
        ground.again()
        ground.recover()
        ground.sql(fault)
        assert any(complaint in each for each in ground.violations()), fault
    ground.again()
    ground.recover()
    senders.mailbox.append(senders.mailbox[0])
    assert "a letter left twice" in ground.violations()
