"""Re-keying the blind index: found by everything at every version, and nothing old is left behind."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from casework import audit, database, vault
from casework.audit.models import AuditEntry
from casework.people import services
from casework.people.models import Person
from casework.vault.models import IndexTerm
from tests.people.records import keep_person
from tests.referrals.scenes import ask
from tests.vault import rings

WAYS = {"phone": "514-555-0142", "email": "maya@example.org", "handle": "@maya.t"}


@pytest.fixture
def person(world: Any) -> Person:
    """Give somebody with every term there is, at version 1."""
    return keep_person(world.amina.actor, details=WAYS | {"full_name": "Maya Torres"})


@pytest.fixture
def newer(app: Flask, keys: str, person: Person, monkeypatch: Any) -> None:
    """Make index version 2 current, with version 1 still in the ring."""
    after = rings.rotated(rings.document(keys), keks=False, index=True)
    rings.swap(monkeypatch, app, rings.ring_of(after))


def versions(db: Any, owner_id: Any) -> list[int]:
    wanted = select(IndexTerm.version).where(IndexTerm.owner_id == owner_id)
    return sorted(db.session.scalars(wanted))


def found_by(world: Any) -> list[list[Person]]:
    return [services.find_people(world.amina.actor, **{kind: WAYS[kind]}) for kind in WAYS]


def test_every_kind_of_term_can_be_made_again(app: Flask) -> None:
    assert vault.rebuildable_kinds() == set(vault.IndexKind)


def test_somebody_is_found_before_and_after_and_no_older_term_is_left(
    db: Any, world: Any, person: Person, newer: None
) -> None:
    assert found_by(world) == [[person]] * 3
    assert vault.owners_to_reindex(world.north.id) == 1
    assert vault.reindex_batch(world.north.id, 10) == (1, 0)
    assert versions(db, person.id) == [2] * 4
    assert found_by(world) == [[person]] * 3
    assert vault.index_candidates(world.north.id, "full_name", "maya torres") == [person.id]
    assert vault.reindex_batch(world.north.id, 10).is_empty


def test_the_older_index_key_finds_nobody_any_more(
    app: Flask, keys: str, world: Any, person: Person, newer: None, monkeypatch: Any
) -> None:
    vault.reindex_batch(world.north.id, 10)
    rings.swap(monkeypatch, app, rings.ring_of(rings.document(keys)))
    assert found_by(world) == [[]] * 3


def test_opening_for_the_index_is_audited_with_its_people(
    db: Any, world: Any, person: Person, newer: None
) -> None:
    other = keep_person(world.amina.actor, details={"phone": "438-555-0111"})
    db.session.execute(text("UPDATE index_term SET version = 1"))
    vault.reindex_batch(world.north.id, 10)
    database.commit()
    [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "person:reindex"))
    assert (entry.actor_kind, entry.actor_id, entry.purpose) == ("system", None, "reindex")
    seen = audit.subjects_of(world.sophie.actor, [entry])[entry.seq]
    assert set(seen) == {person.id, other.id}


def test_who_cannot_be_opened_keeps_their_terms_and_does_not_stop_the_others(
    db: Any, world: Any, person: Person, newer: None
) -> None:
    other = keep_person(world.amina.actor, details={"phone": "438-555-0111"})
    db.session.execute(text("UPDATE index_term SET version = 1"))
    db.session.execute(
        text(
            "UPDATE person SET phone = set_byte(phone, 20, 255 - get_byte(phone, 20)) WHERE id = :id"
        ),
        {"id": person.id},
    )
    db.session.expire_all()
    assert vault.reindex_batch(world.north.id, 10) == (1, 1)
    assert vault.reindex_batch(world.north.id, 10).is_empty
    assert vault.owners_to_reindex(world.north.id) == 0
    assert versions(db, person.id) == [1] * 4
    assert versions(db, other.id) == [2]
    assert vault.terms_by_version(world.north.id) == {1: (4, 4), 2: (1, 0)}


def test_terms_of_somebody_who_is_no_more_are_deleted(
    db: Any, world: Any, person: Person, newer: None
) -> None:
    gone = Person(service_id=world.north.id)
    db.session.add(
        IndexTerm(service_id=world.north.id, kind="phone", version=1, token=5, owner_id=gone.id)
    )
    db.session.flush()
    assert vault.reindex_batch(world.north.id, 10) == (2, 0)
    assert versions(db, gone.id) == []


def test_a_sealed_agency_still_finds_its_requests(
    db: Any, world: Any, person: Person, newer: None
) -> None:
    referral = ask(world, "Maison Rivage")
    partner_id = str(world.organization("Maison Rivage").id)
    assert versions(db, referral.id) == [2]
    db.session.execute(text("DELETE FROM index_term"))
    db.session.add(
        IndexTerm(
            service_id=world.north.id,
            kind="partner_route",
            version=1,
            token=7,
            owner_id=referral.id,
        )
    )
    db.session.flush()
    assert vault.reindex_batch(world.north.id, 10) == (1, 0)
    assert versions(db, referral.id) == [2]
    assert vault.index_candidates(world.north.id, "partner_route", partner_id) == [referral.id]
