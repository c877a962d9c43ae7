"""What somebody has not seen yet, and which letters nobody is sure of."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select

from casework.extensions import db
from casework.many import is_one_of
from casework.notices.models import Letter, LetterKind, LetterStatus, MailChoice, Notice
from casework.notices.policy import MERGED_KINDS, MailWishes
from casework.security import Actor


def unseen(viewer: Actor, limit: int = 50) -> list[Notice]:
    """List the viewer’s own notices that they have not seen, newest first."""
    return list(db.session.scalars(_unseen(viewer).order_by(Notice.at.desc()).limit(limit)))


def count(viewer: Actor) -> int:
    """Count the viewer’s own notices that they have not seen."""
    return db.session.scalar(select(func.count()).select_from(_unseen(viewer).subquery())) or 0


def latest(viewer: Actor, limit: int = 100) -> list[Notice]:
    """List the viewer’s own notices, seen or not, newest first."""
    mine = select(Notice).where(
        Notice.service_id == viewer.service_id, Notice.account_id == viewer.id
    )
    return list(db.session.scalars(mine.order_by(Notice.at.desc()).limit(limit)))


def letters_about(viewer: Actor, subject_ids: Iterable[UUID]) -> list[Letter]:
    """List the letters about these rows, newest first, so that a page can say where each stands."""
    return list(
        db.session.scalars(
            select(Letter)
            .where(Letter.service_id == viewer.service_id, Letter.subject_id.in_(set(subject_ids)))
            .order_by(Letter.created_at.desc())
        )
    )


def hold_letters_about(viewer: Actor, subject_ids: Iterable[UUID]) -> list[Letter]:
    """Give the letters about these rows, held until the commit; the database refuses when in use."""
    about = select(Letter).where(
        Letter.service_id == viewer.service_id, Letter.subject_id.in_(set(subject_ids))
    )
    held = about.order_by(Letter.id).with_for_update(nowait=True)
    return list(db.session.scalars(held.execution_options(populate_existing=True)))


def unsure(viewer: Actor, limit: int = 50) -> list[Letter]:
    """List letters of which nobody knows whether they left, newest first."""
    return list(
        db.session.scalars(
            select(Letter)
            .where(Letter.service_id == viewer.service_id, Letter.status == LetterStatus.UNKNOWN)
            .order_by(Letter.created_at.desc())
            .limit(limit)
        )
    )


def wishes_of(service_id: UUID, account_id: UUID) -> MailWishes:
    """Give what a member of a service wants by mail: what they chose, or what stands for all."""
    chosen = db.session.scalars(
        select(MailChoice).where(
            MailChoice.service_id == service_id, MailChoice.account_id == account_id
        )
    ).one_or_none()
    return MailWishes() if chosen is None else wishes_in(chosen)


def wishes_in(chosen: MailChoice) -> MailWishes:
    """Give what a row of choices says."""
    return MailWishes(**{field.name: getattr(chosen, field.name) for field in fields(MailWishes)})


def written_since(account_id: UUID, since: datetime) -> datetime | None:
    """Tell when one of the merged letters last left, or may have left, to an account since then."""
    return db.session.scalar(
        select(func.max(Letter.sent_at)).where(
            Letter.account_id == account_id,
            Letter.kind.in_(MERGED_KINDS),
            Letter.status.in_((LetterStatus.SENDING, LetterStatus.SENT, LetterStatus.UNKNOWN)),
            Letter.sent_at > since,
        )
    )


def last_written(account_ids: Iterable[UUID], since: datetime) -> dict[UUID, datetime]:
    """Tell for several accounts when one of the merged letters last left, or may have, since then."""
    rows = db.session.execute(
        select(Letter.account_id, func.max(Letter.sent_at))
        .where(
            is_one_of(Letter.account_id, account_ids),
            Letter.kind.in_(MERGED_KINDS),
            Letter.status.in_((LetterStatus.SENDING, LetterStatus.SENT, LetterStatus.UNKNOWN)),
            Letter.sent_at > since,
        )
        .group_by(Letter.account_id)
    )
    return {account_id: at for account_id, at in rows if account_id is not None and at}


def accounts_waiting(account_ids: Iterable[UUID], kind: LetterKind) -> set[UUID]:
    """Name those of these accounts for whom a letter of this kind waits already."""
    waiting = select(Letter.account_id).where(
        is_one_of(Letter.account_id, account_ids),
        Letter.kind == kind,
        Letter.status == LetterStatus.QUEUED,
    )
    return {account_id for account_id in db.session.scalars(waiting) if account_id is not None}


def count_by_status(service_id: UUID) -> dict[str, int]:
    """Count the letters of a service that have not left for sure, by where they stand."""
    rows = db.session.execute(
        select(Letter.status, func.count())
        .where(
            Letter.service_id == service_id,
            Letter.status.in_((LetterStatus.QUEUED, LetterStatus.SENDING, LetterStatus.UNKNOWN)),
        )
        .group_by(Letter.status)
    )
    return {str(status.value): number for status, number in rows}


def _unseen(viewer: Actor) -> Select[Notice]:
    return select(Notice).where(
        Notice.service_id == viewer.service_id,
        Notice.account_id == viewer.id,
        Notice.seen_at.is_(None),
    )
