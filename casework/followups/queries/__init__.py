"""What is planned and for whom to see: lanes, a case's next contact, what was tried."""

from casework.followups.queries.lanes import (
    callable_now,
    due_for,
    later_today,
    no_window,
    waiting_for_call,
)
from casework.followups.queries.planned import (
    Held,
    attempts_of,
    for_case,
    get,
    hold_of_case,
    last_attempt,
    lock,
    next_for,
    oldest_waiting,
    open_attempt,
    plan_version,
    planned_for,
    planned_for_person,
    planned_telling,
    to_read_again,
)

__all__ = [
    "Held",
    "attempts_of",
    "callable_now",
    "due_for",
    "for_case",
    "get",
    "hold_of_case",
    "last_attempt",
    "later_today",
    "lock",
    "next_for",
    "no_window",
    "oldest_waiting",
    "open_attempt",
    "plan_version",
    "planned_for",
    "planned_for_person",
    "planned_telling",
    "to_read_again",
    "waiting_for_call",
]
