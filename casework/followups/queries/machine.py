"""What the reminder machine asks: what is claimed, who is being called, and how late everything is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import defaultload

from casework.cases import queries as cases
from casework.cases.models import Case
from casework.database import NotFound
from casework.extensions import db
from casework.followups.models import FollowUp, Reminder, ReminderStatus, Rung
from casework.many import is_one_of
from casework.security import Actor

# What is overdue by less than this is on its way: a sweep comes every fifteen seconds.
LATE_AFTER = timedelta(minutes=2)


class Due(NamedTuple):
    """A reminder somebody holds the claim of, as delivery needs it."""

    reminder_id: UUID
    claim_id: UUID
    follow_up_id: UUID
    rung: Rung
    occurrence_key: str
    due_at: datetime


@dataclass(frozen=True)
class Standing:
    """How the machine stands in one service: numbers and times, and nobody."""

    due: int
    oldest_at: datetime | None
    leased: int
    parked: int
    waiting_by_rung: dict[Rung, int]

    def late_by(self, at: datetime) -> timedelta:
        """Tell by how much the oldest reminder that nobody has shown is overdue."""
        return max(at - self.oldest_at, timedelta()) if self.oldest_at else timedelta()

    def is_late(self, at: datetime) -> bool:
        """Tell whether reminders are so late that people must be told."""
        return self.late_by(at) >= LATE_AFTER


def in_hand(service_id: UUID, at: datetime) -> int:
    """Count the reminders that somebody has claimed and may still deliver."""
    claimed = select(func.count()).where(
        Reminder.service_id == service_id,
        Reminder.status == ReminderStatus.SCHEDULED,
        Reminder.claim.is_not(None),
        Reminder.wake_at > at,
    )
    return db.session.scalar(claimed) or 0


def claimed_under(service_id: UUID, claim_ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Name what still stands under these claims: the reminder, and its claim."""
    return [(row.reminder_id, row.claim_id) for row in _due(service_id, claim_ids)]


