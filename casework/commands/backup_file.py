"""The file of a backup: one line of JSON and pg_dump's own archive, encrypted as age does (docs/backups.md)."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pyrage

from casework.commands.backup_manifest import Manifest
from casework.commands.backup_tools import CopyFailed

AGE_HEADER = b"age-encryption.org/v1\n"
ARCHIVE_MARK = b"PGDMP"
LARGEST_MANIFEST = 1_048_576
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

Told = Callable[[int], None]


class Readable(Protocol):
    """Anything that gives bytes."""

    def read(self, size: int = -1, /) -> bytes: ...


class _Source:
    """The parts one after another, as pyrage reads them; counts, and keeps what went wrong."""

    def __init__(self, parts: Sequence[Readable], told: Told) -> None:
        self._parts = list(parts)
        self._told = told
        self.problem: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            while self._parts:
                piece = self._parts[0].read(size)
                if piece:
                    self._told(len(piece))
                    return piece
                self._parts.pop(0)
        except BaseException as problem:
            self.problem = problem
            raise
        return b""


class _Sink:
    """Takes bytes from pyrage; keeps what went wrong, which pyrage would turn into a text."""

    def __init__(self, take: Callable[[bytes], object]) -> None:
        self._take = take
        self.problem: BaseException | None = None

    def write(self, piece: bytes) -> int:
        try:
            self._take(bytes(piece))
        except BaseException as problem:
            self.problem = problem
            raise
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back here."""


@contextmanager
def new_file(path: Path) -> Iterator[int]:
    """Give the descriptor of a file that appears under its name only once it is whole.

    An existing file is never touched; what is unfinished is removed.
    """
    part = path.with_name(path.name + ".part")
    if path.exists():
        raise CopyFailed(f"{path} exists already: a backup never overwrites a file.")
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise CopyFailed(
            f"{part} is in the way: another backup is being written, or one was cut off; remove it then."
        ) from None
    except OSError as problem:
        raise CopyFailed(f"{part} cannot be written: {_reason(problem)}.") from None
    try:
        yield descriptor
        os.fsync(descriptor)
        _give_its_name(part, path)
    except OSError as problem:
        part.unlink(missing_ok=True)
        if problem.errno in _FULL:
            raise CopyFailed(
                f"The disk is full: {path} was not written, and its unfinished part is removed."
            ) from None
        raise CopyFailed(f"{path} was not written: {_reason(problem)}.") from None
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


def _give_its_name(part: Path, path: Path) -> None:
    try:
        # A link never replaces a file that appeared meanwhile, as a rename would.
        os.link(part, path)
        part.unlink()
    except FileExistsError:
        raise
    except OSError:
        # Some file systems know no links.
        part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _reason(problem: OSError) -> str:
    return (problem.strerror or "unknown reason").lower()


def encrypt(
    descriptor: int, recipients: Sequence[Any], parts: Sequence[Readable], told: Told
) -> tuple[int, str]:
    """Encrypt the parts into an open file, in the memory of one piece; give its size and SHA-256."""
    digest, size = hashlib.sha256(), 0

    def take(piece: bytes) -> None:
        nonlocal size
        digest.update(piece)
        size += len(piece)
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(descriptor, rest) :]

    source, sink = _Source(parts, told), _Sink(take)
    try:
        pyrage.encrypt_io(source, sink, list(recipients))
    except (pyrage.EncryptError, OSError) as problem:
        raise source.problem or sink.problem or problem from None
    return size, digest.hexdigest()


def check_written(descriptor: int, size: int, recipients: int) -> None:
    """Look at what stands in the file: an age header with a line for each recipient, and all bytes."""
    header = os.pread(descriptor, 65_536, 0)
    stanzas = header.partition(b"\n---")[0].count(b"\n-> X25519 ")
    if not header.startswith(AGE_HEADER) or stanzas != recipients:
        raise CopyFailed("What was written is not an age file: the backup was not made.")
    if os.fstat(descriptor).st_size != size:
        raise CopyFailed("The file is not as long as what was written: the backup was not made.")


def decrypt(
    path: Path, identities: Sequence[Any], take: Callable[[bytes], object], told: Told
) -> Manifest:
    """Decrypt a backup, hand pg_dump's archive to `take` piece by piece, and give its manifest.

    Each piece was authenticated, but that none is missing at the end is known only when this
    returns: raises CopyFailed with one sentence when the file is not whole or not for us.
    """
    reader = _ManifestFirst(take)
    with _opened(path) as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
        source, sink = _Source([file], told), _Sink(reader.take)
        try:
            pyrage.decrypt_io(source, sink, list(identities))
        except (pyrage.DecryptError, OSError) as problem:
            raise source.problem or sink.problem or _refusal(path, str(problem)) from None
    return reader.finished()


def _refusal(path: Path, said: str) -> CopyFailed:
    if said == "No matching keys found":
        return CopyFailed(
            f"{path} was not encrypted to this identity, or its first lines were changed."
        )
    return CopyFailed(f"{path} is cut short, or a byte of it was changed: it cannot be restored.")


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as problem:
        raise CopyFailed(f"{path} cannot be read: {_reason(problem)}.") from None
    try:
        if os.pread(descriptor, len(AGE_HEADER), 0) != AGE_HEADER:
            raise CopyFailed(f"{path} is not a backup of Casework: it is not an age file.")
        yield descriptor
    except IsADirectoryError:
        raise CopyFailed(f"{path} is a folder, not a backup.") from None
    finally:
        os.close(descriptor)


class _ManifestFirst:
    """Splits what was decrypted into the first line and the archive after it."""

    def __init__(self, take: Callable[[bytes], object]) -> None:
        self._take = take
        self._start: bytes = b""
        self._manifest: Manifest | None = None

    def take(self, piece: bytes) -> None:
        """Take the next piece."""
        if self._manifest is not None:
            self._take(piece)
            return
        self._start += piece
        line, found, rest = self._start.partition(b"\n")
        if not found and len(self._start) <= LARGEST_MANIFEST:
            return
        manifest = Manifest.from_line(line)
        if len(rest) < len(ARCHIVE_MARK):
            return
        if not rest.startswith(ARCHIVE_MARK):
            raise CopyFailed("After its first line this backup holds no archive of pg_dump.")
        self._manifest, self._start = manifest, b""
        self._take(rest)

    def finished(self) -> Manifest:
        """Give the manifest once everything was read."""
        if self._manifest is None:
            raise CopyFailed("What is encrypted in this file is not a backup of Casework.")
        return self._manifest
