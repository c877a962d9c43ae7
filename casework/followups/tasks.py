"""The follow-up engine at work: two sweeps, one task, and one turn without Celery or Redis."""

from uuid import UUID

import structlog

from casework import database
from casework.background import Job, sweep, task
from casework.followups import services
from casework.followups.models import ReminderStatus

log = structlog.get_logger()


@sweep(Job.CLAIM_REMINDERS, every=15.0)
def claim_reminders(service_id: UUID) -> None:
    """Claim what is due and, once that is committed, let the ids leave for the workers."""
    for reminder_id, claim_id in services.claim(service_id):
        database.after_commit(Job.DELIVER_REMINDER, service_id, reminder_id, claim_id)


@task(Job.DELIVER_REMINDER)
def deliver_reminder(service_id: UUID, reminder_id: UUID, claim_id: UUID) -> None:
    """Show one claimed reminder; a second delivery of the same message finds nothing to do."""
    services.deliver(service_id, reminder_id, claim_id)


@sweep(Job.ROLL_WINDOWS, every=30.0)
def roll_windows(service_id: UUID) -> None:
    """Move on what stands on a window that is over, or on a plan that has changed."""
    services.roll_windows(service_id)


@sweep(Job.MOVE_CALLS, every=5.0)
def move_calls(service_id: UUID) -> None:
    """Move the next planned calls of a follow-up policy that has changed."""
    services.move_calls(service_id)


def run_once(service_id: UUID) -> int:
    """Take one turn in this process, without the broker: roll, claim, deliver; tell how many showed.

    Each reminder is a transaction of its own: what fails is left to its lease and tried again.
    """
    database.enter_service(service_id)
    services.roll_windows(service_id)
    database.commit()
    claimed = services.claim(service_id)
    database.commit()
    shown = 0
    for reminder_id, claim_id in claimed:
        try:
            status = services.deliver(service_id, reminder_id, claim_id)
            database.commit()
        except Exception as error:
            database.rollback()
            log.error("reminder.failed", error=type(error).__name__)
        else:
            shown += status is ReminderStatus.SHOWN
    return shown
