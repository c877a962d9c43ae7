"""Reading the audit of one service, newest first, page by page; reading it is recorded by the caller."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select

from casework.audit.chain import microseconds, moment
from casework.audit.models import AuditEntry, AuditSubject
from casework.extensions import db
from casework.security import Actor


@dataclass(frozen=True, kw_only=True)
class EntryFilter:
    """What to narrow the entries to; what is None does not narrow."""

    action: str | None = None
    actor_id: UUID | None = None
    object_type: str | None = None
    object_id: str | UUID | None = None
    person_id: UUID | None = None
    is_refused: bool | None = None


def entries(
    viewer: Actor,
    narrow: EntryFilter | None = None,
    *,
    before_seq: int | None = None,
    limit: int = 50,
) -> list[AuditEntry]:
    """List the entries of the viewer's service, newest first, those before `before_seq` if given.

    Pass the last entry's seq of one page to get the next; a page shorter than `limit` is the last.
    """
    wanted = _narrowed(viewer, narrow or EntryFilter())
    if before_seq is not None:
        wanted = wanted.where(AuditEntry.seq < before_seq)
    newest_first = wanted.order_by(AuditEntry.seq.desc()).limit(limit)
    return list(db.session.scalars(newest_first))


def latest(viewer: Actor, narrow: EntryFilter | None = None) -> AuditEntry | None:
    """Give the newest entry of the viewer's service that fits, or None."""
    return next(iter(entries(viewer, narrow, limit=1)), None)


def rewritten(
    viewer: Actor, narrow: EntryFilter, fields: Collection[str], *, since: datetime
) -> list[datetime]:
    """Tell when any of these fields of one row was written anew since a moment, oldest first.

    The first writing of the row is no change, whoever made it.
    """
    first = (
        select(func.min(AuditEntry.seq))
        .where(
            AuditEntry.service_id == viewer.service_id,
            AuditEntry.action == narrow.action,
            AuditEntry.object_type == narrow.object_type,
            AuditEntry.object_id == str(narrow.object_id),
        )
        .scalar_subquery()
    )
    wanted = _narrowed(viewer, narrow).where(
        AuditEntry.seq > first,
        AuditEntry.at_us >= microseconds(since),
        AuditEntry.fields.overlap(list(fields)),
    )
    times = wanted.with_only_columns(AuditEntry.at_us).order_by(AuditEntry.seq)
    return [moment(at_us) for at_us in db.session.scalars(times)]


def subjects_of(viewer: Actor, listed: Sequence[AuditEntry]) -> dict[int, list[UUID]]:
    """Give the people each of these entries is about, by seq."""
    found: dict[int, list[UUID]] = {entry.seq: [] for entry in listed}
    rows = db.session.execute(
        select(AuditSubject.seq, AuditSubject.person_id)
        .where(AuditSubject.service_id == viewer.service_id, AuditSubject.seq.in_(found))
        .order_by(AuditSubject.seq, AuditSubject.person_id)
    )
    for seq, person_id in rows:
        found[seq].append(person_id)
    return found


def _narrowed(viewer: Actor, narrow: EntryFilter) -> Select[AuditEntry]:
    wanted = select(AuditEntry).where(AuditEntry.service_id == viewer.service_id)
    if narrow.action is not None:
        # "case" also finds "case:close"; codes hold no character with a meaning in LIKE but "_".
        wanted = wanted.where(
            (AuditEntry.action == narrow.action)
            | AuditEntry.action.startswith(narrow.action + ":", autoescape=True)
        )
    if narrow.actor_id is not None:
        wanted = wanted.where(AuditEntry.actor_id == narrow.actor_id)
    if narrow.object_type is not None:
        wanted = wanted.where(AuditEntry.object_type == narrow.object_type)
    if narrow.object_id is not None:
        wanted = wanted.where(AuditEntry.object_id == str(narrow.object_id))
    if narrow.is_refused is not None:
        wanted = wanted.where(AuditEntry.is_refused == narrow.is_refused)
    if narrow.person_id is not None:
        about = select(AuditSubject.seq).where(
            AuditSubject.service_id == viewer.service_id,
            AuditSubject.person_id == narrow.person_id,
        )
        wanted = wanted.where(AuditEntry.seq.in_(about))
    return wanted
