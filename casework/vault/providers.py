"""Where the key ring comes from: a private file, or the environment while developing."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from casework.vault.keyring import KeyRing, RingRefused, parse_ring

LARGEST_FILE = 65_536


def load_ring(source: str) -> KeyRing:
    """Load the key ring from `file:/path` or `env:NAME`; raise RingRefused with one sentence."""
    scheme, separator, where = source.partition(":")
    provider = PROVIDERS.get(scheme)
    if not separator or not where or provider is None:
        raise RingRefused("The keys setting must be “file:/path/to/keys.json” or “env:NAME”.")
    return provider(where)


def from_file(path: str) -> KeyRing:
    """Load the key ring from a file that only its owner can read."""
    try:
        # Looking at the open file leaves no moment in which another can take its place.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as problem:
        reason = (problem.strerror or "unknown reason").lower()
        raise RingRefused(f"The key file {path} cannot be read: {reason}.") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise RingRefused(f"The key file {path} is not a plain file.")
        if status.st_mode & 0o077:
            raise RingRefused(
                f"The key file {path} is open to others (mode {stat.S_IMODE(status.st_mode):04o}):"
                f" run “chmod 600 {path}”."
            )
        content = os.read(descriptor, LARGEST_FILE + 1)
    finally:
        os.close(descriptor)
    if len(content) > LARGEST_FILE:
        raise RingRefused(f"The key file {path} is too large to be a key ring.")
    return parse_ring(content.decode("utf-8", errors="replace"), path)


def from_environment(name: str) -> KeyRing:
    """Load the key ring from an environment variable, for development."""
    text = os.environ.get(name)
    if not text:
        raise RingRefused(f"The environment variable {name} holds no key ring.")
    return parse_ring(text, f"the environment variable {name}")


def write_new_file(path: Path, ring: str) -> None:
    """Write a key ring to a new file readable by its owner only; raise FileExistsError if taken."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(ring + "\n")


PROVIDERS: dict[str, Callable[[str], KeyRing]] = {"file": from_file, "env": from_environment}
