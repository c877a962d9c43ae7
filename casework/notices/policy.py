"""The outbox's times: how long a claim holds, when to try again, how often and when one may write."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from casework.notices.models import LetterKind

# Longer than a worker may take for one letter (the task's hard limit is 90 seconds).
LEASE = timedelta(minutes=5)
BATCH = 50
MOST_TRIES = 5
# A person is written to at most so often about what waits for them (screens.md section 7).
QUIET_FOR = timedelta(minutes=15)
MERGED_KINDS = frozenset({LetterKind.CALL_BACKS_DUE, LetterKind.DAY_DIGEST, LetterKind.TEAM_DIGEST})


def is_merged(kind: LetterKind) -> bool:
    """Tell whether letters of this kind to one account share its one mail per quarter hour."""
    return kind in MERGED_KINDS


@dataclass(frozen=True)
class MailWishes:
    """What one member of staff wants by mail; whoever chose nothing has these."""

    wants_call_backs: bool = True
    wants_day: bool = False
    wants_team: bool = True
    day_begins: int = 8
    quiet_from: int | None = None
    quiet_until: int | None = None

    def wants(self, kind: LetterKind) -> bool:
        """Tell whether a letter of this kind may leave; those that nobody can refuse always may."""
        refusable = {
            LetterKind.CALL_BACKS_DUE: self.wants_call_backs,
            LetterKind.DAY_DIGEST: self.wants_day,
            LetterKind.TEAM_DIGEST: self.wants_team,
        }
        return refusable.get(kind, True)

    def quiet_until_at(self, at: datetime, zone: str) -> datetime | None:
        """Tell when the quiet hours end in which this moment lies; None: it lies in none."""
        begins, ends = self.quiet_from, self.quiet_until
        if begins is None or ends is None or begins == ends:
            return None
        local = at.astimezone(ZoneInfo(zone))
        is_quiet = (
            begins <= local.hour < ends
            if begins < ends
            else local.hour >= begins or local.hour < ends
        )
        if not is_quiet:
            return None
        day = local.date() if local.hour < ends else local.date() + timedelta(days=1)
        # An hour that clocks skip moves forward by itself; of one that comes twice, the first.
        end = datetime.combine(day, time(ends), ZoneInfo(zone)).astimezone(UTC)
        return end if end > at else None


def next_try_at(tries: int, at: datetime) -> datetime:
    """Tell when a letter that surely did not leave may be tried again: 1, 2, 4, 8 minutes."""
    return at + timedelta(minutes=2 ** max(tries - 1, 0))


def may_try_again(tries: int) -> bool:
    """Tell whether a letter that surely did not leave gets another try."""
    return tries < MOST_TRIES
