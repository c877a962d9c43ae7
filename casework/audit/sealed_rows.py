"""Holding every sealed row against the newest digest in the chain, which nobody can put back."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Uuid, cast, func, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import DeclarativeBase

from casework.audit.models import AuditEntry
from casework.audit.writing import SEALED_ACTION
from casework.vault.digests import Layout, digest_of, layout

BATCH = 1000


@dataclass(frozen=True)
class SealedResult:
    """How many rows are as they were last written, which are not, and how many the chain never told of.

    Each place is (table tag, row id). Rows that stood before digests were recorded are unrecorded:
    nothing can be said of them until they are written again.
    """

    rows: int
    replayed: list[tuple[str, UUID]] = field(default_factory=list)
    unrecorded: Counter[str] = field(default_factory=Counter)

    @property
    def is_intact(self) -> bool:
        """Whether no row holds an older value."""
        return not self.replayed


def verify_sealed(
    connection: Connection, base: type[DeclarativeBase], batch: int = BATCH
) -> SealedResult:
    """Compare every row that has sealed columns with the digest the chain recorded for it last.

    The connection must see all services, and the chain must have been verified first. Nothing is
    opened: ciphertexts are read to be hashed. Each table is read in one snapshot, which holds a
    row together with the entry of its last write.
    """
    seen, replayed, unrecorded = 0, [], Counter[str]()
    for row_class, columns in _sealed_classes(base):
        for row_id, recorded, is_back, *values in _rows(connection, row_class, columns, batch):
            seen += 1
            # Only a row emptied of everything sealed may look as it looked before.
            has_content = any(value is not None for value in values)
            if recorded is None and has_content:
                unrecorded[columns.table_tag] += 1
            elif recorded is None:
                # It never held anything sealed: there is nothing to be put back.
                continue
            elif recorded != digest_of(columns, row_id, values).hex() or (is_back and has_content):
                replayed.append((columns.table_tag, row_id))
    return SealedResult(seen, replayed, unrecorded)


def _sealed_classes(base: type[DeclarativeBase]) -> list[tuple[Any, Layout]]:
    found = [(mapper.class_, layout(mapper.class_)) for mapper in base.registry.mappers]
    return sorted(
        ((row_class, columns) for row_class, columns in found if columns is not None),
        key=lambda pair: pair[1].table_tag,
    )


def _rows(
    connection: Connection, row_class: Any, columns: Layout, batch: int
) -> Iterator[tuple[Any, ...]]:
    """Give of every row of a table: id, newest recorded digest, whether that came back, and values."""
    told = func.jsonb_each_text(AuditEntry.detail["rows"]).table_valued("key", "value").lateral()
    every = (
        select(cast(told.c.key, Uuid).label("row_id"), told.c.value.label("digest"), AuditEntry.seq)
        .select_from(AuditEntry)
        .join(told, true())
        .where(AuditEntry.action == SEALED_ACTION)
        .cte("every")
    )
    newest = (
        select(every.c.row_id, every.c.digest)
        .ext(distinct_on(every.c.row_id))
        .order_by(every.c.row_id, every.c.seq.desc())
        .subquery()
    )
    is_newest = every.c.digest == newest.c.digest
    first_told = func.min(every.c.seq).filter(is_newest)
    other_told = func.max(every.c.seq).filter(~is_newest)
    history = (
        select(
            newest.c.row_id,
            newest.c.digest,
            func.coalesce(first_told < other_told, False).label("is_back"),
        )
        .join(every, every.c.row_id == newest.c.row_id)
        .group_by(newest.c.row_id, newest.c.digest)
        .subquery()
    )
    sealed = [getattr(row_class, name) for name, _tag in columns.columns]
    rows = select(row_class.id, history.c.digest, history.c.is_back, *sealed).outerjoin(
        history, history.c.row_id == row_class.id
    )
    for row in connection.execute(rows.execution_options(yield_per=batch)):
        yield tuple(row)
