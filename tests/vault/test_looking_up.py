"""Looking an owner up by an exact value, through terms that prove nothing by themselves."""

import secrets
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from casework import database
from casework.vault import KeyRing, index_candidates, index_delete, index_put

PHONE = "+15145550188"


@pytest.fixture
def service_id(world: Any) -> Any:
    return world.north.id


def test_an_owner_is_found_by_the_exact_value_only(service_id: Any) -> None:
    owner = uuid4()
    index_put(service_id, owner, "phone", PHONE)
    assert index_candidates(service_id, "phone", PHONE) == [owner]
    assert index_candidates(service_id, "phone", PHONE[:-1] + "9") == []
    assert index_candidates(service_id, "handle", PHONE) == []


def test_putting_a_value_twice_changes_nothing(service_id: Any) -> None:
    owner = uuid4()
    for _ in range(2):
        index_put(service_id, owner, "phone", PHONE)
    assert index_candidates(service_id, "phone", PHONE) == [owner]


def test_another_service_finds_nothing(world: Any, service_id: Any) -> None:
    index_put(service_id, uuid4(), "phone", PHONE)
    assert index_candidates(world.outsider.service_id, "phone", PHONE) == []
    database.enter_service(world.outsider.service_id)
    assert index_candidates(service_id, "phone", PHONE) == []


def test_candidates_are_capped(service_id: Any) -> None:
    owners = sorted(uuid4() for _ in range(12))
    for owner in owners:
        index_put(service_id, owner, "full_name", "zephyrine quist")
    assert index_candidates(service_id, "full_name", "zephyrine quist", limit=10) == owners[:10]


def test_one_kind_or_all_terms_of_an_owner_can_be_removed(service_id: Any) -> None:
    owner = uuid4()
    index_put(service_id, owner, "phone", PHONE)
    index_put(service_id, owner, "email", "z@example.org")
    index_delete(owner, "phone")
    assert index_candidates(service_id, "phone", PHONE) == []
    assert index_candidates(service_id, "email", "z@example.org") == [owner]
    index_delete(owner)
    assert index_candidates(service_id, "email", "z@example.org") == []


def test_a_kind_that_does_not_exist_is_refused(service_id: Any) -> None:
    with pytest.raises(ValueError, match="surname"):
        index_put(service_id, uuid4(), "surname", "quist")


def test_terms_of_an_older_index_key_are_still_found(
    app: Flask, service_id: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kek, first, second = (secrets.token_bytes(32) for _ in range(3))
    older, newer = uuid4(), uuid4()
    monkeypatch.setitem(app.extensions, "vault", KeyRing(1, {1: kek}, {1: first}))
    index_put(service_id, older, "phone", PHONE)
    monkeypatch.setitem(app.extensions, "vault", KeyRing(1, {1: kek}, {1: first, 2: second}))
    index_put(service_id, newer, "phone", PHONE)
    assert index_candidates(service_id, "phone", PHONE) == sorted([older, newer])


def test_the_table_holds_no_value(db: Any, service_id: Any) -> None:
    index_put(service_id, uuid4(), "phone", PHONE)
    rows = db.session.execute(text("SELECT index_term::text FROM index_term")).scalars().all()
    assert rows
    assert not any("5145550188" in row for row in rows)


def test_a_look_up_is_answered_by_an_index(db: Any, service_id: Any) -> None:
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    plan = db.session.execute(
        text(
            "EXPLAIN SELECT owner_id FROM index_term WHERE service_id = :service"
            " AND kind = 'phone' AND version = 1 AND token = 5"
        ),
        {"service": service_id},
    )
    lines = "\n".join(plan.scalars())
    assert "pk_index_term" in lines
    assert "token = 5" in lines
