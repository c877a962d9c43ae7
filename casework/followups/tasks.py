"""The follow-up engine at work: its sweeps, one task, and one turn without Celery or Redis."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import structlog

from casework import database
from casework.background import Job, sweep, task
from casework.followups import queries, services
from casework.followups.models import ReminderStatus
from casework.followups.services import Claimed

log = structlog.get_logger()

# How many batches one sweep hands out; each of them brings the next, as long as anything is due.
BATCHES_A_SWEEP = 4


def run_once(service_id: UUID) -> int:
    """Take one turn in this process, without the broker: roll, claim, deliver; tell how many showed.

    Goes on until nothing is due. What fails is left to its lease and tried again.
    """
    database.enter_service(service_id)
    services.roll_windows(service_id)
    database.commit()
    shown = 0
    while claimed := services.claim(service_id):
        database.commit()
        shown += _deliver(service_id, claimed)
    database.commit()
    return shown


@sweep(Job.CLAIM_REMINDERS, every=15.0, alone=run_once)
def claim_reminders(service_id: UUID) -> None:
    """Claim what is due and, once that is committed, let the claims leave for the workers."""
    for _ in range(BATCHES_A_SWEEP):
        if not _claim_batch(service_id):
            break


@task(Job.DELIVER_REMINDERS)
def deliver_reminders(service_id: UUID, claim_id: UUID) -> None:
    """Show what stands under one claim, and take the next batch; a second delivery finds nothing."""
    claimed = [Claimed(*each) for each in queries.claimed_under(service_id, [claim_id])]
    _deliver(service_id, claimed)
    if claimed:
        _claim_batch(service_id)


@sweep(Job.ROLL_WINDOWS, every=30.0)
def roll_windows(service_id: UUID) -> None:
    """Move on what stands on a window that is over, or on a plan that has changed."""
    services.roll_windows(service_id)


@sweep(Job.PROMPT_LIST_CALLS, every=30.0)
def prompt_list_calls(service_id: UUID) -> None:
    """Tell of calls to agencies that keep a place on a waiting list, when they are due or overdue."""
    services.prompt_list_calls(service_id)


@sweep(Job.MOVE_CALLS, every=5.0)
def move_calls(service_id: UUID) -> None:
    """Move the next planned calls of a follow-up policy that has changed."""
    services.move_calls(service_id)


def _claim_batch(service_id: UUID) -> bool:
    """Claim one batch; its claims leave for the workers with the commit. Tell whether any was due."""
    claimed = services.claim(service_id)
    for claim_id in {each.claim_id for each in claimed}:
        database.after_commit(Job.DELIVER_REMINDERS, service_id, claim_id)
    return bool(claimed)


def _deliver(service_id: UUID, claimed: Sequence[Claimed]) -> int:
    """Deliver a batch in one transaction, then one by one what it left; tell how many showed."""
    shown = 0
    try:
        done = services.deliver_batch(service_id, claimed)
        shown = done[ReminderStatus.SHOWN]
        database.commit()
        if done.total() == len(claimed):
            return shown
    except Exception as error:
        database.rollback()
        shown = 0
        log.error("reminders.batch_failed", error=type(error).__name__)
    left = queries.claimed_under(service_id, {each.claim_id for each in claimed})
    return shown + _deliver_alone(service_id, left)


def _deliver_alone(service_id: UUID, left: Iterable[tuple[UUID, UUID]]) -> int:
    """Deliver each in a transaction of its own, and wait where somebody is changing it."""
    shown = 0
    for reminder_id, claim_id in left:
        try:
            shown += services.deliver(service_id, reminder_id, claim_id) is ReminderStatus.SHOWN
            database.commit()
        except Exception as error:
            database.rollback()
            log.error("reminder.failed", error=type(error).__name__)
    return shown
