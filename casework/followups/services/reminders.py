"""Reminders as rows: the row is the schedule, and wake_at is both due time and lease (engine.md section 3).

claim   one statement moves wake_at on by the lease and marks the row with a new claim
deliver one transaction shows it: in-app line, letter, audit entry; a second claim finds nothing
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

import structlog
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from casework.database import now
from casework.extensions import db
from casework.followups import safe_time
from casework.followups.models import FollowUp, Reminder, ReminderStatus

log = structlog.get_logger()

BATCH = 200
# Longer than a worker may take for one reminder (the task's hard limit is 90 seconds).
LEASE = timedelta(seconds=120)
# A reminder that was claimed so often and never shown is parked and shown to a human.
MOST_CLAIMS = 10


class Claimed(NamedTuple):
    """A reminder somebody has taken, and the proof of it."""

    reminder_id: UUID
    claim_id: UUID


def renew(follow_up: FollowUp, wake_at: datetime | None) -> None:
    """Let exactly one reminder wait for a follow-up, at this moment; None: let none wait.

    The key names the follow-up and the moment, so that what was shown is never shown again.
    """
    key = None if wake_at is None else f"{follow_up.id}:{int(wake_at.timestamp())}"
    db.session.flush()
    db.session.execute(
        update(Reminder)
        .where(
            Reminder.follow_up_id == follow_up.id,
            Reminder.status == ReminderStatus.SCHEDULED,
            Reminder.occurrence_key != (key or ""),
        )
        .values(status=ReminderStatus.CANCELLED, claim=None)
    )
    if wake_at is None:
        return
    fresh = insert(Reminder).values(
        id=uuid4(),
        service_id=follow_up.service_id,
        follow_up_id=follow_up.id,
        occurrence_key=key,
        local_wall=safe_time.wall_of(wake_at, follow_up.time_zone),
        time_zone=follow_up.time_zone,
        due_at=wake_at,
        wake_at=wake_at,
        status=ReminderStatus.SCHEDULED,
        attempts=0,
    )
    db.session.execute(
        fresh.on_conflict_do_update(
            index_elements=["occurrence_key"],
            set_={
                "status": ReminderStatus.SCHEDULED,
                "wake_at": wake_at,
                "claim": None,
                "attempts": 0,
            },
            where=Reminder.status.in_((ReminderStatus.CANCELLED, ReminderStatus.SCHEDULED)),
        )
    )


def cancel(follow_up: FollowUp) -> None:
    """Let no reminder wait for a follow-up; what is in flight finds its claim gone and does nothing."""
    renew(follow_up, None)


def claim(service_id: UUID) -> list[Claimed]:
    """Claim the reminders that are due, at most 200; doubled sweeps and dead workers do no harm."""
    at = now()
    _park_the_poisoned(service_id, at)
    due = (
        select(Reminder.id)
        .where(
            Reminder.service_id == service_id,
            Reminder.status == ReminderStatus.SCHEDULED,
            Reminder.wake_at <= at,
        )
        .order_by(Reminder.wake_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    claim_id = uuid4()
    taken = db.session.scalars(
        update(Reminder)
        .where(Reminder.id.in_(due))
        .values(wake_at=at + LEASE, claim=claim_id, attempts=Reminder.attempts + 1)
        .returning(Reminder.id)
        .execution_options(synchronize_session=False)
    ).all()
    return [Claimed(reminder_id, claim_id) for reminder_id in taken]


def _park_the_poisoned(service_id: UUID, at: datetime) -> None:
    """Park what was claimed again and again in vain; the follow-up itself stays in its lane."""
    parked = db.session.scalars(
        update(Reminder)
        .where(
            Reminder.service_id == service_id,
            Reminder.status == ReminderStatus.SCHEDULED,
            Reminder.wake_at <= at,
            Reminder.attempts >= MOST_CLAIMS,
        )
        .values(status=ReminderStatus.DEAD, claim=None)
        .returning(Reminder.id)
        .execution_options(synchronize_session=False)
    ).all()
    for reminder_id in parked:
        log.error("reminder.parked", reminder_id=str(reminder_id))
