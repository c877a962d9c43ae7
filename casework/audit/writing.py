"""Writing acts into the chain: buffered in the session, written as the last step before a commit."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Engine, Table, event, func, select, text, update
from sqlalchemy.orm import Session, SessionTransaction

from casework.audit.chain import Act, link, microseconds
from casework.audit.models import AuditEntry, AuditHead, AuditSubject
from casework.database import SET_TENANT, clock
from casework.extensions import db
from casework.many import insert_rows

# What the vault wrote: {"rows": {row id: digest over all its sealed columns}}.
SEALED_ACTION = "vault:seal"
BUFFER = "audit.acts"
SAVEPOINTS = "audit.savepoints"

ENTRIES, SUBJECTS = cast(Table, AuditEntry.__table__), cast(Table, AuditSubject.__table__)
TENANT = text("SELECT coalesce(current_setting('casework.service', true), '')")


def keep_for_commit(act: Act) -> None:
    """Keep an act until the commit; a rollback, also of its savepoint, drops it."""
    # Without a transaction there would be nothing whose rollback could drop the act.
    db.session.connection()
    db.session.info.setdefault(BUFFER, []).append(act)


def write_kept() -> None:
    """Write the kept acts; called by database.commit() after the flush, right before the COMMIT.

    The head of the chain is locked only here, so that no other work is done while it is held.
    """
    acts: list[Act] = db.session.info.pop(BUFFER, [])
    if acts:
        append(db.session.connection(), _merged(acts))


def append(connection: Connection, acts: Sequence[Act]) -> None:
    """Lock the head, add the acts behind it and move it on: four statements, however many acts."""
    seq, prev = connection.execute(
        select(AuditHead.seq, AuditHead.hash).where(AuditHead.id == 1).with_for_update()
    ).one()
    entries, subjects = [], []
    for act in acts:
        seq += 1
        digest = link(prev, seq, act)
        entries.append(_entry(seq, prev, digest, act))
        subjects += [_subject(seq, act, person_id) for person_id in act.subjects]
        prev = digest
    connection.execute(insert_rows(ENTRIES, entries))
    if subjects:
        connection.execute(insert_rows(SUBJECTS, subjects))
    connection.execute(update(AuditHead).where(AuditHead.id == 1).values(seq=seq, hash=prev))


def _merged(acts: Sequence[Act]) -> list[Act]:
    """Put the digests of everything sealed in this transaction into one act of its service, first.

    It has the time of the transaction's first act: the chain's times never run backwards.
    """
    rows: dict[UUID | None, dict[str, Any]] = defaultdict(dict)
    first: dict[UUID | None, Act] = {}
    others = []
    for act in acts:
        if act.action == SEALED_ACTION:
            first.setdefault(act.service_id, act)
            rows[act.service_id] |= (act.detail or {})["rows"]
        else:
            others.append(act)
    at_us = min(act.at_us for act in acts)
    sealed = [
        replace(act, at_us=at_us, detail={"rows": rows[service]}) for service, act in first.items()
    ]
    return [*sealed, *others]


@contextmanager
def apart(service_id: UUID | None) -> Iterator[Connection]:
    """Open a transaction of its own, which stands whatever becomes of the request's."""
    engine = cast("Engine | Connection", db.engine)
    if isinstance(engine, Engine):
        with engine.begin() as connection:
            connection.execute(SET_TENANT, {"service": str(service_id or "")})
            yield connection
    else:
        # Everything runs on one held connection, as in tests that roll back at their end: a
        # second one would wait for the head, which the first keeps locked.
        with engine.begin_nested():
            before = engine.execute(TENANT).scalar_one()
            engine.execute(SET_TENANT, {"service": str(service_id or "")})
            yield engine
            engine.execute(SET_TENANT, {"service": before})


def time_of(connection: Connection) -> int:
    """Tell the time of a transaction of its own, in microseconds."""
    if clock.frozen is not None:
        return microseconds(clock.frozen)
    return microseconds(connection.execute(select(func.now())).scalar_one())


def _entry(seq: int, prev: bytes, digest: bytes, act: Act) -> dict[str, object]:
    return {
        "seq": seq,
        "at_us": act.at_us,
        "service_id": act.service_id,
        "actor_kind": act.actor_kind,
        "actor_id": act.actor_id,
        "action": act.action,
        "object_type": act.object_type,
        "object_id": act.object_id,
        "is_refused": act.is_refused,
        "purpose": act.purpose,
        "fields": list(act.fields),
        "detail": act.detail,
        "prev": prev,
        "hash": digest,
    }


def _subject(seq: int, act: Act, person_id: UUID) -> dict[str, object]:
    return {
        "seq": seq,
        "at_us": act.at_us,
        "service_id": act.service_id,
        "person_id": person_id,
    }


@event.listens_for(db.session, "after_transaction_create")
def _mark_savepoint(session: Session, transaction: SessionTransaction) -> None:
    """Remember how many acts were kept when a savepoint began."""
    if transaction.nested:
        marks = session.info.setdefault(SAVEPOINTS, {})
        marks[transaction] = len(session.info.get(BUFFER, []))


@event.listens_for(db.session, "after_soft_rollback")
def _drop_acts_of_savepoint(session: Session, previous: SessionTransaction) -> None:
    """Drop the acts kept inside a savepoint that was rolled back: they did not happen."""
    mark = session.info.get(SAVEPOINTS, {}).pop(previous, None)
    if mark is not None:
        del session.info.get(BUFFER, [])[mark:]


@event.listens_for(db.session, "after_transaction_end")
def _forget_transaction(session: Session, transaction: SessionTransaction) -> None:
    """Forget at the end of the transaction what was not written.

    A savepoint's mark stays until then: its end is told before its rollback is.
    """
    if transaction.parent is None:
        session.info.pop(SAVEPOINTS, None)
        session.info.pop(BUFFER, None)
