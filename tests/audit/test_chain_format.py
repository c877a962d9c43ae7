"""The chain's bytes: one form for one act, another for any other, and codes only."""

import hashlib
import struct
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask_babel import lazy_gettext
from hypothesis import assume, given
from hypothesis import strategies as st

from casework.audit.chain import (
    EPOCH,
    GENESIS,
    Act,
    NotACode,
    canonical_bytes,
    code,
    detail_of,
    field_names,
    link,
    microseconds,
    moment,
)
from casework.security import ActorKind

codes = st.text("ab:", max_size=3)
optional_ids = st.none() | st.uuids()
acts = st.builds(
    Act,
    at_us=st.integers(0, 3),
    service_id=optional_ids,
    actor_kind=codes,
    actor_id=optional_ids,
    action=codes,
    object_type=codes,
    object_id=st.none() | codes,
    is_refused=st.booleans(),
    purpose=st.none() | codes,
    fields=st.lists(codes, max_size=2).map(tuple),
    detail=st.none() | st.dictionaries(codes, codes | st.integers(0, 2), max_size=2),
    subjects=st.lists(st.uuids(), max_size=2, unique=True).map(lambda ids: tuple(sorted(ids))),
)
ACT = Act(0, UUID(int=1), "staff", UUID(int=2), "case:close", "case")


@given(acts, acts)
def test_no_two_acts_have_the_same_bytes(one: Act, two: Act) -> None:
    assert (canonical_bytes(1, one) == canonical_bytes(1, two)) == (one == two)


@given(st.integers(1, 2**62), st.integers(1, 2**62), acts)
def test_an_act_is_bound_to_its_place(one: int, two: int, act: Act) -> None:
    assume(one != two)
    assert link(GENESIS, one, act) != link(GENESIS, two, act)
    assert link(GENESIS, one, act) != link(link(GENESIS, one, act), one, act)


@pytest.mark.parametrize("name", [field.name for field in fields(Act)])
def test_every_part_of_an_act_is_under_the_hash(name: str) -> None:
    others: dict[str, Any] = {
        "at_us": 1,
        "service_id": None,
        "actor_id": None,
        "is_refused": True,
        "fields": ("phone",),
        "detail": {},
        "subjects": (uuid4(),),
    }
    changed = replace(ACT, **{name: others.get(name, "other")})
    assert link(GENESIS, 1, changed) != link(GENESIS, 1, ACT)


def test_the_format_is_what_the_document_says() -> None:
    """docs/sealing.md, computed here by hand: changing the format breaks every chain in use."""
    parts = [
        b"casework-audit-1",
        struct.pack(">q", 7),
        struct.pack(">q", 5),
        b"\x01" + UUID(int=1).bytes,
        b"staff",
        b"\x00",
        b"case:close",
        b"case",
        b"\x01c-1",
        b"\x00",
        b"\x00",
        b"\x00\x00\x00\x05phone",
        b'\x01{"n":1}',
        struct.pack(">I", 16) + UUID(int=3).bytes,
    ]
    act = Act(5, UUID(int=1), "staff", None, "case:close", "case", "c-1")
    act = replace(act, fields=("phone",), detail={"n": 1}, subjects=(UUID(int=3),))
    joined = b"".join(struct.pack(">I", len(part)) + part for part in parts)
    assert link(GENESIS, 7, act) == hashlib.sha256(bytes(32) + joined).digest()


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_are_whole_microseconds_and_come_back(at: datetime) -> None:
    assert moment(microseconds(at)) == at


def test_the_epoch_is_zero() -> None:
    assert microseconds(EPOCH) == 0


@pytest.mark.parametrize(
    "value",
    [
        "case:close",
        "C-7K4M2Q",
        "ab" * 32,
        "America/Toronto",
        "2026-11-24",
        uuid4(),
        ActorKind.STAFF,
        datetime(2026, 11, 24, 15, tzinfo=UTC),
        date(2026, 11, 24),
    ],
)
def test_codes_ids_digests_and_times_are_accepted(value: object) -> None:
    assert code(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Zephyrine Quist",
        "Zéphyrine",
        "+15145550188",
        "15145550188",
        "514-555-0188",
        "514.555.0188",
        "z@example.org",
        "line\nbreak",
        "a" * 81,
        lazy_gettext("Closed"),
        b"bytes",
        None,
        1.5,
    ],
    ids=repr,
)
def test_content_is_refused_and_not_repeated(value: object) -> None:
    """Ids, codes, field names and digests only: erasure never breaks the chain (R17, R21)."""
    with pytest.raises(NotACode) as refusal:
        code(value)
    assert "Zephyrine" not in str(refusal.value)
    assert "555" not in str(refusal.value)


@pytest.mark.parametrize(
    "detail", [{"a": 1.5}, {"a b": 1}, {"a": "free text"}, {"a": 2**63}, "a b"]
)
def test_a_detail_holds_codes_and_whole_numbers_only(detail: Any) -> None:
    with pytest.raises(NotACode):
        detail_of(detail)


def test_a_detail_is_written_in_plain_forms() -> None:
    one, two = sorted([uuid4(), uuid4()])
    detail = {"kind": ActorKind.STAFF, "ids": {two, one}, "pair": (1, None), "deep": {"is": True}}
    assert detail_of(detail) == {
        "kind": "staff",
        "ids": [str(one), str(two)],
        "pair": [1, None],
        "deep": {"is": True},
    }


def test_field_names_are_sorted_and_unique() -> None:
    assert field_names(name for name in ("phone", "email", "phone")) == ("email", "phone")


@pytest.mark.parametrize("names", ["phone", ["Phone"], ["phone number"], ["+1514"], [""]])
def test_fields_are_column_names(names: Any) -> None:
    with pytest.raises(NotACode):
        field_names(names)
