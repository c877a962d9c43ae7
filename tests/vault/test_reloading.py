"""A running process reads its ring anew when the file changed or a key is missing, and never loses what it had."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from flask import Flask

from casework.extensions import db as database_extension
from casework.people.models import Person
from casework.vault import (
    KeyRing,
    Unreadable,
    create_key,
    index_candidates,
    index_put,
    open_fields,
    ring,
    seal,
)
from casework.vault.changes import Part, activate_key, add_and_activate_key, add_key
from casework.vault.data_keys import CACHE
from casework.vault.keyring import RingRefused, fresh_ring, parse_ring
from casework.vault.models import DataKey
from casework.vault.providers import KeyFile, Source, source_of
from casework.vault.reloading import REST, Reloader
from tests.vault.transit_standin import transit

PHONE = "+14165550142"


class Counted(KeyFile):
    """A file that counts how often it is read, with a clock that the test moves."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.reads = 0
        self.time = 0.0

    def load(self) -> str:
        self.reads += 1
        return super().load()

    def clock(self) -> float:
        return self.time


@pytest.fixture
def source(tmp_path: Path) -> Counted:
    """Give a new ring in a counted file."""
    made = Counted(tmp_path / "keyring.json")
    made.store(fresh_ring(), is_new=True)
    return made


@pytest.fixture
def reloader(source: Counted) -> Reloader:
    """Give the ring of a process that has just begun."""
    made = Reloader({}, source, source.clock)
    source.reads = 0
    return made


def rotated(source: Source) -> str:
    return add_and_activate_key(source.load(), Part.KEKS).ring


def has(number: int) -> Callable[[KeyRing], bool]:
    return lambda held: number in held.kek_ids


def test_an_unchanged_file_is_read_once(reloader: Reloader, source: Counted) -> None:
    for _ in range(100):
        assert reloader.current().current == 1
        source.time += REST
    assert source.reads == 0


def test_a_changed_file_is_read_anew_once(reloader: Reloader, source: Counted) -> None:
    source.store(rotated(source))
    source.reads = 0
    assert [reloader.current().current for _ in range(3)] == [2, 2, 2]
    assert source.reads == 1


def test_a_file_rewritten_in_place_is_read_anew(reloader: Reloader, source: Counted) -> None:
    # So does “cp” onto the ring of a second host.
    source.path.write_text(rotated(source))
    assert reloader.current().current == 2


def test_a_missing_key_is_looked_for_once_in_a_while(reloader: Reloader, source: Counted) -> None:
    for _ in range(50):
        assert reloader.holding(has(9)).kek_ids == [1]
    assert source.reads == 1
    source.time += REST
    reloader.holding(has(9))
    assert source.reads == 2


def test_a_key_that_is_there_is_not_looked_for(reloader: Reloader, source: Counted) -> None:
    reloader.holding(has(1))
    assert source.reads == 0


@pytest.mark.parametrize("content", ["", '{"current": 1, "ke', "not a ring"])
def test_a_torn_file_leaves_the_ring_as_it_was_and_is_tried_again(
    reloader: Reloader, source: Counted, content: str
) -> None:
    whole = rotated(source)
    source.path.write_text(content)
    source.reads = 0
    with structlog.testing.capture_logs() as logs:
        assert [reloader.current().current for _ in range(20)] == [1] * 20
    assert source.reads == 1
    assert [line["event"] for line in logs] == ["vault.ring_not_read_anew"]
    source.time += REST
    assert reloader.current().current == 1
    assert source.reads == 2
    source.path.write_text(whole)
    assert reloader.current().current == 2


def test_a_file_that_is_gone_leaves_the_ring_as_it_was(reloader: Reloader, source: Counted) -> None:
    source.path.unlink()
    assert reloader.current().current == 1
    assert reloader.holding(has(2)).kek_ids == [1]


def test_a_file_open_to_others_is_not_taken(reloader: Reloader, source: Counted) -> None:
    source.store(rotated(source))
    source.path.chmod(0o644)
    with structlog.testing.capture_logs() as logs:
        assert reloader.current().current == 1
    assert "chmod 600" in logs[0]["why"]


def test_the_ring_of_another_installation_is_not_taken(reloader: Reloader, source: Counted) -> None:
    source.store(fresh_ring())
    with structlog.testing.capture_logs() as logs:
        kept = reloader.current()
    assert "another installation" in logs[0]["why"]
    assert kept.contradicts(parse_ring(source.load(), "it"))


def test_no_log_line_shows_a_key(reloader: Reloader, source: Counted) -> None:
    texts = []
    with structlog.testing.capture_logs() as logs:
        for text in (rotated(source), fresh_ring(), rotated(source)[:-30]):
            source.path.write_text(text)
            texts.append(text)
            reloader.current()
    assert len(logs) == 3
    keys = [key for text in texts[:2] for key in json.loads(text)["keks"].values()]
    assert not [key for key in keys if key in str(logs)]


