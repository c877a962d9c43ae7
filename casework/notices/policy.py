"""The outbox's times: how long a claim holds, when to try again, how often one may write."""

from datetime import datetime, timedelta

from casework.notices.models import LetterKind

# Longer than a worker may take for one letter (the task's hard limit is 90 seconds).
LEASE = timedelta(minutes=5)
BATCH = 50
MOST_TRIES = 5
# A person is written to at most so often about what waits for them (screens.md section 7).
QUIET_FOR = timedelta(minutes=15)
MERGED_KINDS = frozenset({LetterKind.CALL_BACKS_DUE})


def is_merged(kind: LetterKind) -> bool:
    """Tell whether letters of this kind to one account are merged into one per quarter hour."""
    return kind in MERGED_KINDS


def next_try_at(tries: int, at: datetime) -> datetime:
    """Tell when a letter that surely did not leave may be tried again: 1, 2, 4, 8 minutes."""
    return at + timedelta(minutes=2 ** max(tries - 1, 0))


def may_try_again(tries: int) -> bool:
    """Tell whether a letter that surely did not leave gets another try."""
    return tries < MOST_TRIES
