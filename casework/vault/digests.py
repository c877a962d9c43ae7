"""Row digests: what the sealed columns of a row held last, so that an older value put back is seen.

A sealed value is bound to its cell and to nothing newer: yesterday's ciphertext opens in its own
cell for ever. So every row with sealed columns has one digest over all of them, written in the
flush that writes the row, whoever set the columns, and compared whenever a field is opened.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, event, inspect, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, SessionTransaction, UOWTransaction
from sqlalchemy.orm.attributes import set_committed_value

from casework.extensions import db
from casework.many import is_one_of
from casework.vault.failures import Failure, report
from casework.vault.fields import Sealed, SealedValue
from casework.vault.format import length_prefixed
from casework.vault.models import RowDigest

VERSION = b"row-digest-1"
ABSENT, PRESENT = b"\x00", b"\x01"
ANY_ROW = bytes(16)
KNOWN = "vault.digests"
REPLAYED, UNDIGESTED = "replayed", "undigested"


class Layout(NamedTuple):
    """The sealed columns of a row: its table's tag, and each attribute with its column tag, in order.

    `later` names the tags of columns that came after the first digests of their table.
    """

    table_tag: str
    columns: tuple[tuple[str, str], ...]
    later: frozenset[str] = frozenset()


class Written(NamedTuple):
    """A row whose sealed columns were written just now, and the digest over them."""

    service_id: UUID
    row_id: UUID
    digest: bytes


_layouts: dict[Any, Layout | None] = {}
# Rooms above add what must happen when sealed columns are written: the audit keeps the digests.
written_hooks: list[Callable[[Sequence[Written]], None]] = []


def layout(row_class: Any) -> Layout | None:
    """Give the sealed columns of a class of rows, ordered by their tags; None when it has none."""
    if row_class not in _layouts:
        _layouts[row_class] = _read_layout(row_class)
    return _layouts[row_class]


def _read_layout(row_class: Any) -> Layout | None:
    sealed = [
        (column.type, name)
        for name, column in inspect(row_class).columns.items()
        if isinstance(column.type, Sealed)
    ]
    if not sealed:
        return None
    [table_tag] = {kind.table_tag for kind, _ in sealed}
    columns = tuple(sorted(((name, kind.column_tag) for kind, name in sealed), key=_by_tag))
    return Layout(table_tag, columns, frozenset(k.column_tag for k, _ in sealed if k.is_later))


def digest_of(columns: Layout, row_id: UUID, values: Iterable[SealedValue | None]) -> bytes:
    """Compute the digest over all sealed columns of a row, in the layout's order; empty ones count.

    A later column counts from its first value on: a row from before it keeps its digest, and a
    value taken out of it is seen all the same, because its tag stood beside it.
    """
    ciphertexts = (None if value is None else value.ciphertext for value in values)
    return maker_of(columns).digest(row_id, ciphertexts)


class DigestMaker:
    """Computes the digests of one class of rows, their common bytes joined once."""

    def __init__(self, columns: Layout) -> None:
        tag = columns.table_tag.encode("ascii")
        # The bytes end with the id of the row; all before it is the same for every row.
        self._start = length_prefixed(VERSION, tag, ANY_ROW)[: -len(ANY_ROW)]
        tags = [(tag, length_prefixed(tag.encode("ascii"))) for _name, tag in columns.columns]
        absent = length_prefixed(ABSENT)
        self._columns = [
            (before, b"" if tag in columns.later else before + absent) for tag, before in tags
        ]

    def digest(self, row_id: UUID, ciphertexts: Iterable[bytes | None]) -> bytes:
        """Compute the digest of one row from its ciphertexts, in the layout’s order."""
        parts = [self._start, row_id.bytes]
        for (before, empty), value in zip(self._columns, ciphertexts, strict=True):
            if value is None:
                parts.append(empty)
            else:
                parts += (before, (len(value) + 1).to_bytes(4, "big"), PRESENT, value)
        return hashlib.sha256(b"".join(parts)).digest()


@cache
def maker_of(columns: Layout) -> DigestMaker:
    """Give what computes the digests of a class of rows; there are few such classes."""
    return DigestMaker(columns)


def faults_in(rows: Sequence[Any]) -> dict[UUID, str]:
    """Tell, by row id, which rows do not hold what was written last: "replayed" or "undigested".

    One query for all rows; a second one for each kind of row only where something differs. A row
    that another transaction has changed since it was loaded is brought up to date, not refused.
    """
    stored = [row for row in rows if inspect(row).key is not None]
    known, present = _known(), {row.id: _stored_digest(row) for row in stored}
    unsure = [row for row in stored if known.get(row.id) != present[row.id]]
    if not unsure:
        return {}
    with db.session.no_autoflush:
        recorded = db.session.execute(
            select(RowDigest.row_id, RowDigest.digest).where(
                is_one_of(RowDigest.row_id, {row.id for row in unsure})
            )
        )
        known.update((row_id, bytes(digest)) for row_id, digest in recorded)
    return _settle([row for row in unsure if known.get(row.id) != present[row.id]])


def forget_digests(owner_id: UUID) -> None:
    """Remove the digests of an owner's rows, with the key that made them worth anything (R17)."""
    db.session.execute(delete(RowDigest).where(RowDigest.owner_id == owner_id))
    db.session.info.pop(KNOWN, None)


def _by_tag(column: tuple[str, str]) -> str:
    return column[1]


def _known() -> dict[UUID, bytes]:
    """Give the digests that this transaction has read or written."""
    digests: dict[UUID, bytes] = db.session.info.setdefault(KNOWN, {})
    return digests


