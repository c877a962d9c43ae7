"""A value opens in the one cell it was sealed for: every other table, column, row or owner refuses."""

from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import assume, example, given
from hypothesis import strategies as st

from casework.vault.format import Place, Tampered, open_value, seal_value
from casework.vault.keyring import KeyRing

TAGS = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=24)
IDS = st.uuids()
PLACES = st.builds(Place, TAGS, TAGS, IDS)
ZERO, ONE = UUID(int=0), UUID(int=1)
RING = KeyRing(1, {n: AESGCM.generate_key(256) for n in (1, 2)}, {1: AESGCM.generate_key(256)})


class Listening:
    """Stands where a cipher does, and tells which associated data it was given."""

    def __init__(self) -> None:
        self.heard = b""

    def encrypt(self, _nonce: bytes, plain: bytes, associated: bytes) -> bytes:
        self.heard = associated
        return plain


def _associated(place: Place) -> bytes:
    cipher: Any = Listening()
    seal_value(cipher, place, "value")
    heard: bytes = cipher.heard
    return heard


@given(PLACES, IDS, PLACES, IDS)
@example(Place("ab", "c", ZERO), ZERO, Place("a", "bc", ZERO), ZERO)
@example(Place("a", "b", ZERO), ZERO, Place("a", "b", ONE), ZERO)
@example(Place("a", "b", ZERO), ZERO, Place("a", "b", ZERO), ONE)
@example(Place("a", "b", ZERO), ZERO, Place("b", "a", ZERO), ZERO)
def test_wherever_one_thing_differs_the_value_is_refused(
    one: Place, owner: UUID, other: Place, other_owner: UUID
) -> None:
    """Any of table tag, column tag, row id and owner: the owner through the key wrapped for them."""
    assume((one, owner) != (other, other_owner))
    key = AESGCM.generate_key(256)
    kek_id, wrapped = RING.wrap(owner, key)
    sealed = seal_value(AESGCM(RING.unwrap(owner, kek_id, wrapped)), one, "value")
    with pytest.raises(Tampered):
        # The thief moves the wrapped key along with the value.
        cipher = AESGCM(RING.unwrap(other_owner, kek_id, wrapped))
        open_value(cipher, other, sealed)


@given(PLACES, IDS)
def test_where_nothing_differs_the_value_opens(place: Place, owner: UUID) -> None:
    """The control: it is the difference that refuses."""
    key = AESGCM.generate_key(256)
    kek_id, wrapped = RING.wrap(owner, key)
    sealed = seal_value(AESGCM(key), place, "value")
    assert open_value(AESGCM(RING.unwrap(owner, kek_id, wrapped)), place, sealed) == "value"


@given(PLACES, PLACES)
@example(Place("person", "phone", ZERO), Place("personp", "hone", ZERO))
def test_two_places_never_have_the_same_associated_data(one: Place, other: Place) -> None:
    assert (_associated(one) == _associated(other)) == (one == other)


@given(st.integers(1, 2), IDS, IDS)
def test_a_key_wrapped_under_one_number_is_not_read_under_another(
    number: int, owner: UUID, other: UUID
) -> None:
    _, wrapped = RING.wrap(owner, AESGCM.generate_key(256))
    if (owner, RING.current) == (other, number):
        assert len(RING.unwrap(other, number, wrapped)) == 32
    else:
        with pytest.raises(Tampered):
            RING.unwrap(other, number, wrapped)
