"""Reminders as rows: the row is the schedule, and wake_at is both due time and lease (engine.md section 3).

claim   one statement moves wake_at on by the lease and marks the rows with new claims
deliver one transaction shows a batch: in-app lines, letters, audit entries; a second claim finds nothing
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, cast
from uuid import UUID, uuid4

import structlog
from sqlalchemy import ColumnElement, Table, Uuid, bindparam, case, func, not_, select, update

from casework import pulse
from casework.database import now
from casework.extensions import db
from casework.followups import queries, safe_time
from casework.followups.ladder import Ladder, next_rung
from casework.followups.models import FollowUp, Reminder, ReminderStatus, Rung
from casework.many import insert_rows, is_one_of

log = structlog.get_logger()

# Large enough that what a batch asks once costs little for each, and done in seconds.
BATCH = 500
# What was claimed and not delivered yet: more would outlive its lease in a queue, and be claimed
# again and again until it is parked although nothing is wrong with it.
MOST_IN_HAND = 2000
# Longer than a worker may take for one batch (the task's hard limit is 90 seconds).
LEASE = timedelta(seconds=120)
# A reminder that was claimed so often and never shown is parked and shown to a human.
MOST_CLAIMS = 10
# One that comes back is taken alone: if it takes its worker down, it takes no other along.
SUSPECT_AFTER = 2

# Many rows go in by the table: one statement, without an object for each of them.
TABLE = cast(Table, Reminder.__table__)


class Claimed(NamedTuple):
    """A reminder somebody has taken, and the proof of it."""

    reminder_id: UUID
    claim_id: UUID


def renew(follow_up: FollowUp, wake_at: datetime | None) -> None:
    """Let exactly one prompt wait for a follow-up, at this moment; None: let none wait."""
    renew_all([(follow_up, wake_at)])


def renew_all(prompts: Sequence[tuple[FollowUp, datetime | None]]) -> None:
    """Let exactly one prompt wait for each of these follow-ups, at its moment; None: let none wait.

    The key names the follow-up and the moment, so that what was shown is never shown again. The
    rungs above it wait by themselves: who is told of an overdue call does not hang on its prompt.
    """
    db.session.flush()
    rows = {
        f"{f.id}:{int(at.timestamp())}": _waiting(
            f, Rung.OWNER, at, f"{f.id}:{int(at.timestamp())}"
        )
        for f, at in prompts
        if at is not None
    }
    # A key names its follow-up: what is not among them is of another moment.
    _cancel_waiting(
        {follow_up.id for follow_up, _ in prompts},
        Reminder.rung == Rung.OWNER,
        not_(is_one_of(Reminder.occurrence_key, rows)),
    )
    if not rows:
        return
    fresh = insert_rows(TABLE, list(rows.values()))
    db.session.execute(
        fresh.on_conflict_do_update(
            index_elements=["occurrence_key"],
            set_={
                "status": ReminderStatus.SCHEDULED,
                "wake_at": fresh.excluded.wake_at,
                "claim": None,
                "attempts": 0,
            },
            where=Reminder.status.in_((ReminderStatus.CANCELLED, ReminderStatus.SCHEDULED)),
        )
    )


def cancel(follow_up: FollowUp) -> None:
    """Let nothing wait for a follow-up; what is in flight finds its claim gone and does nothing."""
    db.session.flush()
    _cancel_waiting({follow_up.id})


def climb(
    steps: Iterable[tuple[FollowUp, Rung]], ladders: dict[str, Ladder], *, at: datetime
) -> None:
    """Let the next rung wait for follow-ups of which a rung was shown, once for each deadline.

    It waits from the deadline on as long as the service's ladder says, and is asked again then.
    """
    rows = []
    for follow_up, shown in steps:
        following = next_rung(ladders[follow_up.series], shown, follow_up.latest_at)
        if following is not None:
            rung, wake_at = following
            key = f"{follow_up.id}:{int(follow_up.latest_at.timestamp())}:{rung.name.lower()}"
            rows.append(_waiting(follow_up, rung, max(wake_at, at), key))
    if rows:
        db.session.execute(insert_rows(TABLE, rows).on_conflict_do_nothing())


def claim(service_id: UUID, *, limit: int = BATCH) -> list[Claimed]:
    """Claim reminders that are due, a batch at most; doubled sweeps and dead workers do no harm.

    The batch shares one claim, which names it in the broker; a reminder that came back again and
    again has one of its own. Nothing is claimed while as much is in hand as workers can deliver.
    """
    at = now()
    _park_the_poisoned(service_id, at)
    room = min(limit, MOST_IN_HAND - queries.in_hand(service_id, at))
    if room <= 0:
        return []
    # A common table expression is worked out once. A plain subquery may be run again for each row it
    # is compared with, and each time it would lock, and so claim, as many others.
    due = (
        select(Reminder.id)
        .where(
            Reminder.service_id == service_id,
            Reminder.status == ReminderStatus.SCHEDULED,
            Reminder.wake_at <= at,
        )
        .order_by(Reminder.wake_at)
        .limit(room)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    shared = bindparam("shared", uuid4(), Uuid)
    its_own = case((Reminder.attempts >= SUSPECT_AFTER, func.gen_random_uuid()), else_=shared)
    taken = db.session.execute(
        update(Reminder)
        .where(Reminder.id.in_(select(due.c.id)))
        .values(wake_at=at + LEASE, claim=its_own, attempts=Reminder.attempts + 1)
        .returning(Reminder.id, Reminder.claim)
        .execution_options(synchronize_session=False)
    ).all()
    pulse.count(service_id, {"claimed": len(taken)})
    return [Claimed(reminder_id, claim_id) for reminder_id, claim_id in taken if claim_id]


def mark(reminder_ids: Collection[UUID], status: ReminderStatus, at: datetime | None) -> None:
    """End reminders that are held: shown at a moment, or cancelled."""
    if reminder_ids:
        db.session.execute(
            update(Reminder)
            .where(is_one_of(Reminder.id, reminder_ids))
            .values(status=status, claim=None, shown_at=at)
            .execution_options(synchronize_session=False)
        )


def postpone(reminder_ids: Collection[UUID], until: datetime) -> None:
    """Let reminders that are held wait for a moment; being claimed in vain is not held against them."""
    if reminder_ids:
        db.session.execute(
            update(Reminder)
            .where(is_one_of(Reminder.id, reminder_ids))
            .values(wake_at=until, claim=None, attempts=0)
            .execution_options(synchronize_session=False)
        )


def _waiting(follow_up: FollowUp, rung: Rung, wake_at: datetime, key: str) -> dict[str, object]:
    return {
        "id": uuid4(),
        "service_id": follow_up.service_id,
        "follow_up_id": follow_up.id,
        "rung": int(rung),
        "occurrence_key": key,
        "local_wall": safe_time.wall_of(wake_at, follow_up.time_zone),
        "time_zone": follow_up.time_zone,
        "due_at": wake_at,
        "wake_at": wake_at,
        "status": ReminderStatus.SCHEDULED,
        "attempts": 0,
    }


def _cancel_waiting(follow_up_ids: Collection[UUID], *which: ColumnElement[bool]) -> None:
    db.session.execute(
        update(Reminder)
        .where(
            is_one_of(Reminder.follow_up_id, follow_up_ids),
            Reminder.status == ReminderStatus.SCHEDULED,
            *which,
        )
        .values(status=ReminderStatus.CANCELLED, claim=None)
    )


def _park_the_poisoned(service_id: UUID, at: datetime) -> None:
    """Park what was claimed again and again in vain; the follow-up itself stays in its lane.

    The next rung waits all the same: what cannot be shown to its owner must reach a human.
    """
    parked = db.session.execute(
        update(Reminder)
        .where(
            Reminder.service_id == service_id,
            Reminder.status == ReminderStatus.SCHEDULED,
            Reminder.wake_at <= at,
            Reminder.attempts >= MOST_CLAIMS,
        )
        .values(status=ReminderStatus.DEAD, claim=None)
        .returning(Reminder.id, Reminder.follow_up_id, Reminder.rung)
        .execution_options(synchronize_session=False)
    ).all()
    if parked:
        climb_from(service_id, [(row.follow_up_id, Rung(row.rung)) for row in parked], at=at)
        pulse.count(service_id, {"parked": len(parked)})
    for row in parked:
        log.error("reminder.parked", reminder_id=str(row.id))


def climb_from(service_id: UUID, shown: Sequence[tuple[UUID, Rung]], *, at: datetime) -> None:
    """Let the next rung wait for follow-ups named by id."""
    follow_ups = {f.id: f for f in queries.with_ids(service_id, {f_id for f_id, _ in shown})}
    steps = [(follow_ups[f_id], rung) for f_id, rung in shown if f_id in follow_ups]
    climb(steps, queries.ladders_of(service_id, {f.series for f, _ in steps}), at=at)
