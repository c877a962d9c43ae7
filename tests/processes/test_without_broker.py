"""`casework reminders run`: with Redis and the workers gone, what is due is still shown and mailed."""

import os
import subprocess
import sys

import pytest

from tests.house.source import ROOT
from tests.processes.conftest import House, Post
from tests.processes.test_killed_worker import overdue_call_back

pytestmark = pytest.mark.processes
NOBODY_LISTENS = "redis://127.0.0.1:1/0"


def _run(house: House) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "casework", "reminders", "run"],
        cwd=ROOT,
        env=os.environ | house.environment | {"REDIS_URL": NOBODY_LISTENS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_turn_shows_and_mails_and_a_second_does_nothing(house: House, post: Post) -> None:
    overdue_call_back(house)
    assert "1 shown, 1 sent" in _run(house)
    assert "1 shown" not in _run(house)
    assert house.rows("SELECT kind FROM notice") == [("call_back_due",)]
    assert len(post.box.mails) == 1
