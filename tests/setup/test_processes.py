"""Children never outlive their launcher, and are stopped politely first."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from casework.commands.processes import Child, end_stranded, fresh_log, identity, spawn
from tests.setup.launching import Launcher, is_alive, soon

pytestmark = pytest.mark.processes

POLITE = "import signal,sys,time; signal.signal(signal.SIGTERM, lambda *_: (print('bye'), sys.exit(0))); print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = "import subprocess,sys,time; print(subprocess.Popen([sys.executable,'-c','import time; time.sleep(60)']).pid, flush=True); time.sleep(60)"

# Starts a stubborn child that has a child of its own, tells both numbers, and waits to be killed.
LAUNCHER = """
import sys, time
from pathlib import Path
from casework.commands import processes
from casework.commands import guard
from casework.commands.guard import Guard
guard.SECONDS_TO_END = 1
if sys.argv[2] == "untold":
    processes.guard = Guard(kernel_tells=False)
    processes.ON_LINUX = processes._LIBC = None
child = processes.spawn("child", [sys.executable, "-c", sys.argv[3]], log=Path(sys.argv[1]), env={})
while not Path(sys.argv[1]).read_text().strip():
    time.sleep(0.02)
print("pids", child.popen.pid, processes.guard._shell.pid, Path(sys.argv[1]).read_text().strip(), flush=True)
time.sleep(60)
"""


def start(code: str, log: Path, **options: object) -> Child:
    child = spawn("child", [sys.executable, "-c", code], log=log, env=dict(os.environ), **options)  # type: ignore[arg-type]
    assert soon(lambda: log.read_text().strip())
    return child


def test_a_child_is_asked_to_stop_and_may_say_good_bye(tmp_path: Path) -> None:
    child = start(POLITE, tmp_path / "log")
    child.stop()
    assert child.exit_code == 0
    assert child.last_lines() == "up\nbye"


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    child = start(STUBBORN, tmp_path / "log", grace=0.3)
    child.stop()
    assert child.exit_code == -signal.SIGKILL


def test_the_children_of_a_crashed_child_are_ended_too(tmp_path: Path) -> None:
    child = start(PARENT, tmp_path / "log")
    grandchild = int(child.last_lines())
    child.popen.kill()
    child.popen.wait()
    assert is_alive(grandchild)
    child.stop()
    assert soon(lambda: not is_alive(grandchild))


def test_ctrl_c_in_the_terminal_reaches_the_launcher_only(tmp_path: Path) -> None:
    child = start(POLITE, tmp_path / "log")
    try:
        assert os.getpgid(child.popen.pid) != os.getpgrp()
        assert os.getsid(child.popen.pid) == child.popen.pid
    finally:
        child.stop()


@pytest.mark.parametrize("kernel", ["told", "untold"])
@pytest.mark.parametrize("code", [POLITE, STUBBORN, PARENT], ids=["polite", "stubborn", "parent"])
def test_kill_9_of_the_launcher_leaves_nothing(
    launch: Callable[..., Launcher], tmp_path: Path, code: str, kernel: str
) -> None:
    launcher = launch(LAUNCHER, tmp_path / "log", kernel, code)
    child, guard, last = launcher.read_until("pids").split()
    pids = [int(pid) for pid in (child, guard, last) if pid.isdigit()]
    assert all(map(is_alive, pids))
    launcher.end(signal.SIGKILL)
    assert soon(lambda: not any(map(is_alive, pids))), (
        "kill -9 of the launcher left processes behind"
    )


def test_a_launcher_that_forgets_to_stop_its_children_leaves_nothing(
    launch: Callable[..., Launcher], tmp_path: Path
) -> None:
    launcher = launch(LAUNCHER.replace("time.sleep(60)\n", ""), tmp_path / "log", "told", PARENT)
    pids = [int(pid) for pid in launcher.read_until("pids").split()]
    assert launcher.end() == 0
    assert soon(lambda: not any(map(is_alive, pids)))


def test_another_process_with_the_same_number_is_not_ended(tmp_path: Path) -> None:
    child = start(POLITE, tmp_path / "log")
    try:
        end_stranded(child.popen.pid, "some earlier process", signal.SIGTERM)
        assert is_alive(child.popen.pid)
        end_stranded(child.popen.pid, child.started, signal.SIGTERM)
        assert not is_alive(child.popen.pid)
    finally:
        child.stop()


def test_a_number_nobody_has_has_no_identity(tmp_path: Path) -> None:
    child = start(POLITE, tmp_path / "log")
    child.stop()
    assert identity(child.popen.pid) is None


def test_the_log_of_the_run_before_is_kept(tmp_path: Path) -> None:
    fresh_log(tmp_path, "web").write_text("first")
    assert fresh_log(tmp_path, "web") == tmp_path / "web.log"
    assert not (tmp_path / "web.log").exists()
    assert (tmp_path / "web.log.1").read_text() == "first"
