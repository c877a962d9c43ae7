"""A restore that breaks off never says that nothing was restored when rows are there."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from casework.commands import restore
from casework.commands.backup_tools import CopyFailed
from tests.backups.conftest import MARK, Site
from tests.backups.test_making_backups import fake_program, server_major

NOT_CLOSED = "Error: Restored, but NOT closed: drop this database"


def fails(*_: Any) -> Any:
    raise RuntimeError(f"a row of {MARK}")


def refuses(*_: Any) -> Any:
    raise CopyFailed("The database went away.")


def is_stopped(*_: Any) -> Any:
    os.kill(os.getpid(), signal.SIGTERM)


WHAT_HAPPENS = (
    (fails, "What went wrong: RuntimeError."),
    (refuses, "The database went away."),
    (is_stopped, "it was stopped before the end, as asked."),
)
STEPS = ("check_rows", "check_keys", "close_what_was_open", "note")


def _happenings() -> Iterator[Any]:
    """Give each step one thing that happens there, each thing at least once; the others are long tests."""
    for number, step in enumerate(STEPS):
        for turn, (what, why) in enumerate(WHAT_HAPPENS):
            is_long = turn != number % len(WHAT_HAPPENS)
            yield pytest.param(step, what, why, marks=pytest.mark.soak if is_long else ())


@pytest.mark.parametrize(("step", "what", "why"), list(_happenings()))
def test_whatever_happens_after_the_rows_are_there_says_that_it_is_not_closed(
    site: Site, monkeypatch: pytest.MonkeyPatch, step: str, what: Callable[..., Any], why: str
) -> None:
    backup, into = site.backup(), site.new_database()
    monkeypatch.setattr(restore, step, what)
    done = site.restore(backup, into)
    assert done.exit_code == 3, done.output
    assert done.output.startswith(NOT_CLOSED) and done.output.count("\n") == 1, done.output
    assert why in done.output and MARK not in done.output
    assert "person" in site.table_names(into)


def test_a_database_that_refuses_what_follows_is_not_closed_either(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup, into = site.backup(), site.new_database()
    monkeypatch.setattr(restore, "note", lambda connection, *_: connection.execute(refused()))
    done = site.restore(backup, into)
    assert done.exit_code == 3 and done.output.startswith(NOT_CLOSED), done.output
    assert site.rows(into, "SELECT count(*) FROM person") == [(2,)]


def refused() -> Any:
    return restore.text("SELECT 1 / 0")


def test_an_order_to_stop_that_comes_when_the_rows_were_committed_already(
    site: Site, tmp_path: Path
) -> None:
    tool = restore.find_tool("pg_restore", at_least=server_major(site))
    script = f'{tool.path} "$@"; kill -TERM $PPID; exec sleep 60'
    path = fake_program(site, tmp_path / "bin", "pg_restore", script)
    into = site.new_database()
    done = site.restore(site.backup(), into, PATH=path)
    assert done.exit_code == 3 and done.output.startswith(NOT_CLOSED), done.output
    assert "person" in site.table_names(into)


def test_an_order_to_stop_that_comes_before_leaves_nothing_and_says_so(
    site: Site, tmp_path: Path
) -> None:
    path = fake_program(site, tmp_path / "bin", "pg_restore", "kill -TERM $PPID; exec sleep 60")
    into = site.new_database()
    done = site.restore(site.backup(), into, PATH=path)
    assert done.exit_code == 1, done.output
    assert done.output == "Error: Stopped before the end, as asked.\n"
    assert site.table_names(into) == []