def follow_ups_claimed(service_id: UUID, claim_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Tell for each reminder that still stands under these claims which follow-up it is about."""
    return {row.reminder_id: row.follow_up_id for row in _due(service_id, claim_ids)}


def hold_claimed(
    service_id: UUID, claim_ids: Collection[UUID], follow_up_ids: Collection[UUID]
) -> list[Due]:
    """Give what still stands under these claims for follow-ups that are held, held until the commit."""
    return _due(
        service_id, claim_ids, is_one_of(Reminder.follow_up_id, follow_up_ids), is_held=True
    )


def _due(
    service_id: UUID, claim_ids: Collection[UUID], *more: ColumnElement[bool], is_held: bool = False
) -> list[Due]:
    wanted = select(
        Reminder.id,
        Reminder.claim,
        Reminder.follow_up_id,
        Reminder.rung,
        Reminder.occurrence_key,
        Reminder.due_at,
    ).where(
        Reminder.service_id == service_id,
        is_one_of(Reminder.claim, claim_ids),
        Reminder.status == ReminderStatus.SCHEDULED,
        *more,
    )
    if is_held:
        wanted = wanted.order_by(Reminder.id).with_for_update()
    return [
        Due(reminder_id, claim_id, follow_up_id, Rung(rung), key, due_at)
        for reminder_id, claim_id, follow_up_id, rung, key, due_at in db.session.execute(wanted)
        if claim_id is not None
    ]


def hold_all(follow_up_ids: Collection[UUID], *, waits: bool) -> dict[UUID, FollowUp]:
    """Give follow-ups as they stand, with their cases, held until the commit, in one order.

    Unless one waits for it, what somebody else is changing at this moment is left out.
    """
    held = (
        select(FollowUp)
        .where(is_one_of(FollowUp.id, follow_up_ids))
        .order_by(FollowUp.id)
        # All that delivery asks of a case; what it needs, and what is sealed in it, stays where it is.
        .options(
            defaultload(FollowUp.case)
            .load_only(Case.person_id, Case.status, Case.owner_id)
            .lazyload(Case.needs)
        )
        .with_for_update(of=FollowUp, skip_locked=not waits)
        .execution_options(populate_existing=True)
    )
    return {follow_up.id: follow_up for follow_up in db.session.scalars(held)}


def with_ids(service_id: UUID, follow_up_ids: Collection[UUID]) -> list[FollowUp]:
    """Give the follow-ups of a service with these ids, the earliest due first."""
    wanted = select(FollowUp).where(
        FollowUp.service_id == service_id, FollowUp.id.in_(follow_up_ids)
    )
    return list(db.session.scalars(wanted.order_by(FollowUp.due_at, FollowUp.id)))


def statuses_of(reminder_ids: Collection[UUID]) -> dict[UUID, ReminderStatus]:
    """Tell where these reminders stand."""
    if not reminder_ids:
        return {}
    rows = db.session.execute(
        select(Reminder.id, Reminder.status).where(is_one_of(Reminder.id, reminder_ids))
    )
    return {reminder_id: status for reminder_id, status in rows}


# --- a call in progress ----------------------------------------------------------------------------


# --- how late it is ----------------------------------------------------------------------------------


def standing_of(service_id: UUID, at: datetime) -> Standing:
    """Tell how many reminders are due, in hand, parked and waiting, and since when the oldest is due."""
    is_waiting = Reminder.status == ReminderStatus.SCHEDULED
    by_rung = db.session.execute(
        select(
            Reminder.rung,
            func.count(),
            func.count().filter(Reminder.claim.is_(None)),
            func.min(Reminder.due_at),
        )
        .where(
            Reminder.service_id == service_id,
            is_waiting,
            or_(Reminder.wake_at <= at, Reminder.claim.is_not(None)),
        )
        .group_by(Reminder.rung)
    ).all()
    parked = select(func.count()).where(
        Reminder.service_id == service_id, Reminder.status == ReminderStatus.DEAD
    )
    oldest = [row[3] for row in by_rung if row[3] is not None and row[3] <= at]
    leased = in_hand(service_id, at)
    return Standing(
        due=sum(row[1] for row in by_rung) - leased,
        oldest_at=min(oldest, default=None),
        leased=leased,
        parked=db.session.scalar(parked) or 0,
        waiting_by_rung={Rung(row[0]): row[1] for row in by_rung},
    )


def late_since(service_id: UUID, at: datetime) -> datetime | None:
    """Tell since when reminders are late; None while they are on time."""
    return db.session.scalar(
        select(func.min(Reminder.due_at)).where(
            Reminder.service_id == service_id,
            Reminder.status == ReminderStatus.SCHEDULED,
            Reminder.wake_at <= at - LATE_AFTER,
        )
    )


def parked(service_id: UUID, limit: int = 100) -> list[Reminder]:
    """List the reminders that were tried too often, the oldest first."""
    return list(
        db.session.scalars(
            select(Reminder)
            .where(Reminder.service_id == service_id, Reminder.status == ReminderStatus.DEAD)
            .order_by(Reminder.due_at, Reminder.id)
            .limit(limit)
        )
    )


def is_waiting(follow_up_id: UUID, rung: int) -> bool:
    """Tell whether a reminder waits for a follow-up at a rung."""
    waiting = select(Reminder.id).where(
        Reminder.follow_up_id == follow_up_id,
        Reminder.rung == rung,
        Reminder.status == ReminderStatus.SCHEDULED,
    )
    return db.session.scalar(waiting.limit(1)) is not None


def parked_one(viewer: Actor, reminder_id: UUID) -> Reminder | None:
    """Give a reminder of the viewer's service, held; None when it is parked no longer.

    Raises NotFound for one that is not of the service.
    """
    found = db.session.scalars(
        select(Reminder)
        .where(
            Reminder.service_id == viewer.service_id,
            Reminder.id == reminder_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found if found.status is ReminderStatus.DEAD else None


def refs_behind(viewer: Actor, follow_up_ids: Collection[UUID]) -> dict[UUID, str]:
    """Give the case references of these follow-ups, where the viewer may open the case."""
    visible = cases.visible_to(viewer).with_only_columns(Case.id).order_by(None)
    rows = db.session.execute(
        select(FollowUp.id, Case.ref)
        .join(Case, Case.id == FollowUp.case_id)
        .where(FollowUp.id.in_(follow_up_ids), Case.id.in_(visible))
    )
    return {follow_up_id: ref for follow_up_id, ref in rows}
