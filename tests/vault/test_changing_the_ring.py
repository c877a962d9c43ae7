"""Rotating and retiring keys of the ring: each step in its order, and the file whole at any moment."""

import fcntl
import json
import os
from pathlib import Path

import pytest

from casework.vault import private_files
from casework.vault.changes import (
    Part,
    activate_key,
    add_and_activate_key,
    add_key,
    change_ring,
    check_retirable,
    retire_key,
)
from casework.vault.keyring import RingRefused, fresh_ring, parse_ring
from casework.vault.private_files import replace_file, write_new_file
from casework.vault.providers import KeyFile, source_of

BOTH = pytest.mark.parametrize("part", list(Part))


@pytest.fixture
def source(tmp_path: Path) -> KeyFile:
    """Give a new ring in a file."""
    made = KeyFile(tmp_path / "keyring.json")
    made.store(fresh_ring(), is_new=True)
    return made


def current(ring: str, part: Part) -> int:
    keys = parse_ring(ring, "it")
    return keys.current if part is Part.KEKS else keys.index_current


def numbers(ring: str, part: Part) -> list[int]:
    keys = parse_ring(ring, "it")
    return keys.kek_ids if part is Part.KEKS else keys.index_versions


@BOTH
def test_a_new_key_only_opens_until_it_is_made_current(part: Part) -> None:
    added = add_key(fresh_ring(), part)
    assert (added.number, current(added.ring, part), numbers(added.ring, part)) == (2, 1, [1, 2])
    activated = activate_key(added.ring, part)
    assert (activated.number, current(activated.ring, part)) == (2, 2)


@BOTH
def test_the_other_kind_of_key_stays_as_it_was(part: Part) -> None:
    other = Part.INDEX if part is Part.KEKS else Part.KEKS
    ring = fresh_ring()
    after = add_and_activate_key(ring, part).ring
    assert json.loads(after)[other.value] == json.loads(ring)[other.value]
    assert current(after, other) == 1


@BOTH
def test_a_second_new_key_waits_for_the_first(part: Part) -> None:
    with pytest.raises(RingRefused, match="Key 2 is waiting"):
        add_key(add_key(fresh_ring(), part).ring, part)


@BOTH
def test_nothing_is_made_current_while_nothing_waits(part: Part) -> None:
    with pytest.raises(RingRefused, match="No key is waiting"):
        activate_key(fresh_ring(), part)


@BOTH
def test_a_current_or_unknown_key_cannot_be_retired(part: Part) -> None:
    ring = add_and_activate_key(fresh_ring(), part).ring
    with pytest.raises(RingRefused, match="Key 2 is current"):
        check_retirable(ring, part, 2)
    with pytest.raises(RingRefused, match="no key 3"):
        retire_key(ring, part, 3)
    assert numbers(retire_key(ring, part, 1).ring, part) == [2]


@BOTH
def test_the_number_of_a_retired_key_never_returns(part: Part) -> None:
    waiting = add_key(fresh_ring(), part).ring
    given_up = retire_key(waiting, part, 2).ring
    assert add_key(given_up, part).number == 3
    assert numbers(add_key(given_up, part).ring, part) == [1, 3]


def test_a_ring_without_later_names_is_still_read() -> None:
    document = json.loads(add_key(fresh_ring(), Part.INDEX).ring)
    assert set(document) == {"current", "keks", "index", "index_current"}


def test_a_change_is_written_privately_and_in_one_step(source: KeyFile) -> None:
    before = source.path.stat().st_ino
    assert change_ring(source, lambda ring: add_key(ring, Part.KEKS)) == 2
    assert source.path.stat().st_ino != before
    assert source.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in source.path.parent.iterdir()] == ["keyring.json"]


def test_a_change_follows_a_link_to_the_ring(source: KeyFile, tmp_path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(source.path)
    change_ring(KeyFile(link), lambda ring: add_key(ring, Part.KEKS))
    assert link.is_symlink()
    assert numbers(source.load(), Part.KEKS) == [1, 2]


@pytest.mark.skipif(os.geteuid() != 0, reason="only an administrator may give files away")
def test_an_administrators_change_leaves_the_ring_to_its_owner(source: KeyFile) -> None:
    os.chown(source.path, 4242, 4243)
    change_ring(source, lambda ring: add_key(ring, Part.KEKS))
    assert (source.path.stat().st_uid, source.path.stat().st_gid) == (4242, 4243)


@pytest.mark.parametrize("step", ["fsync", "open"])
def test_a_full_disk_leaves_the_old_ring(
    source: KeyFile, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = source.load()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(private_files.os, step, full)
    with pytest.raises(RingRefused, match=r"no space left on device\.$"):
        source.store(add_key(before, Part.KEKS).ring)
    monkeypatch.undo()
    assert source.load() == before
    assert [path.name for path in source.path.parent.iterdir()] == ["keyring.json"]


def test_a_full_disk_leaves_no_half_written_new_ring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(private_files.os, "fsync", full)
    with pytest.raises(RingRefused, match="no space left"):
        KeyFile(tmp_path / "new.json").store(fresh_ring(), is_new=True)
    assert list(tmp_path.iterdir()) == []


def test_two_changes_at_once_are_refused(source: KeyFile) -> None:
    held = os.open(source.path.parent, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(RingRefused, match="Another command is changing"):
        change_ring(source, lambda ring: add_key(ring, Part.KEKS))
    os.close(held)
    change_ring(source, lambda ring: add_key(ring, Part.KEKS))


def test_a_ring_in_the_environment_is_not_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_RING", fresh_ring())
    source = source_of("env:SOME_RING")
    for act in (
        lambda: change_ring(source, lambda ring: add_key(ring, Part.KEKS)),
        lambda: source.store(fresh_ring()),
    ):
        with pytest.raises(RingRefused, match="keep it in a file"):
            act()


def test_a_reader_sees_the_old_or_the_new_content(tmp_path: Path) -> None:
    path = tmp_path / "ring"
    write_new_file(path, "old")
    with path.open() as reading:
        replace_file(path, "new")
        assert reading.read() == "old\n"
    assert path.read_text() == "new\n"


DAMAGED = pytest.mark.parametrize(
    "retired", [[], 3, None, {"keks": 3}, {"keks": ["a"]}, {"keks": [True]}, {"keks": {"1": 1}}]
)


@DAMAGED
def test_a_damaged_list_of_retired_keys_is_one_sentence(retired: object) -> None:
    ring = json.dumps({**json.loads(fresh_ring()), "retired": retired})
    for change in (add_key, activate_key, lambda text, part: check_retirable(text, part, 1)):
        with pytest.raises(RingRefused, match="list of retired keys is damaged"):
            change(ring, Part.KEKS)


@pytest.mark.parametrize(
    "text", ["[" * 60_000, '{"a":' * 10_000, '{"current": 1, "keks": ' + "[" * 60_000]
)
def test_a_deeply_nested_ring_is_one_sentence(text: str) -> None:
    with pytest.raises(RingRefused, match="is not JSON of the form"):
        parse_ring(text, "it")
