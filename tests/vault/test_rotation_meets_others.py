"""Rotation beside erasures, edits, look-ups and itself: nobody is lost, nothing erased comes back."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from casework import database, people, vault
from casework.extensions import db
from casework.people.models import Person
from tests.people.records import keep_person
from tests.vault import rings
from tests.world import World

PHONE = "514-555-0142"
KEYS = 300
PATIENCE = 60


@pytest.fixture
def service_id(live_db: Flask, keys: str) -> uuid.UUID:
    """Give the first service of a database of this test's own, one rotation later."""
    with live_db.app_context():
        north = World.load().north.id
        for _ in range(KEYS):
            vault.create_key(north, uuid.uuid4())
        database.commit()
    rings.use(live_db, rings.ring_of(rings.rotated(rings.document(keys), index=True)))
    return north


@pytest.fixture
def person_id(live_db: Flask, keys: str, service_id: uuid.UUID) -> uuid.UUID:
    """Give somebody kept before the rotation."""
    rings.use(live_db, rings.ring_of(rings.document(keys)))
    with live_db.app_context():
        kept = keep_person(World.load().amina.actor, details={"phone": PHONE})
        database.commit()
        made: uuid.UUID = kept.id
    rings.use(live_db, rings.ring_of(rings.rotated(rings.document(keys), index=True)))
    return made


@pytest.fixture
def somebody_else() -> Iterator[Callable[..., Future[Any]]]:
    """Let something run beside the test, on a connection of its own."""
    with ThreadPoolExecutor(4) as pool:
        yield pool.submit


def within(app: Flask, service_id: uuid.UUID, act: Callable[[], Any]) -> Any:
    """Do something in a session of its own, and commit it."""
    with app.app_context():
        database.enter_service(service_id)
        answer = act()
        database.commit()
        return answer


def wait_for_a_waiter() -> None:
    """Wait until somebody in this database waits for a lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock'"
    )
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        # A connection of its own: within one transaction this view never changes.
        with db.engine.connect() as connection:
            if connection.scalar(waiting):
                return
        time.sleep(0.02)
    pytest.fail("nobody came to wait")


def count(table: str, owner_id: uuid.UUID) -> int:
    counted = text(f"SELECT count(*) FROM {table} WHERE owner_id = :id")
    return db.session.scalar(counted, {"id": owner_id}) or 0


def find(app: Flask) -> list[uuid.UUID]:
    """Look somebody up from another connection."""
    with app.app_context():
        world = World.load()
        return [p.id for p in people.services.find_people(world.amina.actor, phone=PHONE)]


def test_two_rewraps_at_once_move_every_key_once(live_db: Flask, service_id: uuid.UUID) -> None:
    together = threading.Barrier(2)

    def rewrap() -> int:
        with live_db.app_context():
            database.enter_service(service_id)
            together.wait(PATIENCE)
            moved = 0
            while vault.keys_to_move(service_id):
                batch = vault.rewrap_batch(service_id, 20)
                database.commit()
                assert batch.failed == 0
                moved += batch.moved
            return moved

    with ThreadPoolExecutor(2) as pool:
        moved = [done.result() for done in [pool.submit(rewrap) for _ in range(2)]]
    assert sum(moved) == KEYS
    standing = within(live_db, service_id, lambda: vault.keys_by_kek(service_id))
    assert standing == {2: (KEYS, 0)}


def test_an_erasure_that_waits_for_a_batch_still_erases(
    live_db: Flask, service_id: uuid.UUID, person_id: uuid.UUID, somebody_else: Any
) -> None:
    with live_db.app_context():
        database.enter_service(service_id)
        assert vault.rewrap_batch(service_id, KEYS * 2).moved == KEYS + 1
        erasure = somebody_else(within, live_db, service_id, lambda: vault.destroy_key(person_id))
        wait_for_a_waiter()
        database.commit()
        assert erasure.result(PATIENCE) is True
        assert count("data_key", person_id) == 0


def test_a_batch_passes_by_what_is_being_erased(
    live_db: Flask, service_id: uuid.UUID, person_id: uuid.UUID
) -> None:
    with live_db.app_context():
        database.enter_service(service_id)
        vault.destroy_key(person_id)
        moved = within(live_db, service_id, lambda: vault.rewrap(service_id, KEYS * 2))
        assert moved == (KEYS, 0, 1)
        database.commit()
        assert vault.rewrap(service_id, KEYS * 2) == (0, 0, 0)
        assert count("data_key", person_id) == 0


def test_an_erasure_that_waits_for_new_terms_deletes_them_too(
    live_db: Flask, service_id: uuid.UUID, person_id: uuid.UUID, somebody_else: Any
) -> None:
    with live_db.app_context():
        database.enter_service(service_id)
        assert vault.reindex_batch(service_id, 10) == (1, 0)
        erasure = somebody_else(within, live_db, service_id, lambda: vault.destroy_key(person_id))
        wait_for_a_waiter()
        database.commit()
        assert erasure.result(PATIENCE) is True
        assert count("index_term", person_id) == 0


def test_terms_are_not_made_for_somebody_who_is_being_erased(
    live_db: Flask, service_id: uuid.UUID, person_id: uuid.UUID
) -> None:
    with live_db.app_context():
        database.enter_service(service_id)
        vault.destroy_key(person_id)
        made = within(live_db, service_id, lambda: vault.reindex_batch(service_id, 10))
        assert made == (0, 0)
        database.commit()
        assert count("index_term", person_id) == 0
        assert vault.owners_to_reindex(service_id) == 0


def test_somebody_is_found_while_their_terms_are_being_made_again(
    live_db: Flask, service_id: uuid.UUID, person_id: uuid.UUID
) -> None:
    with live_db.app_context():
        database.enter_service(service_id)
        assert find(live_db) == [person_id]
        assert vault.reindex_batch(service_id, 10) == (1, 0)
        assert find(live_db) == [person_id]
        database.commit()
        assert find(live_db) == [person_id]


def test_a_number_that_is_being_changed_is_taken_up_afterwards(
    live_db: Flask, service_id: uuid.UUID, person_id: uuid.UUID
) -> None:
    with live_db.app_context():
        world = World.load()
        person = db.session.get(Person, person_id)
        assert person is not None
        people.services.change_details(
            world.amina.actor, person, details={"email": "maya@example.org"}
        )
        assert within(live_db, service_id, lambda: vault.reindex_batch(service_id, 10)) == (0, 0)
        database.commit()
        assert vault.reindex_batch(service_id, 10) == (1, 0)
        rows = db.session.execute(text("SELECT kind, version FROM index_term ORDER BY kind"))
        assert [tuple(row) for row in rows] == [("email", 2), ("phone", 2)]
