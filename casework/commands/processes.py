"""Start child processes that cannot outlive us, watch them, and stop them in order."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from casework.commands.guard import ON_LINUX, Guard

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if ON_LINUX else None

guard = Guard()


class ChildFailed(RuntimeError):
    """A child process ended when nobody asked it to."""


@dataclass(frozen=True)
class Account:
    """The unprivileged account a server runs as when we are root."""

    name: str
    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """Return the account servers must drop to, or None when we are not root.

    An account with a name is needed, because initdb looks its own name up.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody", "daemon"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise ChildFailed("Running as root needs an account named postgres or nobody to drop to.")


def identity(pid: int) -> str | None:
    """Return a text that differs between two processes that had the same number, or None when there is no such process."""
    if ON_LINUX:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return None
        # The name may hold spaces and brackets, so count from the last bracket.
        state, *rest = stat.rpartition(")")[2].split()
        return None if state in "ZX" else rest[18]
    shown = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout.strip() or None


def wait_until(condition: Callable[[], bool], seconds: float, step: float = 0.02) -> bool:
    """Return whether the condition came true within that many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(step)
    return True


def end_stranded(pid: int, started: str, how: signal.Signals, seconds: float = 10) -> None:
    """End a process that an earlier launcher left behind, if that number is still the same process."""
    for sent in (how, signal.SIGKILL):
        if identity(pid) != started:
            return
        try:
            os.kill(pid, sent)
        except ProcessLookupError:
            return
        wait_until(lambda: identity(pid) != started, seconds)


def dying_with(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    """Return what a child does first, so that the kernel sends it that signal when its parent ends (Linux only)."""

    def prepare() -> None:
        # Runs in the child, after it has dropped root: changing the user clears this setting.
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


@dataclass
class Child:
    """One running child process and the file its output goes to."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path
    stop_signal: signal.Signals
    grace: float
    started: str = field(init=False)

    def __post_init__(self) -> None:
        self.started = identity(self.popen.pid) or ""

    @property
    def exit_code(self) -> int | None:
        """Return None while it runs, its exit code afterwards (negative: the signal that ended it)."""
        return self.popen.poll()

    def last_lines(self, count: int = 40) -> str:
        """Return the end of its log."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - 8192))
                return "\n".join(log.read().decode(errors="replace").splitlines()[-count:])
        except OSError:
            return ""

    def stop(self) -> None:
        """Ask it to stop, insist after the grace period, and leave none of its own children behind."""
        if self.popen.poll() is None:
            self.popen.send_signal(self.stop_signal)
            try:
                self.popen.wait(self.grace)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        # Its own children share its process group; after a crash some may still be there.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        guard.release(self.popen.pid)


def spawn(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path | None = None,
    account: Account | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    grace: float = 10,
) -> Child:
    """Start a child in a session of its own, so that Ctrl+C reaches us alone and we stop the children in order.

    Call it from a thread that lives as long as the launcher: the kernel sends the death signal when that thread ends.
    """
    with log.open("ab") as output:
        popen = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=dying_with(os.getpid(), stop_signal),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    guard.watch(popen.pid, stop_signal)
    return Child(name, popen, log, stop_signal, grace)


def fresh_log(logs: Path, name: str) -> Path:
    """Return the log file of that name, empty; the one of the run before is kept beside it."""
    log = logs / f"{name}.log"
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    return log
