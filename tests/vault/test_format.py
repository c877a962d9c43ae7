"""The sealed bytes: what goes in comes out, in its place only, and nothing else opens."""

import struct
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import assume, given
from hypothesis import strategies as st

from casework.vault.format import (
    BUCKETS,
    NONCE_BYTES,
    TAG_BYTES,
    Place,
    Tampered,
    Unsealable,
    canonical_json,
    encrypt,
    length_prefixed,
    open_value,
    pad,
    seal_value,
    unpad,
)

CIPHER = AESGCM(bytes.fromhex("00112233445566778899aabbccddeeff" * 2))
PLACE = Place("person", "phone", UUID(int=7))
OVERHEAD = 1 + NONCE_BYTES + TAG_BYTES

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    texts | st.integers(-(2**70), 2**70) | st.booleans(),
    lambda inner: st.lists(inner | st.none()) | st.dictionaries(texts, inner | st.none()),
    max_leaves=12,
)
tags = st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=12)
places = st.builds(Place, tags, tags, st.uuids())


@given(places, values)
def test_a_value_comes_back_with_its_type(place: Place, value: object) -> None:
    opened = open_value(CIPHER, place, seal_value(CIPHER, place, value))
    assert opened == value
    assert type(opened) is type(value)


@pytest.mark.parametrize("value", [1.5, (1, 2), {1, 2}, b"bytes", object(), None, float("nan")])
def test_a_value_that_would_change_is_refused(value: object) -> None:
    with pytest.raises(Unsealable):
        seal_value(CIPHER, PLACE, value)


@pytest.mark.parametrize("value", [[1.5], {"a": (1,)}, {1: "a"}, [{"a": [b""]}]])
def test_a_value_that_would_change_is_refused_at_any_depth(value: object) -> None:
    with pytest.raises(Unsealable):
        seal_value(CIPHER, PLACE, value)


@pytest.mark.parametrize("value", ["Zephyrine \ud800", 10**5000], ids=["text", "number"])
def test_a_refused_value_is_not_in_the_traceback(value: object) -> None:
    with pytest.raises(Unsealable) as refusal:
        seal_value(CIPHER, PLACE, value)
    assert "Zephyrine" not in str(refusal.value)
    assert refusal.value.__suppress_context__


@given(places, places, texts)
def test_a_value_opens_in_no_other_place(place: Place, other: Place, value: str) -> None:
    assume(place != other)
    with pytest.raises(Tampered):
        open_value(CIPHER, other, seal_value(CIPHER, place, value))


@given(st.binary(min_size=32, max_size=32), texts)
def test_a_value_opens_with_no_other_key(other_key: bytes, value: str) -> None:
    with pytest.raises(Tampered):
        open_value(AESGCM(other_key), PLACE, seal_value(CIPHER, PLACE, value))


@pytest.mark.parametrize("value", ["x", "y" * 200])
def test_every_flipped_bit_is_refused(value: str) -> None:
    sealed = seal_value(CIPHER, PLACE, value)
    for bit in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Tampered):
            open_value(CIPHER, PLACE, bytes(flipped))


def test_every_truncation_and_extension_is_refused() -> None:
    sealed = seal_value(CIPHER, PLACE, "y" * 200)
    cut = [sealed[:length] for length in range(len(sealed))]
    cut += [sealed[start:] for start in range(1, len(sealed) + 1)]
    for damaged in [*cut, sealed + b"\x00", b"\x01" + sealed, sealed * 2]:
        with pytest.raises(Tampered):
            open_value(CIPHER, PLACE, damaged)


@given(st.lists(st.binary()), st.lists(st.binary()))
def test_no_two_lists_of_parts_join_to_the_same_bytes(one: list[bytes], two: list[bytes]) -> None:
    assert (length_prefixed(*one) == length_prefixed(*two)) == (one == two)


def test_a_plain_join_would_have_been_ambiguous() -> None:
    sealed = seal_value(CIPHER, Place("ab", "c", PLACE.row_id), "value")
    with pytest.raises(Tampered):
        open_value(CIPHER, Place("a", "bc", PLACE.row_id), sealed)


def test_a_hundred_thousand_nonces_are_all_different() -> None:
    nonces = {encrypt(CIPHER, b"", b"")[1 : 1 + NONCE_BYTES] for _ in range(100_000)}
    assert len(nonces) == 100_000


@given(st.binary(max_size=20_000))
def test_padding_comes_off_again(content: bytes) -> None:
    assert unpad(pad(content)) == content


@pytest.mark.parametrize("damaged", [b"", bytes(32), b"\x80", b"a\x80".ljust(33, b"\0"), b"a" * 32])
def test_bytes_that_were_not_padded_here_are_refused(damaged: bytes) -> None:
    with pytest.raises(Tampered):
        unpad(damaged)


def test_a_bucket_too_large_for_its_content_is_refused() -> None:
    with pytest.raises(Tampered):
        unpad(pad(b"short") + bytes(32))


def test_all_names_of_two_to_twenty_two_characters_have_one_size() -> None:
    sizes = {len(seal_value(CIPHER, PLACE, "n" * length)) for length in range(2, 23)}
    assert sizes == {32 + OVERHEAD}


def test_sizes_are_the_buckets_and_then_whole_blocks_of_4096() -> None:
    sizes = {len(pad(bytes(length))) for length in range(0, 13_000, 7)}
    assert sizes == {*BUCKETS, 8192, 12_288, 16_384}


@pytest.mark.parametrize("bucket", BUCKETS)
def test_padding_always_adds_its_mark(bucket: int) -> None:
    assert len(pad(bytes(bucket - 1))) == bucket
    assert len(pad(bytes(bucket))) > bucket


def test_the_format_is_what_the_document_says() -> None:
    """docs/sealing.md, computed here by hand: a change of any byte of the format fails here."""
    row_id = uuid4()
    place = Place("person", "phone", row_id)
    sealed = seal_value(CIPHER, place, "+15145550188")
    parts = (b"\x01", b"person", b"phone", row_id.bytes)
    associated = b"".join(struct.pack(">I", len(part)) + part for part in parts)
    plain = CIPHER.decrypt(sealed[1:13], sealed[13:], associated)
    assert sealed[0] == 1
    assert plain == b'\x01"+15145550188"\x80'.ljust(32, b"\x00")


def test_an_unknown_kind_of_content_is_refused() -> None:
    parts = (b"\x01", b"person", b"phone", PLACE.row_id.bytes)
    sealed = encrypt(CIPHER, pad(b"\x02later"), length_prefixed(*parts))
    with pytest.raises(Tampered, match="content"):
        open_value(CIPHER, PLACE, sealed)


def test_canonical_json_has_one_form_only() -> None:
    assert (
        canonical_json({"b": [True, 1], "a": "é\u0000"}) == '{"a":"é\\u0000","b":[true,1]}'.encode()
    )


def test_sealing_twice_gives_different_bytes() -> None:
    assert seal_value(CIPHER, PLACE, "same") != seal_value(CIPHER, PLACE, "same")
