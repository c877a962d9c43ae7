"""The key ring: which rings are refused, with which sentence, and what wrapping binds."""

import base64
import copy
import json
import os
import pickle
import secrets
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from casework.config import ConfigurationError
from casework.vault.format import Tampered
from casework.vault.keyring import KeyRing, RingRefused, fresh_ring, parse_ring
from casework.vault.providers import load_ring, write_new_file

OWNER = uuid4()


def key() -> bytes:
    return secrets.token_bytes(32)


def ring_text(**changes: Any) -> str:
    document = {**json.loads(fresh_ring()), **changes}
    return json.dumps({name: part for name, part in document.items() if part is not ...})


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def key_file(folder: Path, text: str, mode: int = 0o600) -> str:
    path = folder / "keys.json"
    path.write_text(text)
    path.chmod(mode)
    return f"file:{path}"


def test_a_private_file_gives_its_ring(tmp_path: Path) -> None:
    assert load_ring(key_file(tmp_path, fresh_ring())).current == 1


def test_a_ring_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_RING", fresh_ring())
    assert load_ring("env:SOME_RING").kek_ids == [1]


def test_a_new_key_file_is_private_and_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_new_file(path, fresh_ring())
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_ring(f"file:{path}").kek_ids == [1]
    with pytest.raises(FileExistsError):
        write_new_file(path, fresh_ring())


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o602, 0o601, 0o666, 0o777])
def test_a_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(RingRefused, match="chmod 600"):
        load_ring(key_file(tmp_path, fresh_ring(), mode))


@pytest.mark.parametrize("source", ["", "file:", "env:", "/etc/keys.json", "ftp:there", "file"])
def test_a_source_of_another_form_is_refused(source: str) -> None:
    with pytest.raises(RingRefused, match="file:/path"):
        load_ring(source)


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for source in (f"file:{tmp_path / 'absent'}", f"file:{tmp_path}", "env:NO_SUCH_RING"):
        with pytest.raises(RingRefused):
            load_ring(source)


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(RingRefused, match="plain file"):
        load_ring(f"file:{tmp_path / 'pipe'}")


def test_an_oversized_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RingRefused, match="too large"):
        load_ring(key_file(tmp_path, " " * 100_000))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"current": 2}, "current key 2 is missing"),
        ({"current": ...}, "JSON of the form"),
        ({"keks": ...}, "JSON of the form"),
        ({"index": ...}, "JSON of the form"),
        ({"current": "1"}, "whole number"),
        ({"current": True}, "whole number"),
        ({"index_current": 3}, "index key 3 is missing"),
        ({"keks": {}}, "no keys under keks"),
        ({"index": {}}, "no keys under index"),
        ({"keks": {"1": "not base64!"}}, "JSON of the form"),
        ({"keks": {"one": b64(key())}}, "JSON of the form"),
        ({"keks": {"0": b64(key()), "1": b64(key())}}, "out of range"),
        ({"keks": {"1": b64(key()[:31])}}, "31 bytes"),
        ({"keks": {"1": b64(key() + b"x")}}, "33 bytes"),
        ({"index": {"1": b64(key()[:16])}}, "16 bytes"),
    ],
)
def test_a_ring_with_a_fault_is_refused_with_its_sentence(changes: Any, says: str) -> None:
    with pytest.raises(RingRefused, match=says) as refusal:
        parse_ring(ring_text(**changes), "the file")
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    "chosen",
    [
        bytes(32),
        b"\xff" * 32,
        b"0123456789abcdef0123456789abcdef",
        b"casework-development-key-change!",
        bytes(range(32)),
        bytes(range(64, 0, -2)),
        b"\x01\xfe" * 16,
    ],
)
def test_default_typed_and_counted_keys_are_refused(chosen: bytes) -> None:
    with pytest.raises(RingRefused, match="not random"):
        parse_ring(ring_text(keks={"1": b64(chosen)}), "the file")
    with pytest.raises(RingRefused, match="not random"):
        parse_ring(ring_text(index={"1": b64(chosen)}), "the file")


