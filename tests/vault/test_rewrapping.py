"""Rewrapping: data keys go under the current key, sealed bytes stay, what cannot be moved is told."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from casework import database, vault
from casework.people.models import Person
from casework.vault import open_fields, unreadable_counts, unreadable_hooks
from casework.vault.data_keys import CACHE
from casework.vault.models import DataKey
from tests.vault import rings

SECRET = "Zephyrine Quist"
MakePerson = Callable[..., Person]


@pytest.fixture
def people(make_person: MakePerson) -> list[Person]:
    """Give five people under key 1."""
    return [make_person(full_name=f"{SECRET} {number}") for number in range(5)]


@pytest.fixture
def ring(app: Flask, keys: str, people: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Make key 2 current, with key 1 still in the ring; give the ring's document."""
    after = rings.rotated(rings.document(keys))
    rings.swap(monkeypatch, app, rings.ring_of(after))
    return after


@pytest.fixture
def told() -> Any:
    """Give the failures that were announced."""
    failures: list[Any] = []
    unreadable_hooks.append(failures.append)
    yield failures
    unreadable_hooks.remove(failures.append)


def damage(db: Any, person: Person) -> None:
    """Change the last byte of a wrapped key, as a failing disk would."""
    db.session.execute(
        text(
            "UPDATE data_key SET wrapped = set_byte(wrapped, 60, 255 - get_byte(wrapped, 60))"
            " WHERE owner_id = :id"
        ),
        {"id": person.id},
    )
    db.session.expire_all()


def keks(db: Any, service_id: Any) -> list[int]:
    rows = db.session.scalars(select(DataKey.kek_id).where(DataKey.service_id == service_id))
    return sorted(rows)


def service_of(people: list[Person]) -> Any:
    return people[0].service_id


def test_everything_stands_under_the_current_key_and_opens(
    db: Any, people: list[Person], ring: Any
) -> None:
    moved = vault.rewrap(service_of(people), 100)
    assert moved == (5, 0, 0)
    assert keks(db, service_of(people)) == [2] * 5
    db.session.info.pop(CACHE, None)
    for number, person in enumerate(people):
        assert open_fields(person, "full_name") == {"full_name": f"{SECRET} {number}"}


def test_sealed_bytes_never_move(db: Any, people: list[Person], ring: Any) -> None:
    before = db.session.execute(text("SELECT id, full_name FROM person ORDER BY id")).all()
    vault.rewrap(service_of(people), 100)
    assert db.session.execute(text("SELECT id, full_name FROM person ORDER BY id")).all() == before


def test_the_older_key_alone_opens_nothing_any_more(
    app: Flask, db: Any, keys: str, people: list[Person], ring: Any, monkeypatch: Any
) -> None:
    vault.rewrap(service_of(people), 100)
    rings.swap(monkeypatch, app, rings.ring_of(rings.document(keys)))
    db.session.info.pop(CACHE, None)
    with pytest.raises(vault.Unreadable):
        open_fields(people[0], "full_name")


def test_batches_take_as_many_as_asked_and_count_what_is_left(
    people: list[Person], ring: Any
) -> None:
    service_id = service_of(people)
    assert vault.rewrap(service_id, 2) == (2, 0, 3)
    assert vault.rewrap(service_id, 2) == (2, 0, 1)
    assert vault.rewrap(service_id, 2) == (1, 0, 0)
    assert vault.rewrap(service_id, 2) == (0, 0, 0)


def test_keys_move_back_when_an_older_key_is_made_current_again(
    app: Flask, db: Any, people: list[Person], ring: Any, monkeypatch: Any
) -> None:
    vault.rewrap(service_of(people), 100)
    rings.swap(monkeypatch, app, rings.ring_of(ring | {"current": 1}))
    assert vault.rewrap(service_of(people), 100) == (5, 0, 0)
    assert keks(db, service_of(people)) == [1] * 5


def test_another_services_keys_stay_where_they_are(
    world: Any, people: list[Person], ring: Any
) -> None:
    database.enter_service(world.south.id)
    assert vault.rewrap(service_of(people), 100) == (0, 0, 0)
    assert vault.rewrap(world.south.id, 100) == (0, 0, 0)
    database.enter_service(world.north.id)
    assert vault.keys_to_move(world.north.id) == 5


def test_a_damaged_key_is_told_once_and_does_not_stop_the_others(
    db: Any, people: list[Person], ring: Any, told: Any
) -> None:
    damage(db, people[2])
    before = unreadable_counts().get("key_tag", 0)
    calls = []
    while not calls or calls[-1].left:
        calls.append(vault.rewrap(service_of(people), 2))
    assert len(calls) <= 3
    assert sum(call.moved for call in calls) == 4
    assert sum(call.failed for call in calls) == 1
    assert [(f.reason, f.owner_id, f.table_tag) for f in told] == [
        ("key_tag", people[2].id, "data_key")
    ]
    assert unreadable_counts()["key_tag"] == before + 1
    assert keks(db, service_of(people)) == [1, 2, 2, 2, 2]
    assert vault.keys_by_kek(service_of(people)) == {1: (1, 1), 2: (4, 0)}


def test_a_mended_key_is_moved_once_it_is_tried_again(
    db: Any, people: list[Person], ring: Any
) -> None:
    damage(db, people[2])
    assert vault.rewrap(service_of(people), 100) == (4, 1, 0)
    damage(db, people[2])  # twice damaged is mended
    assert vault.rewrap(service_of(people), 100) == (0, 0, 0)
    vault.forget_failed_keys(service_of(people))
    assert vault.rewrap(service_of(people), 100) == (1, 0, 0)


def test_a_ring_that_lacks_the_older_key_is_told_once_for_all(
    app: Flask, people: list[Person], ring: Any, told: Any, monkeypatch: Any
) -> None:
    without = ring | {"keks": {"2": ring["keks"]["2"]}}
    rings.swap(monkeypatch, app, rings.ring_of(without))
    assert vault.rewrap(service_of(people), 100) == (0, 5, 0)
    assert [failure.reason for failure in told] == ["key_unknown_kek"]


def test_an_erased_key_does_not_come_back(db: Any, people: list[Person], ring: Any) -> None:
    vault.destroy_key(people[0].id)
    assert vault.rewrap(service_of(people), 100) == (4, 0, 0)
    assert db.session.get(DataKey, people[0].id) is None


def test_the_search_for_keys_to_move_walks_an_index(db: Any, people: list[Person]) -> None:
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    plan = db.session.execute(
        text(
            "EXPLAIN SELECT owner_id FROM data_key WHERE service_id = :service AND kek_id < 2"
            " ORDER BY kek_id LIMIT 10 FOR UPDATE SKIP LOCKED"
        ),
        {"service": service_of(people)},
    )
    assert "ix_data_key_service_id_kek_id" in "\n".join(plan.scalars())
