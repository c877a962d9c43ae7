"""Where the key ring comes from: a private file, somebody else's key store, or the environment."""

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from casework.vault.keyring import KeyRing, RingRefused, parse_ring
from casework.vault.private_files import (
    Stamp,
    read_private,
    replace_file,
    stamp_of,
    write_new_file,
    writing,
)

FORMS = (
    "“file:/path/to/keys.json”, “transit:KEY:/path/to/ring.sealed”,"
    " “kms:KEY:/path/to/ring.sealed” or “env:NAME”"
)
# Each module needs a library that only those install who use that key store.
KEY_STORES = {
    "transit": ("casework.vault.providers_transit", "hvac>=2.4,<3"),
    "kms": ("casework.vault.providers_kms", "boto3>=1.44,<2"),
}


class Source(Protocol):
    """Where a key ring is kept, as text; every failure is a RingRefused with one sentence."""

    @property
    def name(self) -> str:
        """How sentences call it; shows no secret."""

    @property
    def path(self) -> Path | None:
        """The file it is kept in, if there is one: what belongs to the ring stands beside it."""

    def load(self) -> str:
        """Give the ring's text."""

    def store(self, ring: str, *, is_new: bool = False) -> None:
        """Keep this text instead, in one step; a new one never takes the place of another."""

    def stamp(self) -> Stamp | None:
        """Tell, without asking any other machine, which writing of the ring this is."""


class Sealer(Protocol):
    """A key store that seals the ring's text and opens it again."""

    def seal(self, ring: str) -> str:
        """Give what may stand in the file instead of the ring."""

    def unseal(self, sealed: str) -> str:
        """Give the ring's text back."""


class KeyFile:
    """A ring in a private file: as it is, or as a key store sealed it."""

    def __init__(self, path: Path, sealer: Sealer | None = None) -> None:
        self.path = path
        self.name = str(path)
        self._sealer = sealer

    def load(self) -> str:
        """Read the file, and let the key store open it: the only time that it is asked."""
        content = read_private(self.path).strip()
        return self._sealer.unseal(content) if self._sealer else content

    def store(self, ring: str, *, is_new: bool = False) -> None:
        """Write the file, sealed first where a key store does that."""
        content = self._sealer.seal(ring) if self._sealer else ring
        with writing(self.path):
            (write_new_file if is_new else replace_file)(self.path, content)

    def stamp(self) -> Stamp | None:
        """Look at the file, never at the key store."""
        return stamp_of(self.path)


class EnvironmentVariable:
    """A ring in the environment, for development: it stays as it was when the process began."""

    path = None

    def __init__(self, variable: str) -> None:
        self.name = f"the environment variable {variable}"
        self._variable = variable

    def load(self) -> str:
        """Read the variable."""
        text = os.environ.get(self._variable)
        if not text:
            raise RingRefused(f"The environment variable {self._variable} holds no key ring.")
        return text

    def store(self, ring: str, *, is_new: bool = False) -> None:
        """Refuse: a process changes its own environment only."""
        raise RingRefused("A key ring in the environment cannot be changed: keep it in a file.")

    def stamp(self) -> Stamp | None:
        """It never changes."""
        return None


def source_of(setting: str) -> Source:
    """Find the source that a setting names; raise RingRefused with one sentence."""
    scheme, separator, where = setting.partition(":")
    make = SCHEMES.get(scheme)
    if not separator or not where or make is None:
        raise RingRefused(f"The keys setting must be {FORMS}.")
    return make(where)


def load_ring(setting: str) -> KeyRing:
    """Load the key ring that a setting names; raise RingRefused with one sentence."""
    return read_ring(source_of(setting))


def read_ring(source: Source) -> KeyRing:
    """Load the key ring of a source; raise RingRefused with one sentence."""
    return parse_ring(source.load(), source.name)


def _in_file(where: str) -> Source:
    return KeyFile(Path(where))


def _in_key_store(scheme: str) -> Callable[[str], Source]:
    def make(where: str) -> Source:
        # An ARN has colons and slashes of its own, but never one after the other.
        key, separator, path = where.partition(":/")
        if not key or not separator or not path:
            raise RingRefused(f"The keys setting must be {FORMS}.")
        module, library = KEY_STORES[scheme]
        try:
            key_store = importlib.import_module(module)
        except ModuleNotFoundError:
            raise RingRefused(
                f"Keys from “{scheme}:” need a library that is not installed: run"
                f" “.venv/bin/python -m pip install '{library}'”."
            ) from None
        sealer: Sealer = key_store.sealer(key)
        return KeyFile(Path(f"/{path}"), sealer)

    return make


SCHEMES: dict[str, Callable[[str], Source]] = {
    "file": _in_file,
    "env": EnvironmentVariable,
    "transit": _in_key_store("transit"),
    "kms": _in_key_store("kms"),
}