def test_threads_that_come_meanwhile_go_on_with_the_ring_they_have(
    reloader: Reloader, source: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.store(rotated(source))
    reading, release = threading.Event(), threading.Event()
    load = source.load

    def slow() -> str:
        reading.set()
        assert release.wait(30)
        return load()

    monkeypatch.setattr(source, "load", slow)
    first = threading.Thread(target=reloader.current)
    first.start()
    assert reading.wait(30)
    assert reloader.current().current == 1
    release.set()
    first.join()
    assert reloader.current().current == 2


def test_many_threads_looking_for_one_key_read_the_file_once(
    reloader: Reloader, source: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The file says nothing new, as on a network disk that hides the change for a moment.
    new = rotated(source)
    source.path.write_text(new)
    stamp = reloader._stamp
    monkeypatch.setattr(source, "stamp", lambda: stamp)
    source.reads = 0
    gate = threading.Barrier(16)
    found: list[list[int]] = []

    def look() -> None:
        gate.wait(30)
        found.append(reloader.holding(has(2)).kek_ids)

    threads = [threading.Thread(target=look) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[1, 2]] * 16
    assert source.reads == 1


# --- in the application ------------------------------------------------------------------------


@pytest.fixture
def own_ring(app: Flask, tmp_path: Path) -> Iterator[KeyFile]:
    """Give the application a ring file of its own, and its former one back afterwards."""
    before = {name: app.extensions[name] for name in ("vault", "vault_reloader")}
    made = KeyFile(tmp_path / "own.json")
    made.store(fresh_ring(), is_new=True)
    app.extensions["vault_reloader"] = Reloader(app.extensions, made)
    yield made
    app.extensions.update(before)


def stale(app: Flask, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process not notice that the file changes."""
    stamp = source.stamp()
    monkeypatch.setattr(source, "stamp", lambda: stamp)


def test_what_another_process_sealed_under_a_new_key_opens_without_a_restart(
    app: Flask,
    own_ring: KeyFile,
    make_person: Callable[..., Person],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = app.extensions["vault"]
    stale(app, own_ring, monkeypatch)
    own_ring.store(rotated(own_ring))
    app.extensions["vault"] = parse_ring(own_ring.load(), "the other process")
    person = make_person(full_name="Zoé Tremblay")
    assert database_extension.session.get(DataKey, person.id).kek_id == 2
    database_extension.session.info.pop(CACHE, None)
    app.extensions["vault"] = old
    assert open_fields(person, "full_name") == {"full_name": "Zoé Tremblay"}
    assert ring().current == 2


def test_who_was_written_down_under_a_new_index_key_is_found_without_a_restart(
    app: Flask, own_ring: KeyFile, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, owner = app.extensions["vault"], uuid4()
    stale(app, own_ring, monkeypatch)
    own_ring.store(add_and_activate_key(own_ring.load(), Part.INDEX).ring)
    app.extensions["vault"] = parse_ring(own_ring.load(), "the other process")
    index_put(world.north.id, owner, "phone", PHONE)
    app.extensions["vault"] = old
    assert index_candidates(world.north.id, "phone", PHONE) == [owner]


def test_a_key_that_no_ring_has_is_a_reason_and_leaves_others_readable(
    app: Flask, own_ring: KeyFile, make_person: Callable[..., Person]
) -> None:
    readable, lost = make_person(full_name="Ana Roy"), make_person(full_name="Bo Roy")
    key = database_extension.session.get(DataKey, lost.id)
    key.kek_id = 7
    database_extension.session.flush()
    database_extension.session.info.pop(CACHE, None)
    with pytest.raises(Unreadable) as failure:
        open_fields(lost, "full_name")
    assert failure.value.failure.reason == "key_unknown_kek"
    assert open_fields(readable, "full_name") == {"full_name": "Ana Roy"}


def test_new_keys_are_wrapped_by_the_key_made_current_meanwhile(
    app: Flask, own_ring: KeyFile, db: Any, world: Any
) -> None:
    waiting = add_key(own_ring.load(), Part.KEKS).ring
    own_ring.store(waiting)
    create_key(world.north.id, before := uuid4())
    own_ring.store(activate_key(waiting, Part.KEKS).ring)
    create_key(world.north.id, after := uuid4())
    keys = {owner: db.session.get(DataKey, owner).kek_id for owner in (before, after)}
    assert keys == {before: 1, after: 2}


def test_a_key_store_that_goes_down_later_changes_nothing(
    app: Flask,
    db: Any,
    make_person: Callable[..., Person],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = {name: app.extensions[name] for name in ("vault", "vault_reloader")}
    with transit() as key_store:
        monkeypatch.setenv("VAULT_ADDR", key_store.address)
        monkeypatch.setenv("VAULT_TOKEN", key_store.token)
        source = source_of(f"transit:casework:{tmp_path}/ring.sealed")
        source.store(fresh_ring(), is_new=True)
        app.extensions["vault_reloader"] = Reloader(app.extensions, source)
        person = make_person(full_name="Ana Roy")
        key_store.questions.clear()
        key_store.mood = "sealed"
        try:
            database_extension.session.info.pop(CACHE, None)
            seal(person, full_name="Ana Roy-Lee")
            assert open_fields(person, "full_name") == {"full_name": "Ana Roy-Lee"}
            assert key_store.questions == []
            # Not even when the file is touched meanwhile: it is asked, says no, and nothing is lost.
            assert source.path is not None
            os.utime(source.path, ns=(1, 1))
            with structlog.testing.capture_logs() as logs:
                database_extension.session.info.pop(CACHE, None)
                assert open_fields(person, "full_name") == {"full_name": "Ana Roy-Lee"}
            assert ["sealed or down" in line["why"] for line in logs] == [True]
            assert len(key_store.questions) == 1
        finally:
            app.extensions.update(before)


def test_a_key_store_that_is_down_at_start_refuses_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transit() as key_store:
        monkeypatch.setenv("VAULT_ADDR", key_store.address)
        monkeypatch.setenv("VAULT_TOKEN", key_store.token)
        source = source_of(f"transit:casework:{tmp_path}/ring.sealed")
        source.store(fresh_ring(), is_new=True)
    with pytest.raises(RingRefused, match="cannot be reached"):
        Reloader({}, source)
