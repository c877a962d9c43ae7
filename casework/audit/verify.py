"""Checking the whole chain in plain Python, from its first entry to its head."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select, tuple_

from casework.audit.chain import GENESIS, Act, link
from casework.audit.models import AuditEntry, AuditHead, AuditSubject

BATCH = 2000


@dataclass(frozen=True)
class VerifyResult:
    """How many entries hold, the head's hash, and where and why the chain breaks if it does.

    Reasons: "missing" (the entry expected here is gone), "inserted" (one stands here that was
    not written by the chain), "unlinked" (it does not follow the one before), "altered" (its
    content or its people are not what was written), "head" (the head is not the last entry).
    """

    entries: int
    head: str
    broken_at: int | None = None
    reason: str | None = None

    @property
    def is_intact(self) -> bool:
        """Whether every entry up to the head is there, in its place and as it was written."""
        return self.reason is None


@dataclass(frozen=True)
class _Bounds:
    """The head, and the outermost rows at the same instant."""

    head_seq: int
    head_hash: bytes
    last_entry: int | None
    first_subject: int | None
    last_subject: int | None


def verify(connection: Connection, batch: int = BATCH) -> VerifyResult:
    """Check every entry up to the head, without a lock, in the memory of one batch.

    The connection must see all services (the owner or the reader role). What is written while
    it runs is left for the next run. An owner of the database who rewrites the end of the chain
    together with its head is caught only by a checkpoint that is kept elsewhere.
    """
    bounds = _bounds(connection)
    if bounds is None:
        return VerifyResult(0, "", 0, "head")
    head, seen, prev = bounds.head_hash.hex(), 0, GENESIS
    for row, subjects in _rows(connection, bounds.head_seq, batch):
        fault = _fault(row, subjects, seen + 1, prev)
        if fault is not None:
            return VerifyResult(seen, head, seen + 1, fault)
        seen, prev = seen + 1, row.hash
    fault = _fault_at_the_ends(bounds, seen, prev)
    return VerifyResult(seen, head, seen + 1 if fault else None, fault)


def _bounds(connection: Connection) -> _Bounds | None:
    """Read the head and the outermost rows in one statement, so in one snapshot."""
    row = connection.execute(
        select(
            AuditHead.seq,
            AuditHead.hash,
            select(func.max(AuditEntry.seq)).scalar_subquery(),
            select(func.min(AuditSubject.seq)).scalar_subquery(),
            select(func.max(AuditSubject.seq)).scalar_subquery(),
        ).where(AuditHead.id == 1)
    ).one_or_none()
    return None if row is None else _Bounds(*row)


def _rows(
    connection: Connection, head_seq: int, batch: int
) -> Iterator[tuple[Row[Any], list[Row[Any]]]]:
    """Walk the entries up to the head in their order, each with its subjects."""
    place = tuple_(AuditEntry.seq, AuditEntry.at_us)
    following = select(AuditEntry.__table__).where(AuditEntry.seq <= head_seq)
    rest = following
    while rows := connection.execute(
        rest.order_by(AuditEntry.seq, AuditEntry.at_us).limit(batch)
    ).all():
        subjects = _subjects(connection, rows)
        for row in rows:
            yield row, subjects[row.seq]
        rest = following.where(place > (rows[-1].seq, rows[-1].at_us))


def _subjects(connection: Connection, rows: Sequence[Row[Any]]) -> dict[int, list[Row[Any]]]:
    between = AuditSubject.seq.between(rows[0].seq, rows[-1].seq)
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for subject in connection.execute(select(AuditSubject.__table__).where(between)):
        found[subject.seq].append(subject)
    return found


def _fault(row: Row[Any], subjects: list[Row[Any]], expected: int, prev: bytes) -> str | None:
    if row.seq != expected:
        return "missing" if row.seq > expected else "inserted"
    if row.prev != prev:
        return "unlinked"
    entry_key = (row.at_us, row.service_id)
    if any((subject.at_us, subject.service_id) != entry_key for subject in subjects):
        return "altered"
    try:
        written = link(prev, row.seq, _act(row, subjects))
    except (TypeError, ValueError, AttributeError):
        # Something stands there that the chain never writes, such as a fraction in the detail.
        return "altered"
    return None if written == row.hash else "altered"


def _act(row: Row[Any], subjects: list[Row[Any]]) -> Act:
    return Act(
        at_us=row.at_us,
        service_id=row.service_id,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        action=row.action,
        object_type=row.object_type,
        object_id=row.object_id,
        is_refused=row.is_refused,
        purpose=row.purpose,
        fields=tuple(row.fields),
        detail=row.detail,
        subjects=tuple(subject.person_id for subject in subjects),
    )


def _fault_at_the_ends(bounds: _Bounds, seen: int, prev: bytes) -> str | None:
    if seen < bounds.head_seq:
        return "missing"
    if prev != bounds.head_hash:
        return "head"
    lasts = (bounds.last_entry or 0, bounds.last_subject or 0)
    is_first_real = bounds.first_subject is None or bounds.first_subject > 0
    return None if max(lasts) <= seen and is_first_real else "inserted"
