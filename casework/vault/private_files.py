"""Files that hold keys: read only when private, written whole or not at all, changed by one at a time."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from casework.vault.keyring import RingRefused

LARGEST_FILE = 65_536

Stamp = tuple[int, ...]


def read_private(path: Path, what: str = "key file") -> str:
    """Read a secret file that only its owner can read; raise RingRefused with one sentence."""
    try:
        # Looking at the open file leaves no moment in which another can take its place.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as problem:
        raise RingRefused(f"The {what} {path} cannot be read: {_reason(problem)}.") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise RingRefused(f"The {what} {path} is not a plain file.")
        if status.st_mode & 0o077:
            raise RingRefused(
                f"The {what} {path} is open to others (mode {stat.S_IMODE(status.st_mode):04o}):"
                f" run “chmod 600 {path}”."
            )
        content = os.read(descriptor, LARGEST_FILE + 1)
    except OSError as problem:
        raise RingRefused(f"The {what} {path} cannot be read: {_reason(problem)}.") from None
    finally:
        os.close(descriptor)
    if len(content) > LARGEST_FILE:
        raise RingRefused(f"The {what} {path} is too large to be one.")
    return content.decode("utf-8", errors="replace")


def write_new_file(path: Path, content: str | bytes) -> None:
    """Write a new file readable by its owner only; raise FileExistsError if the name is taken."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        _write(descriptor, content)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    _settle(path.parent)


def replace_file(path: Path, content: str | bytes) -> None:
    """Put new content in a file's place in one step, private and with the same owner.

    Whoever reads meanwhile sees the old or the new content, also after the power fails.
    """
    put_in_place(prepare_file(path, content), path)


def prepare_file(path: Path, content: str | bytes) -> Path:
    """Write beside a file what shall stand in its place, down to the disk; give where that is."""
    target = path.resolve()
    unfinished = target.with_name(f"{target.name}.new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        _keep_owner(target, descriptor)
        _write(descriptor, content)
        _settle(target.parent)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return unfinished


def put_in_place(prepared: Path, path: Path) -> None:
    """Let a prepared file take another's place, in one step that needs no room on the disk."""
    target = path.resolve()
    try:
        prepared.replace(target)
    except BaseException:
        prepared.unlink(missing_ok=True)
        raise
    _settle(target.parent)


def stamp_of(path: Path) -> Stamp | None:
    """Tell cheaply which writing of a file this is; None while there is no such file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Keep others on this host from changing the same file; raise RingRefused when one does."""
    try:
        descriptor = os.open(path.resolve().parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as problem:
        raise RingRefused(f"The key file {path} cannot be read: {_reason(problem)}.") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise RingRefused(
            f"Another command is changing the key file {path}: wait for it."
        ) from None
    finally:
        os.close(descriptor)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what stops the writing of a key file into one sentence."""
    try:
        yield
    except FileExistsError:
        raise RingRefused(
            f"The file {path} exists already, and a key ring is never overwritten: move it away"
            " or choose another name."
        ) from None
    except OSError as problem:
        raise RingRefused(f"The key file {path} cannot be written: {_reason(problem)}.") from None


def _write(descriptor: int, content: str | bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(content.encode("ascii") + b"\n" if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())


def _keep_owner(target: Path, descriptor: int) -> None:
    """An administrator may change the ring of the account that the application runs under."""
    if target.exists():
        before, fresh = target.stat(), os.fstat(descriptor)
        if (before.st_uid, before.st_gid) != (fresh.st_uid, fresh.st_gid):
            os.fchown(descriptor, before.st_uid, before.st_gid)


def _settle(folder: Path) -> None:
    """A new name lasts only once its folder has reached the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(problem: OSError) -> str:
    return (problem.strerror or "unknown reason").lower()
