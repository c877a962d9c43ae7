"""Telling staff in the app: a line in somebody’s list, exactly once."""

from collections.abc import Iterable
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from casework.database import now
from casework.extensions import db
from casework.notices.models import Notice, NoticeKind
from casework.security import Actor


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
