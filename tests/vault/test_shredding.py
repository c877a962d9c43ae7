"""Destroying a key: what was sealed under it is gone for good, and nobody is found by it (R17)."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from casework import database
from casework.people.models import Person
from casework.vault import (
    KeyGone,
    destroy_key,
    index_candidates,
    index_put,
    open_fields,
)

SECRET = "Zephyrine Quist"
MakePerson = Callable[..., Person]


def test_a_destroyed_key_closes_its_values_at_once(make_person: MakePerson) -> None:
    """Also in the same transaction, where the unwrapped key was still at hand."""
    person = make_person(full_name=SECRET)
    assert destroy_key(person.id) is True
    with pytest.raises(KeyGone):
        open_fields(person, "full_name")


def test_the_key_row_and_the_index_terms_are_gone(db: Any, make_person: MakePerson) -> None:
    person = make_person(phone="+15145550188")
    index_put(person.service_id, person.id, "phone", "+15145550188")
    destroy_key(person.id)
    left = db.session.execute(
        text(
            "SELECT (SELECT count(*) FROM data_key WHERE owner_id = :id)"
            " + (SELECT count(*) FROM index_term WHERE owner_id = :id)"
        ),
        {"id": person.id},
    )
    assert left.scalar_one() == 0
    assert index_candidates(person.service_id, "phone", "+15145550188") == []


def test_other_owners_keep_their_values(make_person: MakePerson) -> None:
    gone, stays = make_person(full_name=SECRET), make_person(full_name="Other")
    destroy_key(gone.id)
    assert open_fields(stays, "full_name") == {"full_name": "Other"}


def test_destroying_twice_does_nothing_more(make_person: MakePerson) -> None:
    person = make_person()
    destroy_key(person.id)
    assert destroy_key(person.id) is False


def test_an_erasure_that_is_undone_leaves_the_value_readable(make_person: MakePerson) -> None:
    person = make_person(full_name=SECRET)
    with pytest.raises(ZeroDivisionError), database.attempt():
        destroy_key(person.id)
        raise ZeroDivisionError
    assert open_fields(person, "full_name") == {"full_name": SECRET}
