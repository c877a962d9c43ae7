"""A process that is really gone at a line of the machine, without a word: the next one makes it good."""

import os
import random
import subprocess
import sys
from collections import Counter

import pytest

from casework import database
from casework.extensions import db
from casework.followups import tasks
from casework.notices import tasks as letters
from tests.followups.dying import Line, lines_of, turn
from tests.house.source import ROOT
from tests.processes.conftest import House, Post
from tests.processes.test_killed_worker import overdue_call_back

pytestmark = pytest.mark.processes
SAMPLE, SOAK = 2, 30


def _die_at(house: House, line: Line, service_id: object) -> int:
    place = f"{line[0]}:{line[1]}"
    done = subprocess.run(
        [sys.executable, "-m", "tests.followups.dying", place, str(service_id)],
        cwd=ROOT,
        env=os.environ | house.environment,
        capture_output=True,
        check=False,
    )
    return done.returncode


def _again(house: House) -> None:
    house.rows("DELETE FROM notice")
    house.rows("DELETE FROM letter")
    house.rows("DELETE FROM reminder WHERE rung > 0")
    house.rows(
        "UPDATE reminder SET status = 'scheduled', wake_at = due_at, claim = NULL, attempts = 0 "
        "WHERE status <> 'cancelled'"
    )


def _recover(house: House, service_id: object) -> None:
    """Let every lease run out, and take the turns of a process that is well."""
    for _ in range(2):
        house.rows("UPDATE reminder SET wake_at = now() WHERE claim IS NOT NULL")
        house.rows("UPDATE letter SET wake_at = now() WHERE status IN ('queued', 'sending')")
        with house.app.app_context():
            tasks.run_once(service_id)  # type: ignore[arg-type]
            letters.run_once(service_id)  # type: ignore[arg-type]
            db.session.remove()


def _survives(house: House, post: Post, number: int) -> None:
    service_id, _ = overdue_call_back(house)
    with house.app.app_context():
        lines = lines_of(lambda: turn(service_id))
        db.session.remove()
    for line in random.Random(4).sample(lines, number):
        _again(house)
        post.box.mails.clear()
        assert _die_at(house, line, service_id) == 9, line
        _recover(house, service_id)
        assert house.rows("SELECT count(*) FROM notice WHERE kind = 'call_back_due'") == [(1,)], (
            line
        )
        states = Counter(row[0] for row in house.rows("SELECT status FROM letter"))
        assert states in ({"sent": 1}, {"unknown": 1}), (line, states)
        assert states["sent"] <= len(post.box.mails) <= 1, line
    database.clock.freeze(None)
    print(f"\nreally killed at {number} of {len(lines)} lines; 0 violations")


def test_really_killed_at_some_lines(house: House, post: Post) -> None:
    _survives(house, post, SAMPLE)


@pytest.mark.soak
def test_really_killed_at_many_lines(house: House, post: Post) -> None:
    _survives(house, post, SOAK)
