"""The contenders: how each is started, killed in the middle, started again and ended, as real processes."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.reminder_ground import Town
from tests.house.source import ROOT

STARTING = 120  # seconds a process may take until it begins to look


@dataclass(frozen=True)
class Contender:
    """One way of doing it: its processes, and whether the rows are its schedule."""

    name: str
    label: str
    commands: tuple[tuple[str, ...], ...]
    is_batched: bool = False
    is_alone: bool = False  # one process, with workers inside it
    has_schedule: bool = False  # keeps a schedule of its own, which is filled before


def module(name: str) -> tuple[str, ...]:
    """Give the command of one process of benchmarks.contender."""
    return (sys.executable, "-m", "benchmarks.contender", name)


def _celery(app: str, *more: str) -> tuple[str, ...]:
    options = ("--concurrency=2", "--loglevel=ERROR", "--without-mingle", "--without-gossip")
    return (sys.executable, "-m", "celery", "-A", app, "worker", *options, *more)


OURS = "ours, without a broker"
BARE = "the bare loop"
CONTENDERS = (
    Contender("bare", BARE, (module("bare"),), is_batched=True),
    Contender("ours", OURS, (module("ours"),), is_batched=True),
    Contender(
        "ours_celery",
        "ours, by Celery",
        (_celery("benchmarks.contender_worker"), module("beat")),
        is_batched=True,
        is_alone=True,
    ),
    Contender("compare_and_set", "compare and set", (module("compare_and_set"),)),
    Contender(
        "celery_eta",
        "Celery eta",
        (_celery("benchmarks.contender:eta", "-Q", "bench-eta"),),
        has_schedule=True,
        is_alone=True,
    ),
    Contender(
        "apscheduler", "APScheduler", (module("apscheduler"),), has_schedule=True, is_alone=True
    ),
    Contender(
        "procrastinate",
        "Procrastinate",
        (module("procrastinate"),),
        has_schedule=True,
    ),
)


@dataclass
class Crew:
    """The processes of one contender: started, killed in the middle, started again, ended."""

    commands: tuple[tuple[str, ...], ...]
    environment: dict[str, str]
    log: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    began: datetime | None = None

    def start(self, command: tuple[str, ...]) -> None:
        """Start one process of its own group, as a service manager would."""
        with self.log.open("ab") as log:
            self.running.append(
                subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    def kill_one(self) -> None:
        """Kill the first process with its children by SIGKILL, and start another in its place."""
        victim = self.running.pop(0)
        os.killpg(victim.pid, signal.SIGKILL)
        victim.wait(timeout=30)
        self.start(self.commands[0])

    def end(self) -> None:
        """End all of them; what they have in hand is nobody’s business any more."""
        for process in self.running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=30)


@contextmanager
def crew_of(
    found: Contender, ground: Town, folder: Path, *, workers: int, lease: int
) -> Iterator[Crew]:
    """Let a contender’s processes begin, and wait until all of them look for something to do."""
    commands = found.commands if found.is_alone else found.commands * workers
    here = folder / "ready"
    shutil.rmtree(here, ignore_errors=True)
    here.mkdir()
    environment = ground.environment | {"BENCH_LEASE": str(lease), "BENCH_READY": str(here)}
    crew = Crew(commands, environment, folder / f"{found.name}.log")
    try:
        for command in commands:
            crew.start(command)
        end = time.monotonic() + STARTING
        while len(list(here.iterdir())) < len(commands):
            if time.monotonic() > end:
                raise RuntimeError(f"{found.label} did not begin: {crew.log.read_text()[-2000:]}")
            time.sleep(0.05)
        began = min(file.stat().st_mtime for file in here.iterdir())
        crew.began = datetime.fromtimestamp(began, UTC)
        yield crew
    finally:
        crew.end()
