"""When one process ends by itself, all are stopped and the reason is told."""

import os
import signal
import sys
from pathlib import Path

import pytest

from casework.commands.processes import ChildFailed
from casework.commands.supervisor import (
    StopRequested,
    Supervisor,
    ended_as,
    run,
    stopping_on_signals,
)
from tests.setup.launching import is_alive, soon

pytestmark = pytest.mark.processes

STAYS = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
CRASHES = [sys.executable, "-c", "import sys; print('out of ideas'); sys.exit(3)"]


def supervisor_in(folder: Path) -> Supervisor:
    return Supervisor(folder, dict(os.environ), folder)


def test_a_crash_is_reported_with_name_code_and_last_lines_and_stops_the_rest(
    tmp_path: Path,
) -> None:
    with pytest.raises(ChildFailed) as failure, supervisor_in(tmp_path) as supervisor:
        stays = supervisor.start("web", STAYS)
        supervisor.start("worker", CRASHES)
        supervisor.wait()
    for part in ("worker", "exit code 3", "out of ideas", str(tmp_path / "worker.log")):
        assert part in str(failure.value)
    assert not is_alive(stays.popen.pid)


def test_a_server_that_somebody_else_started_is_watched_too(tmp_path: Path) -> None:
    with supervisor_in(tmp_path) as others:
        server = others.start("postgres", STAYS)
        with (
            pytest.raises(ChildFailed, match=r"postgres stopped by itself \(killed by SIGKILL\)"),
            supervisor_in(tmp_path) as ours,
        ):
            ours.watch(server)
            ours.check()
            server.popen.kill()
            ours.wait()


def test_the_last_one_started_is_stopped_first(tmp_path: Path) -> None:
    tells = "import pathlib,signal,sys,time\nsignal.signal(signal.SIGTERM, lambda *_: (open('order','a').write(sys.argv[1]), sys.exit()))\nprint('up', flush=True)\ntime.sleep(60)"
    with supervisor_in(tmp_path) as supervisor:
        for name in "abc":
            child = supervisor.start(name, [sys.executable, "-c", tells, name])
            assert soon(child.last_lines)
    assert (tmp_path / "order").read_text() == "cba"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_once(tmp_path: Path, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(StopRequested), stopping_on_signals(), supervisor_in(tmp_path) as supervisor:
        child = supervisor.start("web", STAYS)
        try:
            os.kill(os.getpid(), number)
        finally:
            os.kill(os.getpid(), number)  # an impatient second one does not disturb the stopping
        supervisor.wait()
    assert not is_alive(child.popen.pid)
    assert signal.getsignal(number) == before


def test_a_step_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match=r"The seeding failed \(exit code 3\)"):
        run("The seeding", CRASHES, env=os.environ, cwd=tmp_path)


def test_a_step_that_succeeds_says_nothing_more(tmp_path: Path) -> None:
    run("The seeding", [sys.executable, "-c", ""], env=os.environ, cwd=tmp_path)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "exit code 0"),
        (2, "exit code 2"),
        (-9, "killed by SIGKILL"),
        (-250, "killed by signal 250"),
    ],
)
def test_how_a_process_ended_is_told(code: int, words: str) -> None:
    assert ended_as(code) == words
