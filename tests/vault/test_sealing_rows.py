"""Sealing rows in PostgreSQL: what is written, who can read it back, and what it costs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from casework import database
from casework.cases.models import Case
from casework.extensions import Base
from casework.people.models import Person
from casework.vault import (
    KeyGone,
    RingRefused,
    Unsealable,
    create_key,
    digest,
    init_app,
    open_fields,
    open_many,
    seal,
    sealed_columns,
)
from casework.vault.data_keys import CACHE

SECRET = "Zephyrine Quist"
WINDOWS = [{"days": [1, 2], "start": "09:00", "end": "11:30"}]
MakePerson = Callable[..., Person]


@contextmanager
def counted(db: Any) -> Iterator[list[str]]:
    """Collect the statements that reach PostgreSQL meanwhile."""
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    engine = db.session.connection().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_values_come_back_from_the_database_as_they_were(db: Any, make_person: MakePerson) -> None:
    values = {"full_name": SECRET, "children_ages": [4, 9], "pets": {"dog": True, "cats": 2}}
    person = make_person(**values)
    db.session.expire_all()
    assert open_fields(person, *values) == values


def test_the_row_holds_no_plain_text(db: Any, make_person: MakePerson) -> None:
    person = make_person(full_name=SECRET, phone="+15145550188")
    row = db.session.execute(
        text("SELECT full_name, phone, person::text FROM person WHERE id = :id"), {"id": person.id}
    ).one()
    assert SECRET.encode() not in bytes(row[0])
    assert b"5145550188" not in bytes(row[1])
    assert SECRET not in row[2]
    assert SECRET not in repr(vars(person))


def test_none_empties_a_column_and_an_empty_column_opens_as_none(make_person: MakePerson) -> None:
    person = make_person(phone="+15145550188")
    seal(person, phone=None)
    assert person.phone is None
    assert open_fields(person, "phone", "email") == {"phone": None, "email": None}


def test_a_refused_value_leaves_the_row_as_it_was(make_person: MakePerson) -> None:
    person = make_person(phone="+15145550188")
    with pytest.raises(Unsealable):
        seal(person, phone="+15145550199", full_name=1.5)
    assert open_fields(person, "phone", "full_name") == {"phone": "+15145550188", "full_name": None}


@pytest.mark.parametrize("name", ["language", "id", "no_such_column", "key_owner_id"])
def test_only_sealed_columns_are_sealed_and_opened(make_person: MakePerson, name: str) -> None:
    person = make_person()
    for use in (lambda: seal(person, **{name: "en"}), lambda: open_fields(person, name)):
        with pytest.raises(TypeError, match="not a sealed column"):
            use()


def test_sealing_does_not_flush_a_half_written_row(db: Any, make_person: MakePerson) -> None:
    owner = make_person()
    db.session.info.pop(CACHE)
    half = Person(id=owner.id)
    db.session.add(half)
    seal(half, full_name=SECRET)
    assert half in db.session.new
    db.session.expunge(half)


def test_an_owner_without_a_key_cannot_be_sealed_for(world: Any) -> None:
    person = Person(service_id=world.north.id, created_at=database.now())
    with pytest.raises(KeyGone):
        seal(person, full_name=SECRET)


def test_an_owner_has_one_key(db: Any, make_person: MakePerson) -> None:
    person = make_person()
    with pytest.raises(IntegrityError), db.session.begin_nested():
        create_key(person.service_id, person.id)


def test_another_service_finds_no_key(world: Any, make_person: MakePerson, db: Any) -> None:
    """Row-level security hides the key, so even a row in hand stays closed."""
    person = make_person(full_name=SECRET)
    db.session.info.pop(CACHE)
    database.enter_service(world.outsider.service_id)
    with pytest.raises(KeyGone):
        open_fields(person, "full_name")


def test_fifty_rows_need_one_query(db: Any, make_person: MakePerson) -> None:
    people = [make_person(full_name=f"{SECRET} {number}") for number in range(50)]
    db.session.info.pop(CACHE)
    with counted(db) as statements:
        opened = open_many(people, "full_name", "phone")
    assert opened[49] == {"full_name": f"{SECRET} 49", "phone": None}
    assert len(statements) == 1


def test_rows_of_one_case_share_a_query_and_a_key(
    db: Any, case: Case, make_note: Callable[..., Any]
) -> None:
    notes = [make_note(case, f"note {number}") for number in range(5)]
    db.session.info.pop(CACHE)
    with counted(db) as statements:
        assert [row and row["body"] for row in open_many(notes, "body")][4] == "note 4"
    assert len(statements) == 1
    assert len(db.session.info[CACHE]) == 1


def test_unwrapped_keys_are_forgotten_at_the_commit(db: Any, make_person: MakePerson) -> None:
    person = make_person(full_name=SECRET)
    assert db.session.info[CACHE]
    database.commit()
    assert CACHE not in db.session.info
    assert open_fields(person, "full_name") == {"full_name": SECRET}
    database.rollback()
    assert CACHE not in db.session.info


def test_a_key_made_in_an_undone_savepoint_is_not_used(db: Any, world: Any) -> None:
    """Otherwise values would be sealed under a key that was never stored, and lost."""
    person = Person(service_id=world.north.id, created_at=database.now())
    with pytest.raises(ZeroDivisionError), database.attempt():
        create_key(world.north.id, person.id)
        raise ZeroDivisionError
    with pytest.raises(KeyGone):
        seal(person, full_name=SECRET)
    create_key(world.north.id, person.id)
    seal(person, full_name=SECRET)
    assert open_fields(person, "full_name") == {"full_name": SECRET}


def test_the_digest_is_of_the_ciphertext_and_changes_with_each_write(
    make_person: MakePerson,
) -> None:
    person = make_person(phone="+15145550188")
    before = digest(person, "phone")
    seal(person, phone="+15145550188")
    assert before is not None
    assert len(before) == 64
    assert digest(person, "phone") != before
    assert digest(person, "email") is None


def test_every_sealed_column_has_tags_of_its_own(app: Flask) -> None:
    columns = sealed_columns(Base.metadata)
    assert "person.full_name" in {str(column) for column in columns}
    assert len(columns) > 20


@pytest.mark.parametrize("source", ["", "env:NO_SUCH_RING", "file:/no/such/ring"])
def test_an_application_without_keys_does_not_start(app: Flask, source: str) -> None:
    other = Flask("other")
    other.config["CASEWORK"] = replace(app.config["CASEWORK"], keys=source)
    with pytest.raises(RingRefused):
        init_app(other)
    assert "vault" not in other.extensions
