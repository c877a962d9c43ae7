"""Trying again what was parked, after somebody has looked at it; every such act is recorded."""

from casework.audit import services as audit
from casework.database import now
from casework.followups import queries
from casework.followups.models import FollowUpState, Reminder, ReminderStatus
from casework.security import Actor


def try_again(actor: Actor, reminder: Reminder) -> bool:
    """Let a parked reminder be due at once; tell whether there was still anything to be shown.

    It is cancelled when its call is over, or when another reminder at its rung waits by now.
    """
    follow_up = queries.lock(reminder.follow_up_id)
    is_due = (
        follow_up is not None
        and follow_up.state is FollowUpState.SCHEDULED
        and not queries.is_waiting(follow_up.id, reminder.rung)
    )
    reminder.status = ReminderStatus.SCHEDULED if is_due else ReminderStatus.CANCELLED
    reminder.claim, reminder.attempts, reminder.wake_at = None, 0, now()
    subjects = () if follow_up is None else (follow_up.case.person_id,)
    audit.record(actor, "followup:reminder:replayed", reminder, subjects=subjects)
    return is_due


def try_all_again(actor: Actor, *, limit: int = 1000) -> int:
    """Let every parked reminder of the service be due at once; tell how many there were."""
    parked = queries.parked(actor.service_id, limit)
    for reminder in parked:
        try_again(actor, reminder)
    return len(parked)
