"""The key ring: versioned keys that wrap data keys, and the root keys of the blind index."""

import base64
import binascii
import hashlib
import itertools
import json
import os
import struct
from collections.abc import Mapping
from typing import Any, NoReturn
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casework.config import ConfigurationError
from casework.vault.format import KEY_BYTES, Tampered, decrypt, encrypt, length_prefixed

LEAST_DIFFERENT_BYTES = 16
PRINT = b"casework-key-print"
LARGEST_ID = 2**31 - 1


class RingRefused(ConfigurationError):
    """A key ring that must not be used, with the one sentence that says why."""


class KeyRing:
    """Keys by number: one current for new data keys, the others only for opening."""

    __slots__ = ("_index", "_keks", "_prints", "current", "index_current")

    def __init__(
        self,
        current: int,
        keks: Mapping[int, bytes],
        index: Mapping[int, bytes],
        index_current: int | None = None,
    ) -> None:
        _check_keys("keks", keks)
        _check_keys("index", index)
        if len({*keks.values(), *index.values()}) != len(keks) + len(index):
            raise RingRefused("The key ring uses the same key twice: every key must be its own.")
        if current not in keks:
            raise RingRefused(f"The key ring's current key {current} is missing from its keks.")
        self.current = current
        self.index_current = max(index) if index_current is None else index_current
        if self.index_current not in index:
            raise RingRefused(
                f"The key ring's current index key {self.index_current} is missing from its index."
            )
        self._keks = {kek_id: AESGCM(key) for kek_id, key in keks.items()}
        self._index = dict(index)
        self._prints = {
            (part, number): hashlib.sha256(PRINT + key).digest()
            for part, keys in (("keks", keks), ("index", index))
            for number, key in keys.items()
        }

    def __repr__(self) -> str:
        return f"<KeyRing current={self.current} keks={self.kek_ids} index={self.index_versions}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key ring is never copied out of the process")

    @property
    def kek_ids(self) -> list[int]:
        """The numbers of all keys that can open a data key."""
        return sorted(self._keks)

    @property
    def index_versions(self) -> list[int]:
        """The numbers of all blind-index root keys."""
        return sorted(self._index)

    def index_root(self, version: int) -> bytes:
        """Give the blind-index root key of a version."""
        return self._index[version]

    def contradicts(self, other: "KeyRing") -> bool:
        """Tell whether a key of both has the same number and is another: not one installation’s."""
        shared = self._prints.keys() & other._prints.keys()
        return any(self._prints[key] != other._prints[key] for key in shared)

    def wrap(self, owner_id: UUID, data_key: bytes) -> tuple[int, bytes]:
        """Wrap an owner's data key under the current key; give that key's number and the bytes."""
        associated = _wrap_associated(owner_id, self.current)
        return self.current, encrypt(self._keks[self.current], data_key, associated)

    def unwrap(self, owner_id: UUID, kek_id: int, wrapped: bytes) -> bytes:
        """Unwrap an owner's data key with the numbered key; raise Tampered when it is not theirs.

        The key is chosen by its stored number and never by trying one after another.
        """
        kek = self._keks.get(kek_id)
        if kek is None:
            raise Tampered("unknown_kek")
        data_key = decrypt(kek, wrapped, _wrap_associated(owner_id, kek_id))
        if len(data_key) != KEY_BYTES:
            raise Tampered("key_length")
        return data_key


def parse_ring(text: str, source: str) -> KeyRing:
    """Read a key ring from its JSON form, or refuse it with one sentence naming the source."""
    try:
        document = json.loads(text)
        current = document["current"]
        keks, index = _numbered(document["keks"]), _numbered(document["index"])
        index_current = document.get("index_current")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # The original error may quote a key.
        raise RingRefused(
            f"The key ring in {source} is not JSON of the form "
            '{"current": 1, "keks": {"1": "base64"}, "index": {"1": "base64"}}.'
        ) from None
    if type(current) is not int or type(index_current) not in (int, type(None)):
        raise RingRefused(f"The current key in {source} must be a whole number.")
    return KeyRing(current, keks, index, index_current)


def random_key() -> str:
    """Make a new key, in the form it has in the ring."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode("ascii")


def fresh_ring() -> str:
    """Make a new key ring of random keys, in its JSON form; the caller keeps it secret."""
    return json.dumps({"current": 1, "keks": {"1": random_key()}, "index": {"1": random_key()}})


def _wrap_associated(owner_id: UUID, kek_id: int) -> bytes:
    return length_prefixed(b"dek", owner_id.bytes, struct.pack(">I", kek_id))


def _numbered(encoded: Any) -> dict[int, bytes]:
    try:
        return {int(key): base64.b64decode(text, validate=True) for key, text in encoded.items()}
    except binascii.Error:
        raise ValueError from None


def _check_keys(part: str, keys: Mapping[int, bytes]) -> None:
    if not keys:
        raise RingRefused(f"The key ring has no keys under {part}.")
    for number, key in keys.items():
        if not 0 < number <= LARGEST_ID:
            raise RingRefused(f"Key number {number} under {part} is out of range.")
        if len(key) != KEY_BYTES:
            raise RingRefused(
                f"Key {number} under {part} has {len(key)} bytes: it must have {KEY_BYTES}."
            )
        if _looks_chosen(key):
            raise RingRefused(
                f"Key {number} under {part} is not random: a default, typed or counted key is"
                " refused; make one with “casework keys init”."
            )


def _looks_chosen(key: bytes) -> bool:
    """True for keys that chance makes less than once in 10**13: zeros, typed text, a count."""
    steps = {(after - before) % 256 for before, after in itertools.pairwise(key)}
    typed = all(0x20 <= byte < 0x7F for byte in key)
    return len(set(key)) < LEAST_DIFFERENT_BYTES or len(steps) == 1 or typed
