"""Finds whatever an erasure forgot, without a list of tables: by ids, keys and ciphertexts (R17)."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import MetaData, Table, create_engine, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool

from casework.database import Model
from casework.vault import sealed_columns

# What is meant to outlive the erased: ids of acts, and the tombstone.
REMAIN = {"audit_entry", "audit_subject", "erasure"}
Rows = dict[str, list[dict[str, Any]]]


@dataclass
class Picture:
    """Every row of every table there is at one moment, and which of their cells are sealed."""

    rows: Rows
    sealed: dict[str, set[str]] = field(default_factory=dict)

    @property
    def ids(self) -> dict[uuid.UUID, str]:
        """Every id of a row, with its table."""
        return {
            row["id"]: name
            for name, rows in self.rows.items()
            if name not in REMAIN
            for row in rows
            if isinstance(row.get("id"), uuid.UUID)
        }

    def ciphertexts(self, ids: set[uuid.UUID]) -> set[bytes]:
        """Give what is sealed in these rows."""
        return {
            row[column]
            for name, columns in self.sealed.items()
            for row in self.rows[name]
            if row.get("id") in ids
            for column in columns
            if row[column] is not None
        }


def look(url: str) -> Picture:
    """Read the whole database behind the application's back: the tables as they are, not as listed."""
    engine = create_engine(url, poolclass=NullPool)
    schema = _schema(engine)
    with engine.connect() as connection:
        rows = {
            name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for name, table in schema.tables.items()
        }
    sealed: dict[str, set[str]] = {}
    for column in sealed_columns(Model.metadata):
        sealed.setdefault(column.table.name, set()).add(column.name)
    return Picture(rows, sealed)


def forgotten(url: str, before: Picture) -> tuple[set[uuid.UUID], list[str]]:
    """Give the ids that are gone since a picture, and every place that still tells of them."""
    after = look(url)
    gone = set(before.ids) - set(after.ids)
    found = [*_traces(after, gone, before.ciphertexts(gone)), *_loose_keys(url)]
    return gone, [*found, *_without_owner(after), *_without_key(after)]


def _schema(engine: Engine) -> MetaData:
    schema = MetaData()
    schema.reflect(engine)
    assert set(Model.metadata.tables) <= set(schema.tables)
    return schema


def _traces(after: Picture, gone: set[uuid.UUID], ciphertexts: set[bytes]) -> Iterator[str]:
    """Find a gone id, written in whatever way, or a gone ciphertext, in any cell that is left."""
    names = {form for row_id in gone for form in (str(row_id), row_id.hex)}
    for table, rows in after.rows.items():
        if table in REMAIN:
            continue
        for row in rows:
            for column, value in row.items():
                if _tells(value, gone, names, ciphertexts):
                    yield f"{table}.{column}"


def _tells(value: Any, gone: set[uuid.UUID], names: set[str], ciphertexts: set[bytes]) -> bool:
    if isinstance(value, uuid.UUID):
        return value in gone
    if isinstance(value, bytes):
        held = any(row_id.bytes in value for row_id in gone)
        return held or any(sealed in value for sealed in ciphertexts)
    if isinstance(value, str | list | dict):
        written = value if isinstance(value, str) else json.dumps(value, default=str)
        return any(name in written.lower() for name in names)
    return False


def _loose_keys(url: str) -> Iterator[str]:
    """Find rows whose foreign key leads nowhere, asked of every key of the schema."""
    engine = create_engine(url, poolclass=NullPool)
    schema = _schema(engine)
    with engine.connect() as connection:
        for table in schema.tables.values():
            for key in table.foreign_key_constraints:
                if connection.execute(text(_loose(table, key))).scalar_one():
                    yield f"{table.name} points to nothing in {key.referred_table.name}"


def _loose(table: Table, key: Any) -> str:
    pairs = " AND ".join(f'p."{e.column.name}" = c."{e.parent.name}"' for e in key.elements)
    filled = " AND ".join(f'c."{e.parent.name}" IS NOT NULL' for e in key.elements)
    return (
        f'SELECT count(*) FROM "{table.name}" c WHERE {filled} AND NOT EXISTS '
        f'(SELECT 1 FROM "{key.referred_table.name}" p WHERE {pairs})'
    )


def _without_owner(after: Picture) -> Iterator[str]:
    """Find keys and index terms of owners that are no row any more."""
    for table in ("data_key", "index_term"):
        for row in after.rows[table]:
            if row["owner_id"] not in after.ids:
                yield f"{table} of nobody"


def _without_key(after: Picture) -> Iterator[str]:
    """Find sealed cells whose key is gone: a ciphertext that nobody will ever read is a leftover."""
    owners = {row["owner_id"] for row in after.rows["data_key"]}
    for mapper in Model.registry.mappers:
        name = mapper.local_table.name  # type: ignore[attr-defined]
        for row in after.rows[name] if name in after.sealed else ():
            if any(row[column] is not None for column in after.sealed[name]):
                owner: Callable[[Any], uuid.UUID] = mapper.class_.key_owner_id.fget
                if owner(_Namespace(row)) not in owners:
                    yield f"{name} is sealed under no key"


class _Namespace:
    """A row whose columns are attributes, as the properties of its class expect."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.__dict__.update(row)
