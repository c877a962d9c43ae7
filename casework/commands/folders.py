"""The folders of one start of the servers: who may use them, what was left behind, where things lie."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from casework.commands.processes import Account, Child, end_stranded

_PREFIX = "casework-"
_LONGEST_SOCKET_FOLDER = 80  # a socket's whole path may have 103 bytes on macOS, 107 on Linux


class ServersBusy(RuntimeError):
    """Another launcher already runs servers from this folder."""


class Ground:
    """The folders of one start: data and logs that stay, sockets and copies that do not."""

    def __init__(self, folder: Path, account: Account | None, *, durable: bool) -> None:
        self.folder = folder
        self.account = account
        self.temporary: list[Path] = []
        self.logs = folder / "log"
        self.logs.mkdir(exist_ok=True)
        self.home = folder if self._reached(folder) else self._elsewhere(durable=durable)
        self.cluster = self._own(self.home / "postgres-data") / "cluster"
        self.private = self._own(self.home / "binaries")
        run = self.home / "run"
        too_long = len(os.fsencode(run)) > _LONGEST_SOCKET_FOLDER
        self.sockets = self._own(self._temporary() if too_long else run)
        # Sockets and their lock files from before a kill -9: nobody else may run here, we hold the lock.
        for stale in self.sockets.iterdir():
            stale.unlink()

    def _reached(self, folder: Path) -> bool:
        if self.account is None:
            return True
        test = ["/bin/sh", "-c", 'test -x "$0"', str(folder)]
        account = self.account
        return (
            subprocess.run(
                test, check=False, cwd="/", user=account.uid, group=account.gid, extra_groups=[]
            ).returncode
            == 0
        )

    def _own(self, folder: Path) -> Path:
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.account is not None:
            os.chown(folder, self.account.uid, self.account.gid)
        return folder

    def _temporary(self) -> Path:
        base = Path(tempfile.gettempdir())
        if len(os.fsencode(base)) > _LONGEST_SOCKET_FOLDER - 20 or not self._reached(base):
            base = Path("/tmp")
        made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
        made.chmod(0o711)
        self.temporary.append(made)
        return made

    def _elsewhere(self, *, durable: bool) -> Path:
        # Only as root: the account that runs the servers may not enter the checkout.
        if not durable:
            return self._temporary()
        home = home_elsewhere(self.folder)
        home.mkdir(parents=True, exist_ok=True)
        return home

    def remove_temporary(self) -> None:
        """Remove what was made outside the folder for this start alone."""
        for made in self.temporary:
            shutil.rmtree(made, ignore_errors=True)


def home_elsewhere(folder: Path) -> Path:
    """Return where the data of that folder is kept when root's servers may not enter it."""
    return (
        Path("/var/lib/casework") / hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:12]
    )


class Record:
    """What runs from a folder, written down so that the next start can clean up after a kill -9."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "servers.json"
        self._processes: list[tuple[int, str]] = []

    def clean_up(self) -> None:
        """End and remove whatever an earlier launcher could not; the caller holds the lock of the folder."""
        try:
            left = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return
        for pid, started in left["processes"]:
            end_stranded(pid, started, signal.SIGINT)
        for folder in map(Path, left["temporary"]):
            if folder.name.startswith(_PREFIX):
                shutil.rmtree(folder, ignore_errors=True)
        self._path.unlink()

    def write(self, ground: Ground, *children: Child) -> None:
        """Write the state down; a half-written file is never seen."""
        state = {
            "processes": [(child.popen.pid, child.started) for child in children],
            "temporary": [str(each) for each in ground.temporary],
        }
        unfinished = self._path.with_suffix(".new")
        unfinished.write_text(json.dumps(state))
        unfinished.rename(self._path)

    def forget(self) -> None:
        """Everything was stopped in order."""
        self._path.unlink(missing_ok=True)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    with (folder / "servers.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "another process"
            raise ServersBusy(
                f"Servers already run from {folder} (process {holder}). Stop that one first."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
