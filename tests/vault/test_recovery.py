"""Recovery shares: enough officers bring the ring back, fewer learn nothing, mistakes are said plainly."""

import itertools
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pyrage
import pytest
from shamir_mnemonic import Share
from shamir_mnemonic.wordlist import WORDLIST

from casework.vault import bech32
from casework.vault.changes import (
    Part,
    add_and_activate_key,
    add_key,
    change_ring,
    renew_recovery,
    retire_key,
)
from casework.vault.keyring import RingRefused, fresh_ring
from casework.vault.providers import KeyFile
from casework.vault.recovery import (
    keep_ring,
    open_recovery,
    read_share,
    recovery_path,
    restore_ring,
    with_recovery,
)


def read(texts: Sequence[str]) -> list[Share]:
    shares: list[Share] = []
    for text in texts:
        shares.append(read_share(text, shares))
    return shares


@pytest.fixture
def kept(tmp_path: Path) -> tuple[KeyFile, list[str]]:
    """Give a ring in a file with its recovery file, and the five shares of which three open it."""
    source = KeyFile(tmp_path / "keyring.json")
    ring, shares = with_recovery(fresh_ring(), 3, 5)
    keep_ring(source, ring, is_new=True)
    return source, shares


def sealed(source: KeyFile) -> bytes:
    return recovery_path(source.path).read_bytes()


def test_any_three_of_five_officers_bring_the_whole_ring_back(
    kept: tuple[KeyFile, list[str]],
) -> None:
    source, shares = kept
    for three in itertools.permutations(shares, 3):
        assert open_recovery(sealed(source), read(three)) == source.load()
    assert open_recovery(sealed(source), read(shares)) == source.load()


def test_too_few_shares_are_refused(kept: tuple[KeyFile, list[str]]) -> None:
    source, shares = kept
    for few in ([], shares[:1], shares[3:]):
        with pytest.raises(RingRefused, match=f"there are {len(few)}"):
            open_recovery(sealed(source), read(few))


def test_a_mistyped_share_is_refused_without_repeating_it(
    kept: tuple[KeyFile, list[str]],
) -> None:
    _, shares = kept
    words = shares[0].split()
    other = next(word for word in WORDLIST if word != words[20])
    swapped = [*words[:20], words[21], words[20], *words[22:]]
    for wrong in (
        " ".join([*words[:20], other, *words[21:]]),
        " ".join([*words[:20], "shleter", *words[21:]]),
        " ".join(words[:-1]),
        " ".join(swapped) if swapped != words else "",
        "",
        "hello",
    ):
        with pytest.raises(RingRefused, match="mistyped or incomplete") as refusal:
            read_share(wrong, [])
        assert not set(str(refusal.value).replace(".", "").split()) & {other, "shleter"}
        assert refusal.value.__suppress_context__


def test_upper_case_and_more_spaces_are_no_mistake(kept: tuple[KeyFile, list[str]]) -> None:
    source, shares = kept
    typed = [f"  {share.upper().replace(' ', '   ')}\n" for share in shares[:3]]
    assert open_recovery(sealed(source), read(typed)) == source.load()


def test_a_share_of_another_ceremony_and_one_given_twice_are_named(
    kept: tuple[KeyFile, list[str]],
) -> None:
    _, shares = kept
    other = with_recovery(fresh_ring(), 3, 5).shares
    with pytest.raises(RingRefused, match="another set"):
        read([shares[0], other[1]])
    with pytest.raises(RingRefused, match="given before"):
        read([shares[0], shares[0]])


def test_shares_of_another_ring_do_not_open_this_one(kept: tuple[KeyFile, list[str]]) -> None:
    source, _ = kept
    other = with_recovery(fresh_ring(), 2, 3).shares
    with pytest.raises(RingRefused, match="is not theirs"):
        open_recovery(sealed(source), read(other[:2]))


def test_a_damaged_recovery_file_is_refused(kept: tuple[KeyFile, list[str]]) -> None:
    source, shares = kept
    content = sealed(source)
    for damaged in (b"", b"age", content[:-1], content[:-1] + bytes([content[-1] ^ 1])):
        with pytest.raises(RingRefused, match="damaged"):
            open_recovery(damaged, read(shares[:3]))


@pytest.mark.parametrize(("needed", "officers"), [(1, 1), (1, 5), (0, 0), (4, 3), (2, 17), (-1, 3)])
def test_shares_that_would_protect_nothing_are_refused(needed: int, officers: int) -> None:
    with pytest.raises(RingRefused, match="--shares 3 --of 5"):
        with_recovery(fresh_ring(), needed, officers)


def test_the_recovery_key_is_nowhere_but_in_the_shares(kept: tuple[KeyFile, list[str]]) -> None:
    source, _ = kept
    assert json.loads(source.load())["recovery"].startswith("age1")
    for path in source.path.parent.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        assert b"AGE-SECRET-KEY" not in path.read_bytes().upper()
    keys = json.loads(source.load())["keks"]["1"]
    assert keys.encode() not in sealed(source)


def test_the_recovery_file_follows_every_change_without_the_officers(
    kept: tuple[KeyFile, list[str]],
) -> None:
    source, shares = kept
    change_ring(source, lambda ring: add_and_activate_key(ring, Part.KEKS))
    change_ring(source, lambda ring: add_key(ring, Part.INDEX))
    change_ring(source, lambda ring: retire_key(ring, Part.KEKS, 1))
    back = open_recovery(sealed(source), read(shares[2:]))
    assert back == source.load()
    assert set(json.loads(back)["keks"]) == {"2"}


