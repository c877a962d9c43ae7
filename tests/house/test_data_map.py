"""docs/data-map.md tells of every column as it is, and every clear one has a reason."""

from flask import Flask
from sqlalchemy import Column, MetaData, Table, Text

from casework.extensions import Base
from casework.vault import sealed_columns
from tests.house.data_map import PLACE, reasons, unexplained, written
from tests.house.data_reasons import TABLES


def test_every_table_and_every_clear_column_has_a_reason(app: Flask) -> None:
    assert unexplained(Base.metadata) == []


def test_no_reason_is_left_of_what_is_gone_or_sealed(app: Flask) -> None:
    clear = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
    } - {str(column) for column in sealed_columns(Base.metadata)}
    assert set(reasons()) - clear == set()
    assert set(TABLES) == set(Base.metadata.tables)


def test_every_table_with_sealed_columns_says_whose_key_seals_it(app: Flask) -> None:
    silent = {c.table.name for c in sealed_columns(Base.metadata) if not TABLES[c.table.name].key}
    assert silent == set()


def test_the_document_is_up_to_date(app: Flask) -> None:
    assert PLACE.read_text(encoding="utf-8") == written(Base.metadata), "run: make data-map"


def test_a_new_column_in_clear_would_be_seen() -> None:
    """The fault, planted."""
    metadata = MetaData()
    Table("person", metadata, Column("nickname", Text))
    Table("diary", metadata, Column("id", Text))
    assert unexplained(metadata) == ["diary", "person.nickname"]
