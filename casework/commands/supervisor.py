"""Run processes side by side until one of them ends or somebody asks them all to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from casework.commands.processes import Child, ChildFailed, dying_with, fresh_log, spawn


def run(name: str, command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path) -> None:
    """Run one step to its end with its output on our terminal; raises ChildFailed when it does not succeed."""
    popen = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        env=dict(env),
        cwd=cwd,
        start_new_session=True,
        preexec_fn=dying_with(os.getpid(), signal.SIGTERM),
    )
    try:
        code = popen.wait()
    except BaseException:
        popen.terminate()
        try:
            popen.wait(10)
        except subprocess.TimeoutExpired:
            popen.kill()
        raise
    if code != 0:
        raise ChildFailed(f"{name} failed ({ended_as(code)}).")


def ended_as(code: int) -> str:
    """Say how a process ended."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


class StopRequested(BaseException):
    """Somebody pressed Ctrl+C or sent SIGTERM: an order, not an error."""


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Turn Ctrl+C, SIGTERM and a closed terminal into one StopRequested; more of them do not disturb the stopping."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def request(_number: int, _frame: object) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise StopRequested

    before = {each: signal.signal(each, request) for each in signals}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


class Supervisor:
    """Runs processes side by side: when one ends, or the block ends, all are stopped, the last one started first."""

    def __init__(self, logs: Path, env: Mapping[str, str], cwd: Path) -> None:
        self._logs = logs
        self._env = env
        self._cwd = cwd
        self._own: list[Child] = []
        self._watched: list[Child] = []

    def watch(self, *children: Child) -> None:
        """Also notice the end of children that somebody else starts and stops."""
        self._watched += children

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        stop_signal: signal.Signals = signal.SIGTERM,
        grace: float = 10,
    ) -> Child:
        """Start one process whose output goes to a log of its name; the log of the run before is kept beside it."""
        log = fresh_log(self._logs, name)
        child = spawn(
            name,
            command,
            log=log,
            env=self._env,
            cwd=self._cwd,
            stop_signal=stop_signal,
            grace=grace,
        )
        self._own.append(child)
        return child

    def check(self) -> None:
        """Raise ChildFailed, with the end of its log, when a process has ended."""
        for child in (*self._own, *self._watched):
            if child.exit_code is not None:
                how = ended_as(child.exit_code)
                raise ChildFailed(
                    f"{child.name} stopped by itself ({how}). The end of {child.log}:\n{child.last_lines()}"
                )

    def wait(self) -> None:
        """Return never: raises ChildFailed when a process ends, or what a signal handler raises."""
        while True:
            self.check()
            time.sleep(0.2)

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, *_failure: object) -> None:
        while self._own:
            self._own.pop().stop()