def test_the_same_key_twice_is_refused() -> None:
    twice = b64(key())
    with pytest.raises(RingRefused, match="same key twice"):
        parse_ring(ring_text(keks={"1": twice}, index={"1": twice}), "the file")


def test_random_keys_are_not_mistaken_for_chosen_ones() -> None:
    for _ in range(2000):
        parse_ring(fresh_ring(), "the file")


@pytest.mark.parametrize("text", ["", "null", "[]", "1", '{"current": 1', '"keks"', "\x00"])
def test_text_that_is_not_a_ring_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="JSON of the form"):
        parse_ring(text, "the file")


def test_no_refusal_shows_a_key() -> None:
    secret = b64(key())
    for text in (ring_text(keks={"1": secret, "2": 5}), f'{{"keks": "{secret}'):
        with pytest.raises(RingRefused) as refusal:
            parse_ring(text, "the file")
        assert secret not in str(refusal.value)
        assert refusal.value.__suppress_context__


def test_a_ring_shows_numbers_and_no_keys() -> None:
    ring = KeyRing(2, {1: key(), 2: key()}, {1: key()})
    assert repr(ring) == f"{ring}" == "<KeyRing current=2 keks=[1, 2] index=[1]>"
    assert not hasattr(ring, "__dict__")


def test_a_ring_is_never_copied_or_pickled() -> None:
    ring = KeyRing(1, {1: key()}, {1: key()})
    for leave in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            leave(ring)


def test_the_newest_index_key_is_current_unless_the_ring_says_otherwise() -> None:
    index = {1: key(), 2: key()}
    assert KeyRing(1, {1: key()}, index).index_current == 2
    assert KeyRing(1, {1: key()}, index, index_current=1).index_current == 1


def test_a_wrapped_key_comes_back_for_its_owner_only() -> None:
    ring, data_key = KeyRing(1, {1: key(), 2: key()}, {1: key()}), key()
    kek_id, wrapped = ring.wrap(OWNER, data_key)
    assert ring.unwrap(OWNER, kek_id, wrapped) == data_key
    with pytest.raises(Tampered, match="tag"):
        ring.unwrap(uuid4(), kek_id, wrapped)


def test_a_wrapped_key_opens_under_its_own_number_only() -> None:
    same = key()
    old, new = KeyRing(1, {1: same}, {1: key()}), KeyRing(2, {2: same}, {1: key()})
    _, wrapped = old.wrap(OWNER, key())
    with pytest.raises(Tampered, match="tag"):
        new.unwrap(OWNER, 2, wrapped)
    with pytest.raises(Tampered, match="unknown_kek"):
        new.unwrap(OWNER, 1, wrapped)


def test_open_only_keys_still_open_after_the_current_one_has_changed() -> None:
    first, index, data_key = key(), {1: key()}, key()
    kek_id, wrapped = KeyRing(1, {1: first}, index).wrap(OWNER, data_key)
    later = KeyRing(2, {1: first, 2: key()}, index)
    assert later.unwrap(OWNER, kek_id, wrapped) == data_key
    assert later.wrap(OWNER, data_key)[0] == 2


def test_every_flipped_bit_and_truncation_of_a_wrapped_key_is_refused() -> None:
    ring = KeyRing(1, {1: key()}, {1: key()})
    kek_id, wrapped = ring.wrap(OWNER, key())
    damaged = [wrapped[:length] for length in range(len(wrapped))]
    for bit in range(len(wrapped) * 8):
        flipped = bytearray(wrapped)
        flipped[bit // 8] ^= 1 << bit % 8
        damaged.append(bytes(flipped))
    for bad in damaged:
        with pytest.raises(Tampered):
            ring.unwrap(OWNER, kek_id, bad)


def test_a_wrapped_key_of_another_length_is_refused() -> None:
    ring = KeyRing(1, {1: key()}, {1: key()})
    kek_id, wrapped = ring.wrap(OWNER, b"short")
    with pytest.raises(Tampered, match="key_length"):
        ring.unwrap(OWNER, kek_id, wrapped)