def test_a_new_key_is_recoverable_before_anything_is_sealed_under_it(
    kept: tuple[KeyFile, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, shares = kept
    store, waiting = source.store, recovery_path(source.path).with_suffix(".age.new")

    def look_and_store(ring: str, *, is_new: bool = False) -> None:
        assert open_recovery(waiting.read_bytes(), read(shares[:3])) == ring
        store(ring, is_new=is_new)

    monkeypatch.setattr(source, "store", look_and_store)
    change_ring(source, lambda ring: add_and_activate_key(ring, Part.KEKS))
    assert set(json.loads(open_recovery(sealed(source), read(shares[:3])))["keks"]) == {"1", "2"}
    assert not waiting.exists()


FAILURES = pytest.mark.parametrize(
    "failure",
    [RingRefused("The key store refuses us."), OSError(28, "No space left"), KeyboardInterrupt()],
    ids=["refusal", "full disk", "Ctrl+C"],
)
CHANGES: dict[str, Callable[[KeyFile], object]] = {
    "rotate": lambda source: change_ring(source, lambda ring: add_key(ring, Part.KEKS)),
    "reshare": lambda source: renew_recovery(source, 2, 3),
}


@FAILURES
@pytest.mark.parametrize("change", CHANGES)
def test_a_ring_that_is_not_stored_leaves_the_old_pair(
    kept: tuple[KeyFile, list[str]],
    monkeypatch: pytest.MonkeyPatch,
    failure: BaseException,
    change: str,
) -> None:
    source, shares = kept
    before = source.load()

    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(source, "store", fail)
    with pytest.raises(type(failure)):
        CHANGES[change](source)
    assert source.load() == before
    assert open_recovery(sealed(source), read(shares[:3])) == before
    assert len(list(source.path.parent.iterdir())) == 2


@FAILURES
def test_a_failure_after_the_ring_was_stored_keeps_the_new_pair(
    kept: tuple[KeyFile, list[str]], monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    source, shares = kept
    store = source.store

    def store_and_fail(ring: str, *, is_new: bool = False) -> None:
        store(ring, is_new=is_new)
        raise failure

    monkeypatch.setattr(source, "store", store_and_fail)
    with pytest.raises(type(failure)):
        change_ring(source, lambda ring: add_and_activate_key(ring, Part.KEKS))
    assert set(json.loads(source.load())["keks"]) == {"1", "2"}
    assert open_recovery(sealed(source), read(shares[:3])) == source.load()


@FAILURES
def test_a_first_ring_that_is_not_stored_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    source = KeyFile(tmp_path / "keyring.json")

    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(source, "store", fail)
    with pytest.raises(type(failure)):
        keep_ring(source, with_recovery(fresh_ring(), 2, 3).ring, is_new=True)
    assert list(tmp_path.iterdir()) == []


def test_a_first_ring_never_replaces_a_recovery_file(kept: tuple[KeyFile, list[str]]) -> None:
    source, _ = kept
    before = sealed(source)
    source.path.unlink()
    with pytest.raises(RingRefused, match=r"recovery\.age exists already"):
        keep_ring(source, with_recovery(fresh_ring(), 2, 3).ring, is_new=True)
    assert sealed(source) == before


def test_a_ring_that_stands_keeps_its_place_and_leaves_no_recovery_file(tmp_path: Path) -> None:
    source = KeyFile(tmp_path / "keyring.json")
    source.store(first := fresh_ring(), is_new=True)
    with pytest.raises(RingRefused, match="exists already"):
        keep_ring(source, with_recovery(fresh_ring(), 2, 3).ring, is_new=True)
    assert source.load() == first
    assert not recovery_path(source.path).exists()


def test_a_lost_ring_comes_back_beside_its_recovery_file(
    kept: tuple[KeyFile, list[str]], tmp_path: Path
) -> None:
    source, shares = kept
    lost = source.load()
    source.path.unlink()
    restore_ring(source, open_recovery(sealed(source), read(shares[1:4])))
    assert source.load() == lost
    elsewhere = KeyFile(tmp_path / "elsewhere.json")
    restore_ring(elsewhere, lost)
    assert open_recovery(sealed(elsewhere), read(shares[:3])) == lost


def test_a_recipient_that_is_none_is_refused(tmp_path: Path) -> None:
    ring = json.dumps({**json.loads(fresh_ring()), "recovery": "age1nobody"})
    with pytest.raises(RingRefused, match="not an age recipient"):
        keep_ring(KeyFile(tmp_path / "keyring.json"), ring, is_new=True)
    assert list(tmp_path.iterdir()) == []


# --- bech32 ------------------------------------------------------------------------------------


def test_bech32_reads_and_writes_ages_own_keys() -> None:
    for _ in range(50):
        text = str(pyrage.x25519.Identity.generate())
        content = bech32.decode("age-secret-key-", text)
        assert len(content) == 32
        assert bech32.encode("age-secret-key-", content).upper() == text


def test_bech32_agrees_with_the_examples_of_its_standard() -> None:
    # From BIP 173, “Test vectors”.
    assert bech32.decode("a", "A12UEL5L") == b""
    assert bech32.encode("a", b"") == "a12uel5l"
    split = "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w"
    assert bech32.encode("split", bech32.decode("split", split)) == split


def test_bech32_refuses_every_changed_letter() -> None:
    text = bech32.encode("age-secret-key-", os.urandom(32))
    for place in range(len("age-secret-key-1"), len(text)):
        for letter in bech32.ALPHABET:
            if letter != text[place]:
                with pytest.raises(ValueError, match="checksum"):
                    bech32.decode("age-secret-key-", text[:place] + letter + text[place + 1 :])


@pytest.mark.parametrize("text", ["", "1", "a1", "A12uEL5L", "a12uelbl", "b12uel5l", "a2uel5l"])
def test_bech32_refuses_what_is_not_its_own(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        bech32.decode("a", text)
