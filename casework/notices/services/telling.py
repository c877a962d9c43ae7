"""Telling staff in the app: a line in somebody’s list, exactly once."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol, cast
from uuid import UUID, uuid4

from sqlalchemy import CursorResult, Table, func, update
from sqlalchemy.dialects.postgresql import insert

from casework.database import now
from casework.extensions import db
from casework.many import insert_rows
from casework.notices.models import Notice, NoticeKind
from casework.security import Actor

# Many rows go in by the table: one statement, without an object for each of them.
TABLE = cast(Table, Notice.__table__)


class Subject(Protocol):
    """Any row a notice can lead to."""

    __tablename__: str

    @property
    def id(self) -> Any: ...


def tell(
    actor: Actor, account_id: UUID, kind: NoticeKind, subject: Subject, occurrence_key: str
) -> bool:
    """Put one line in somebody’s list, once for each occurrence key; tell whether it is new."""
    fresh = db.session.execute(
        insert(Notice)
        .values(
            id=func.gen_random_uuid(),
            service_id=actor.service_id,
            account_id=account_id,
            kind=kind,
            subject_type=subject.__tablename__,
            subject_id=subject.id,
            occurrence_key=occurrence_key,
            at=now(),
        )
        .on_conflict_do_nothing(index_elements=["occurrence_key"])
        .returning(Notice.id)
    )
    return fresh.first() is not None


class Line(NamedTuple):
    """One line for one account, about a row named by its kind and id."""

    account_id: UUID
    kind: NoticeKind
    subject_type: str
    subject_id: UUID
    occurrence_key: str


def tell_many(actor: Actor, lines: Sequence[Line]) -> int:
    """Put many lines in people's lists with one statement, each once; tell how many are new."""
    if not lines:
        return 0
    at = now()
    rows = [
        {"id": uuid4(), "service_id": actor.service_id, "at": at} | line._asdict() for line in lines
    ]
    fresh = insert_rows(TABLE, rows).on_conflict_do_nothing(index_elements=["occurrence_key"])
    return cast("CursorResult[Any]", db.session.execute(fresh)).rowcount


def mark_seen(actor: Actor, notice_ids: Iterable[UUID] | None = None) -> int:
    """Mark the actor’s own notices as seen, these or all of them; tell how many were new."""
    statement = update(Notice).where(
        Notice.service_id == actor.service_id,
        Notice.account_id == actor.id,
        Notice.seen_at.is_(None),
    )
    if notice_ids is not None:
        statement = statement.where(Notice.id.in_(list(notice_ids)))
    seen = db.session.execute(statement.values(seen_at=now()).returning(Notice.id))
    return len(seen.all())
