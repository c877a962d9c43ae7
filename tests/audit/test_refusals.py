"""Refusals are written at once, on their own connection, whatever becomes of the request (R21)."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from casework import database
from casework.audit import AuditEntry, entries, latest, record, refused
from casework.audit.services import page_refused
from casework.extensions import db as session_of
from casework.people.models import Person
from casework.security import Actor
from casework.vault import Unreadable, create_key, open_fields, seal

ACTOR = Actor.system(UUID(int=211))


def newest() -> AuditEntry:
    database.enter_service(ACTOR.service_id)
    entry = latest(ACTOR)
    assert entry is not None
    return entry


def test_a_refusal_survives_the_rollback_of_its_request(live_db: Flask, verified: Any) -> None:
    case_id = uuid4()
    with live_db.app_context():
        database.enter_service(ACTOR.service_id)
        record(ACTOR, "case:close", ("case", case_id))
        refused(ACTOR, "case:read", "case", case_id)
        database.rollback()
    with live_db.app_context():
        entry = newest()
        assert (entry.action, entry.object_id, entry.is_refused) == (
            "case:read",
            str(case_id),
            True,
        )
        assert len(entries(ACTOR)) == 1
    assert verified(live_db).is_intact


def test_a_refusal_is_written_although_the_transaction_is_broken(live_db: Flask) -> None:
    with live_db.app_context():
        database.enter_service(ACTOR.service_id)
        with pytest.raises(DBAPIError):
            session_of.session.execute(text("SELECT 1 / 0"))
        refused(ACTOR, "case:read", "case", uuid4())
        database.rollback()
        assert newest().action == "case:read"


def test_a_refusal_between_acts_does_not_wait_for_them(live_db: Flask, verified: Any) -> None:
    with live_db.app_context():
        database.enter_service(ACTOR.service_id)
        record(ACTOR, "case:close", ("case", uuid4()))
        refused(ACTOR, "case:read", "case", uuid4())
        database.commit()
        assert [entry.action for entry in entries(ACTOR)] == ["case:close", "case:read"]
    assert verified(live_db).is_intact


def test_a_visitor_who_is_not_signed_in_is_recorded_without_an_id(
    live_db: Flask, as_owner: Any, verified: Any
) -> None:
    with live_db.app_context():
        refused(None, "sign_in", "account")
        name = session_of.engine.url.database
    [row] = as_owner(
        name,
        "SELECT actor_kind, actor_id, service_id, is_refused FROM audit_entry"
        " ORDER BY seq DESC LIMIT 1",
    )
    assert tuple(row) == ("visitor", None, None, True)
    assert verified(live_db).is_intact


@pytest.mark.parametrize("obj_id", ["Zephyrine Quist", "../../etc", "", None, 7])
def test_an_id_from_an_address_bar_that_is_no_code_is_left_out(
    db: Any, world: Any, obj_id: Any
) -> None:
    refused(world.amina.actor, "case:read", "case", obj_id)
    entry = latest(world.amina.actor)
    assert entry is not None
    assert (entry.object_id, entry.is_refused) == (None, True)


def test_the_guard_records_whom_it_turned_away(db: Any, world: Any) -> None:
    page_refused(world.amina.actor, "oversight.audit")
    entry = latest(world.amina.actor)
    assert entry is not None
    assert (entry.object_type, entry.object_id) == ("page", "oversight.audit")


def test_a_refusal_leaves_the_tenant_of_the_session_alone(db: Any, world: Any) -> None:
    before = db.session.execute(text("SELECT current_setting('casework.service')")).scalar_one()
    refused(world.outsider.actor, "case:read", "case", uuid4())
    after = db.session.execute(text("SELECT current_setting('casework.service')")).scalar_one()
    assert before == after == str(world.north.id)


def test_a_refusal_has_the_time_of_the_one_clock(db: Any, world: Any, clock: Any) -> None:
    clock.freeze(datetime(2026, 1, 1, tzinfo=UTC))
    refused(world.amina.actor, "case:read", "case", uuid4())
    entry = latest(world.amina.actor)
    assert entry is not None
    assert entry.at_us == 1_767_225_600_000_000


def test_a_field_that_cannot_be_opened_is_recorded_without_a_value(db: Any, world: Any) -> None:
    """R21, and engine.md section 1: a failed tag is a security event."""
    person = Person(service_id=world.north.id, created_at=database.now())
    create_key(world.north.id, person.id)
    seal(person, full_name="Zephyrine Quist", phone="+15145550188")
    person.phone = person.full_name
    with pytest.raises(Unreadable):
        open_fields(person, "phone")
    entry = latest(world.amina.actor)
    assert entry is not None
    assert (entry.action, entry.actor_kind, entry.is_refused) == ("vault:open", "system", True)
    assert (entry.object_type, entry.object_id) == ("person", str(person.id))
    assert (entry.fields, entry.detail) == (["phone"], {"reason": "tag"})
