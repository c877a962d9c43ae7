"""A thief with the database in hand: every moved or damaged byte is refused, and nothing is shown."""

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from casework.cases.models import Case
from casework.people.models import Person
from casework.vault import KeyGone, Unreadable, open_fields, open_many, unreadable_counts
from casework.vault.data_keys import CACHE

SECRET = "Zephyrine Quist"
MakePerson = Callable[..., Person]


def tamper(db: Any, statement: str, **values: Any) -> None:
    """Change rows behind the application's back, and let the session read everything anew."""
    assert db.session.execute(text(statement), values).rowcount > 0
    db.session.expire_all()
    db.session.info.pop(CACHE, None)


def refusal(row: Any, *names: str) -> Unreadable:
    with pytest.raises(Unreadable) as refused:
        open_fields(row, *names)
    return refused.value


def test_columns_swapped_within_a_row_are_refused(db: Any, make_person: MakePerson) -> None:
    person = make_person(full_name=SECRET, safe_name="Z.")
    tamper(
        db,
        "UPDATE person SET full_name = safe_name, safe_name = full_name WHERE id = :id",
        id=person.id,
    )
    assert refusal(person, "full_name").failure.reason == "tag"
    assert refusal(person, "safe_name").failure.reason == "tag"


def test_a_value_copied_from_another_person_is_refused(db: Any, make_person: MakePerson) -> None:
    one, two = make_person(full_name=SECRET), make_person(full_name="Other")
    tamper(
        db,
        "UPDATE person SET full_name = (SELECT full_name FROM person WHERE id = :one) WHERE id = :two",
        one=one.id,
        two=two.id,
    )
    assert refusal(two, "full_name").failure.reason == "tag"
    assert open_fields(one, "full_name") == {"full_name": SECRET}


def test_rows_swapped_under_the_same_key_are_refused(
    db: Any, case: Case, make_note: Callable[..., Any]
) -> None:
    one, two = make_note(case, "first"), make_note(case, "second")
    tamper(
        db,
        "UPDATE case_note SET body = (SELECT body FROM case_note WHERE id = :one) WHERE id = :two",
        one=one.id,
        two=two.id,
    )
    assert refusal(two, "body").failure.reason == "tag"


def test_a_wrapped_key_moved_to_another_owner_is_refused(db: Any, make_person: MakePerson) -> None:
    one, two = make_person(full_name=SECRET), make_person(full_name="Other")
    tamper(
        db,
        "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE owner_id = :one)"
        " WHERE owner_id = :two",
        one=one.id,
        two=two.id,
    )
    assert refusal(two, "full_name").failure.reason == "key_tag"


def test_key_and_value_moved_together_are_refused(db: Any, make_person: MakePerson) -> None:
    """The thief gives herself somebody else's key and row; the owner id is bound into the key."""
    one, two = make_person(full_name=SECRET), make_person(full_name="Other")
    for table, owner in (("data_key", "owner_id"), ("person", "id")):
        column = "wrapped" if table == "data_key" else "full_name"
        tamper(
            db,
            f"UPDATE {table} SET {column} = (SELECT {column} FROM {table} WHERE {owner} = :one)"
            f" WHERE {owner} = :two",
            one=one.id,
            two=two.id,
        )
    assert refusal(two, "full_name").failure.reason == "key_tag"


def test_a_key_under_a_number_the_ring_lacks_is_refused(db: Any, make_person: MakePerson) -> None:
    person = make_person(full_name=SECRET)
    tamper(db, "UPDATE data_key SET kek_id = 9 WHERE owner_id = :id", id=person.id)
    assert refusal(person, "full_name").failure.reason == "key_unknown_kek"


@pytest.mark.parametrize("byte", [0, 1, 12, 13, 40, 44, 45, 60])
def test_a_changed_byte_in_the_database_is_refused(
    db: Any, make_person: MakePerson, byte: int
) -> None:
    person = make_person(phone="+15145550188")
    tamper(
        db,
        "UPDATE person SET phone = set_byte(phone, :byte, get_byte(phone, :byte) # 1) WHERE id = :id",
        byte=byte,
        id=person.id,
    )
    assert refusal(person, "phone").failure.reason == ("format" if byte == 0 else "tag")


@pytest.mark.parametrize("length", [0, 1, 13, 28, 29, 60])
def test_a_shortened_value_in_the_database_is_refused(
    db: Any, make_person: MakePerson, length: int
) -> None:
    person = make_person(phone="+15145550188")
    tamper(
        db,
        "UPDATE person SET phone = substring(phone FOR :length) WHERE id = :id",
        length=length,
        id=person.id,
    )
    assert refusal(person, "phone").failure.reason in ("format", "tag")


def test_a_damaged_row_does_not_hide_the_others(db: Any, make_person: MakePerson) -> None:
    people = [make_person(full_name=f"{SECRET} {number}") for number in range(3)]
    tamper(db, "UPDATE person SET full_name = '\\x01' WHERE id = :id", id=people[1].id)
    names = [row and row["full_name"] for row in open_many(people, "full_name")]
    assert names == [f"{SECRET} 0", None, f"{SECRET} 2"]


def test_a_failed_opening_is_a_security_event_without_a_value(
    db: Any, make_person: MakePerson, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    person = make_person(full_name=SECRET, safe_name="Z.")
    before = unreadable_counts().get("tag", 0)
    tamper(db, "UPDATE person SET full_name = safe_name WHERE id = :id", id=person.id)
    with capture_logs() as logs:
        refused = refusal(person, "safe_name", "full_name")
    [event] = [entry for entry in logs if entry["event"] == "vault.unreadable"]
    assert event == {
        "event": "vault.unreadable",
        "log_level": "error",
        "reason": "tag",
        "table": "person",
        "column": "full_name",
        "row_id": str(person.id),
        "owner_id": str(person.id),
        "service_id": str(person.service_id),
    }
    assert str(refused) == "person.full_name: tag"
    assert unreadable_counts()["tag"] == before + 1
    shown = f"{logs} {refused!r} {vars(refused)} {refused.__cause__} {caplog.text}"
    assert SECRET not in shown
    assert "Z." not in shown


def test_a_missing_key_is_told_apart_from_tampering(db: Any, make_person: MakePerson) -> None:
    person = make_person(full_name=SECRET)
    tamper(db, "DELETE FROM data_key WHERE owner_id = :id", id=person.id)
    refused = refusal(person, "full_name")
    assert isinstance(refused, KeyGone)
    assert isinstance(refused.failure.owner_id, UUID)
