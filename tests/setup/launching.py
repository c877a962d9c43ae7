"""Small programs of our own, which the set-up tests start, read and kill."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def is_alive(pid: int) -> bool:
    """Return whether a process of that number runs; one that only waits to be buried does not."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return shown.stdout.strip()[:1] not in ("", "Z")


def soon(condition: Callable[[], object], seconds: float = 15) -> bool:
    """Return whether the condition comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


# Whoever was started in the background of a shell does not hear Ctrl+C, nor do its children.
HEARS_CTRL_C = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"


class Launcher:
    """A Python program in a process of its own, whose lines we read."""

    def __init__(
        self,
        code: str,
        *arguments: str | Path,
        env: dict[str, str] | None = None,
        cwd: Path = ROOT,
        **account: Any,
    ) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "-c", HEARS_CTRL_C + textwrap.dedent(code), *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(cwd), "PYTHONUNBUFFERED": "1", **(env or {})},
            start_new_session=True,
            **account,
        )
        self.said: list[str] = []

    def read_until(self, start: str) -> str:
        """Return what follows on the line that begins so; fails when the program ends before."""
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self.said.append(line.rstrip("\n"))
            if line.startswith(start):
                return line.removeprefix(start).strip()
        raise AssertionError("\n".join(self.said))

    def end(self, how: signal.Signals | None = None, seconds: float = 90) -> int:
        """Send the signal, read what it still says, and return the exit code."""
        if how is not None:
            self.popen.send_signal(how)
        rest, _ = self.popen.communicate(timeout=seconds)
        self.said += rest.splitlines()
        return self.popen.returncode
