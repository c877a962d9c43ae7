"""Sealed columns: found by type, opaque, and closed to plain text."""

import copy
import json
import pickle
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, LargeBinary, MetaData, Table, create_engine, insert, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from casework.vault import Sealed, SealedValue, sealed, sealed_columns

SECRET = "Zephyrine Quist"


class Base(DeclarativeBase):
    """A schema of its own, so that these tests need no application."""


class Thing(Base):
    """A row with two sealed columns."""

    __tablename__ = "thing"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[SealedValue | None] = sealed("thing", "name")
    note: Mapped[SealedValue] = sealed("thing", "note")
    plain: Mapped[bytes | None] = mapped_column(LargeBinary)


def value(body: bytes = b"body") -> SealedValue:
    return SealedValue(b"\x01" + body)


def test_sealed_columns_are_found_by_their_type() -> None:
    assert [column.name for column in sealed_columns(Base.metadata)] == ["name", "note"]


def test_the_annotation_decides_whether_a_sealed_column_may_be_empty() -> None:
    assert Thing.__table__.c.name.nullable
    assert not Thing.__table__.c.note.nullable


def test_two_columns_with_the_same_tags_are_refused() -> None:
    metadata = MetaData()
    Table("one", metadata, Column("a", Sealed("tag", "same")))
    Table("two", metadata, Column("b", Sealed("tag", "same")))
    with pytest.raises(ValueError, match="same tags"):
        sealed_columns(metadata)


@pytest.mark.parametrize("show", [repr, str, "{}".format, ascii])
def test_a_sealed_value_shows_nothing(show: Any) -> None:
    assert show(SealedValue(b"\x01" + SECRET.encode())) == "<sealed>"


@pytest.mark.parametrize("send", [pickle.dumps, copy.deepcopy, json.dumps])
def test_a_sealed_value_stays_in_its_row(send: Any) -> None:
    with pytest.raises(TypeError):
        send(value())


def test_sealed_values_are_equal_by_their_bytes() -> None:
    assert value() == value()
    assert len({value(), value(), value(b"other")}) == 2
    assert value() != b"\x01body"


@pytest.mark.parametrize("plain", [SECRET, SECRET.encode(), 5, SealedValue(SECRET.encode())])
def test_plain_text_is_refused_at_the_assignment(plain: Any) -> None:
    for assign in (lambda: Thing(name=plain), lambda: setattr(Thing(), "name", plain)):
        with pytest.raises(TypeError) as refusal:
            assign()
        assert SECRET not in str(refusal.value)


def test_a_sealed_value_and_nothing_are_accepted() -> None:
    thing = Thing(name=value())
    thing.name = None
    assert thing.name is None


def test_plain_text_is_refused_in_a_statement() -> None:
    engine = create_engine("sqlite://", hide_parameters=True)
    with engine.begin() as connection:
        with pytest.raises(StatementError) as refusal:
            connection.execute(insert(Thing).values(id=UUID(int=1), name=SECRET, note=value()))
        assert SECRET not in str(refusal.value)


def test_a_sealed_value_comes_back_opaque() -> None:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(Thing).values(id=UUID(int=1), name=None, note=value()))
        assert connection.execute(select(Thing.name, Thing.note)).one() == (None, value())
