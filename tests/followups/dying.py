"""Dying at a line: lists the lines that one turn of the machine runs, and kills a turn at one of them."""

import os
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from uuid import UUID

from casework import background, create_app, database
from casework.background import Job
from casework.extensions import db
from casework.followups import tasks as reminders
from casework.notices import tasks as letters
from tests.house.source import PACKAGE

Line = tuple[str, int]

# What claims, delivers and sends, and what these stand on.
TRACED = frozenset(
    str(PACKAGE / name)
    for name in (
        "pulse.py",
        "database.py",
        "background.py",
        "audit/writing.py",
        "followups/tasks.py",
        "followups/queries/machine.py",
        "followups/services/reminders.py",
        "followups/services/delivery.py",
        "followups/services/windows.py",
        "people/services/many_plans.py",
        "notices/tasks.py",
        "notices/services/outbox.py",
        "notices/services/letters.py",
        "notices/services/telling.py",
    )
)


class Killed(BaseException):
    """The process is gone: no handler of the application may see this as a failure."""


@contextmanager
def tracing(at_line: Callable[[Line], None]) -> Any:
    """Call a function at every line of the traced files; what it raises is raised at that line."""

    def look(frame: FrameType, event: str, _argument: Any) -> Any:
        if frame.f_code.co_filename not in TRACED:
            return None
        if event == "line":
            at_line(
                (Path(frame.f_code.co_filename).relative_to(PACKAGE).as_posix(), frame.f_lineno)
            )
        return look

    sys.settrace(look)
    try:
        yield
    finally:
        sys.settrace(None)


def lines_of(work: Callable[[], object]) -> list[Line]:
    """Run the work once and list the lines it ran, each once, in the order they came."""
    seen: dict[Line, None] = {}
    with tracing(lambda line: seen.setdefault(line)):
        work()
    return list(seen)


def kill_at(line: Line, work: Callable[[], object]) -> bool:
    """Run the work until it first comes to a line, and let it die there; tell whether it did."""

    def die(here: Line) -> None:
        if here == line:
            raise Killed

    try:
        with tracing(die):
            work()
    except Killed:
        return True
    finally:
        # What a vanished process leaves: its connection breaks, and what it had not committed is gone.
        db.session.remove()
    return False


def turn(service_id: UUID) -> None:
    """Take one turn as beat and a worker do, with the messages handed over in this process."""
    messages: list[tuple[str, tuple[str, ...]]] = []
    before = database._publish
    database.publish_with(lambda job, ids: messages.append((job, ids)))
    try:
        for job in (Job.CLAIM_REMINDERS, Job.CLAIM_LETTERS):
            background.sweeps[str(job)]()
            while messages:
                name, ids = messages.pop(0)
                _work(name, *(UUID(each) for each in ids))
    finally:
        database._publish = before


def _work(name: str, service_id: UUID, *ids: UUID) -> None:
    database.enter_service(service_id)
    {
        str(Job.DELIVER_REMINDERS): reminders.deliver_reminders,
        str(Job.SEND_LETTER): letters.send_letter,
    }[name](service_id, *ids)
    database.commit()


def main() -> None:
    """Die for real: take a turn in this process and leave it without a word at the line given."""
    place, number = sys.argv[1].rsplit(":", 1)
    line = (place, int(number))

    def leave(here: Line) -> None:
        if here == line:
            os._exit(9)

    app = create_app()
    with app.app_context(), tracing(leave):
        turn(UUID(sys.argv[2]))


if __name__ == "__main__":
    main()
