"""What happens when a sealed field cannot be opened: a security event that shows no value."""

from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple
from uuid import UUID

import structlog

log = structlog.get_logger(__name__)


class Failure(NamedTuple):
    """Which field could not be opened, and why: ids, constant tags and a reason code only."""

    reason: str
    service_id: UUID
    owner_id: UUID
    row_id: UUID
    table_tag: str
    column_tag: str


class Unreadable(Exception):
    """A field cannot be opened: its key is gone, or it was not sealed for this place."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.table_tag}.{failure.column_tag}: {failure.reason}")
        self.failure = failure


class KeyGone(Unreadable):
    """The owner has no data key: it was erased, or never made."""


# Rooms above add what must happen when a field cannot be opened: the audit writes it down.
unreadable_hooks: list[Callable[[Failure], None]] = []

_counts: Counter[str] = Counter()
_counting = Lock()


def report(failure: Failure) -> Unreadable:
    """Log, count and announce a failed opening; give the exception for the caller to raise."""
    with _counting:
        _counts[failure.reason] += 1
    log.error(
        "vault.unreadable",
        reason=failure.reason,
        table=failure.table_tag,
        column=failure.column_tag,
        row_id=str(failure.row_id),
        owner_id=str(failure.owner_id),
        service_id=str(failure.service_id),
    )
    for hook in unreadable_hooks:
        hook(failure)
    return (KeyGone if failure.reason == "key_gone" else Unreadable)(failure)


def unreadable_counts() -> dict[str, int]:
    """Tell how many openings failed in this process since it started, by reason."""
    with _counting:
        return dict(_counts)
