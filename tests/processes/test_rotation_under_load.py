"""Rotation in the middle of a working day: a killed run is taken up, and nobody notices (issue 3)."""

import itertools
import os
import random
import signal
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from casework import database, vault
from casework.extensions import db
from casework.keys import policy, tasks
from casework.keys import services as keys
from casework.keys.models import RunKind
from casework.people import queries, services
from casework.people.models import Person
from casework.vault import unreadable_counts
from tests.people.records import keep_person
from tests.processes import rotation
from tests.processes.conftest import PATIENCE, House, wait_until
from tests.vault import rings
from tests.world import World

pytestmark = pytest.mark.processes
READERS, WRITERS, PEOPLE, OWNERS = 8, 4, 40, 12_000


class Load:
    """Readers and writers on connections of their own, until they are told to stop."""

    def __init__(self, house: House, names: dict[uuid.UUID, str]) -> None:
        self.house, self.names = house, names
        self.stop = threading.Event()
        self.acts: Counter[str] = Counter()
        # Nobody shares a number, so that nobody is compared with somebody who was just erased.
        self.numbers = itertools.count()

    def read(self) -> None:
        """Open somebody by name and by number, and find what was sealed."""
        people = list(self.names)
        while not self.stop.is_set():
            number = random.randrange(len(people))
            self._act("read", lambda number=number: self._check(people[number], number))

    def write(self) -> None:
        """Keep somebody, change them, read them back, and erase their key now and then."""
        while not self.stop.is_set():
            self._act("written", self._keep_change_and_erase)

    def _act(self, what: str, act: Callable[[], None]) -> None:
        with self.house.app.app_context():
            act()
            database.commit()
        self.acts[what] += 1

    def _check(self, person_id: uuid.UUID, number: int) -> None:
        actor = World.load().amina.actor
        [person] = queries.with_ids(actor, [person_id])
        opened = services.open_details(actor, person, "full_name", purpose="call")
        assert opened["full_name"] == self.names[person_id]
        assert services.find_people(actor, phone=rotation.phone_of(number)) == [person]

    def _keep_change_and_erase(self) -> None:
        actor = World.load().amina.actor
        mark, number = uuid.uuid4().hex, next(self.numbers)
        phone = f"438-{200 + number // 10_000}-{number % 10_000:04d}"
        person = keep_person(actor, details={"phone": phone, "full_name": mark})
        person_id = person.id
        database.commit()
        kept = db.session.get(Person, person_id)
        assert kept is not None
        services.change_details(actor, kept, details={"handle": mark})
        assert services.open_details(actor, kept, "handle", purpose="call")["handle"] == mark
        assert vault.destroy_key(person_id)


def test_nobody_notices_a_rotation_that_is_killed_and_taken_up(
    house: House, keys: str, tmp_path: Path
) -> None:
    names = rotation.keep_people(house, PEOPLE)
    rotation.make_owners(house, OWNERS)
    before = house.rows(rotation.STANDING, kek=1)[0][0]
    ring = rotation.rotate(house, keys, tmp_path)
    unreadable = unreadable_counts()
    load = Load(house, names)
    with ThreadPoolExecutor(READERS + WRITERS) as pool:
        working = [pool.submit(load.read) for _ in range(READERS)]
        working += [pool.submit(load.write) for _ in range(WRITERS)]
        try:
            kill_in_the_middle(house, before)
            said = rotation.run_command(house, "keys", "rewrap")
        finally:
            load.stop.set()
        for done in working:
            done.result(PATIENCE)
    assert f"north: {before} data keys brought to key 2, 0 failed, 0 left (done)" in said
    assert rotation.run_row(house) == ("done", before, before, 0)
    assert house.rows(rotation.STANDING, kek=1) == [(0,)]
    assert unreadable_counts() == unreadable
    assert load.acts["read"] > READERS
    assert load.acts["written"] > WRITERS
    everybody_opens_without_the_older_key(house, names, ring)


def kill_in_the_middle(house: House, total: int) -> None:
    """Kill a run with SIGKILL after its first batches: what it counted is what it moved."""
    running = rotation.start_command(house, "keys", "rewrap")
    wait_until(lambda: (rotation.run_row(house) or (0, 0, 0))[2] > 0, "no batch was ever counted")
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate(timeout=PATIENCE)
    # What the dead process had begun is rolled back once its connection is found broken.
    wait_until(
        lambda: (
            not house.rows(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND query LIKE '%data_key AS standing%'"
                " AND state <> 'idle'"
            )
        ),
        "the dead process's transaction never ended",
    )
    state, counted, done, failed = rotation.run_row(house)
    assert (state, counted, failed) == ("running", total, 0)
    assert 0 < done < total
    assert house.rows(rotation.STANDING, kek=1) == [(total - done,)]


def everybody_opens_without_the_older_key(
    house: House, names: dict[uuid.UUID, str], ring: dict[str, Any]
) -> None:
    """Retire key 1 and open everybody who was there before."""
    rings.use(house.app, rings.ring_of(ring | {"keks": {"2": ring["keks"]["2"]}}))
    with house.app.app_context():
        actor = World.load().amina.actor
        people = queries.with_ids(actor, list(names))
        for person in people:
            opened = services.open_details(actor, person, "full_name", purpose="call")
            assert opened["full_name"] == names[person.id]
        assert len(people) == PEOPLE


def test_everybody_is_found_while_the_index_key_changes(
    house: House, keys: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In batches of four, so that look-ups meet people of both versions."""
    monkeypatch.setitem(policy.BATCH, RunKind.REINDEX, 4)
    names = rotation.keep_people(house, PEOPLE)
    rotation.rotate(house, keys, tmp_path, index=True)
    load = Load(house, names)
    with ThreadPoolExecutor(READERS) as pool:
        working = [pool.submit(load.read) for _ in range(READERS)]
        try:
            make_terms_again(house)
        finally:
            load.stop.set()
        for done in working:
            done.result(PATIENCE)
    assert rotation.run_row(house) == ("done", PEOPLE, PEOPLE, 0)
    assert load.acts["read"] > 0
    assert house.rows("SELECT DISTINCT version FROM index_term") == [(2,)]
    with house.app.app_context():
        database.enter_service(World.load().north.id)
        assert db.session.scalar(text("SELECT count(*) FROM index_term")) == PEOPLE * 2


def make_terms_again(house: House) -> None:
    """Carry a run of terms to its end, batch by batch."""
    with house.app.app_context():
        world = World.load()
        run_id = keys.start_run(world.marc.actor, kind=RunKind.REINDEX).id
        database.commit()
        while (worked := tasks.take_batch(world.north.id, run_id)) and not worked.is_done:
            pass