def _layout_of(row: Any) -> Layout:
    columns = layout(type(row))
    if columns is None:
        raise TypeError(f"{type(row).__name__} has no sealed column")
    return columns


def _stored_digest(row: Any) -> bytes:
    """Compute the digest of a row as it was loaded, whatever was sealed into it since."""
    columns = _layout_of(row)
    values = [getattr(row, name) for name, _tag in columns.columns]
    state = inspect(row)
    if state.modified:
        for place, (name, _tag) in enumerate(columns.columns):
            before = state.attrs[name].history.deleted
            values[place] = before[0] if before else values[place]
    return digest_of(columns, row.id, values)


def _settle(rows: Sequence[Any]) -> dict[UUID, str]:
    """Compare rows with their digests as both stand in the database at one instant."""
    by_class: dict[type[Any], dict[UUID, Any]] = defaultdict(dict)
    for row in rows:
        by_class[type(row)][row.id] = row
    faults: dict[UUID, str] = {}
    for row_class, same in by_class.items():
        columns = _layout_of(next(iter(same.values())))
        names = [name for name, _tag in columns.columns]
        statement = select(
            row_class.id, RowDigest.digest, *(getattr(row_class, name) for name in names)
        ).outerjoin(RowDigest, RowDigest.row_id == row_class.id)
        with db.session.no_autoflush:
            found = db.session.execute(statement.where(row_class.id.in_(same))).all()
        faults |= dict.fromkeys(same, UNDIGESTED)
        for row_id, recorded, *values in found:
            if recorded is not None and bytes(recorded) == digest_of(columns, row_id, values):
                del faults[row_id]
                _bring_up_to_date(same[row_id], dict(zip(names, values, strict=True)))
                _known()[row_id] = bytes(recorded)
            elif recorded is not None:
                faults[row_id] = REPLAYED
    return faults


def _bring_up_to_date(row: Any, values: dict[str, SealedValue | None]) -> None:
    """Show a row what another transaction committed; what was sealed into it meanwhile stays."""
    changed = _rewritten(row)
    for name, value in values.items():
        if name not in changed:
            set_committed_value(row, name, value)


def _rewritten(row: Any) -> set[str]:
    """Name the sealed columns of a row that hold something not yet written."""
    columns, attributes = layout(type(row)), inspect(row).attrs
    if columns is None:
        return set()
    return {name for name, _tag in columns.columns if attributes[name].history.has_changes()}


@event.listens_for(db.session, "before_flush")
def _look_before_writing(session: Session, _context: UOWTransaction, _rows: Any) -> None:
    """Refuse to write beside a value that was put back: its new digest would make it good again.

    Whoever writes all columns of a row anew leaves nothing of the old, and may do so.
    """
    dirty = [row for row in session.dirty if _rewritten(row)]
    if not dirty:
        return
    with session.no_autoflush:
        _lock(session, dirty)
    faults = _settle(dirty)
    for row in dirty:
        columns = _layout_of(row)
        # Setting a column to what it holds is no change, but leaves nothing of the old either.
        kept = [tag for name, tag in columns.columns if name not in inspect(row).committed_state]
        if row.id in faults and kept:
            raise report(failure_of(row, columns.table_tag, kept[0], faults[row.id]))


def _lock(session: Session, rows: Iterable[Any]) -> None:
    """Lock rows in one order, so that nobody changes a neighbouring column until this is written."""
    by_class: dict[type[Any], list[UUID]] = defaultdict(list)
    for row in rows:
        by_class[type(row)].append(row.id)
    for row_class in sorted(by_class, key=lambda each: str(each.__tablename__)):
        these = select(row_class.id).where(row_class.id.in_(by_class[row_class]))
        session.execute(these.order_by(row_class.id).with_for_update()).all()


def failure_of(row: Any, table_tag: str, column_tag: str, reason: str) -> Failure:
    """Say which field of which row cannot be opened, and why."""
    return Failure(reason, row.service_id, row.key_owner_id, row.id, table_tag, column_tag)


@event.listens_for(db.session, "after_flush")
def _write_digests(session: Session, _context: UOWTransaction) -> None:
    """Write the digests of all rows that this flush has written, in one round trip."""
    rows = [row for row in session.new if layout(type(row)) is not None]
    rows += [row for row in session.dirty if _rewritten(row)]
    gone = {row.id for row in session.deleted if layout(type(row)) is not None}
    if gone:
        session.connection().execute(delete(RowDigest).where(RowDigest.row_id.in_(gone)))
    if not rows:
        return
    values = [_values(row) for row in rows]
    statement = insert(RowDigest)
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=[RowDigest.row_id], set_={"digest": statement.excluded.digest}
        ),
        values,
    )
    _known().update((each["row_id"], each["digest"]) for each in values)
    written = [Written(each["service_id"], each["row_id"], each["digest"]) for each in values]
    for hook in written_hooks:
        hook(written)


def _values(row: Any) -> dict[str, Any]:
    columns = _layout_of(row)
    return {
        "row_id": row.id,
        "service_id": row.service_id,
        "owner_id": row.key_owner_id,
        "table_tag": columns.table_tag,
        "digest": digest_of(columns, row.id, [getattr(row, n) for n, _tag in columns.columns]),
    }


@event.listens_for(db.session, "after_soft_rollback")
def _forget_after_savepoint(session: Session, previous: SessionTransaction) -> None:
    """What a savepoint wrote is undone with it: read everything anew."""
    session.info.pop(KNOWN, None)


@event.listens_for(db.session, "after_transaction_end")
def _forget_after_transaction(session: Session, transaction: SessionTransaction) -> None:
    """Another transaction may see other rows: nothing is known beyond this one."""
    if transaction.parent is None:
        session.info.pop(KNOWN, None)
