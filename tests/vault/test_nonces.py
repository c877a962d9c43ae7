"""A million sealed values, none with the nonce of another: one repeated nonce would open both."""

import os
from collections import deque
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casework.people.models import Person
from casework.vault import create_key, format, seal
from casework.vault.digests import layout
from casework.vault.format import NONCE_BYTES, Place, seal_value

MANY = 1_000_000
THROUGH_ROWS = 20_000
random_bytes = os.urandom


def _nonce(sealed: bytes) -> bytes:
    return sealed[1 : 1 + NONCE_BYTES]


def _values(count: int) -> Iterator[bytes]:
    """Seal as `seal` does, without the row, which would cost ten times as much as the sealing."""
    cipher, place = AESGCM(AESGCM.generate_key(256)), Place("person", "phone", uuid4())
    for _ in range(count):
        yield seal_value(cipher, place, "+15145550188")


def _sealed_rows(world: Any, count: int) -> Iterator[bytes]:
    """Seal every column of a row under its one key, again and again."""
    person, columns = Person(service_id=world.north.id), layout(Person)
    assert columns is not None
    create_key(world.north.id, person.id)
    values = {name: "x" for name, _tag in columns.columns}
    for _ in range(count // len(values)):
        seal(person, **values)
        for name in values:
            yield getattr(person, name).ciphertext


def test_a_million_values_have_a_million_nonces() -> None:
    assert len({_nonce(sealed) for sealed in _values(MANY)}) == MANY


def test_values_sealed_into_rows_have_nonces_of_their_own(db: Any, world: Any) -> None:
    nonces = {_nonce(sealed) for sealed in _sealed_rows(world, THROUGH_ROWS)}
    assert len(nonces) == THROUGH_ROWS


def test_a_repeated_nonce_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault, planted: a generator that gives one number twice."""
    again = deque([bytes(NONCE_BYTES)] * 2)

    def repeating(size: int) -> bytes:
        return again.popleft() if again and size == NONCE_BYTES else random_bytes(size)

    monkeypatch.setattr(format.os, "urandom", repeating)
    assert len({_nonce(sealed) for sealed in _values(1000)}) == 999
