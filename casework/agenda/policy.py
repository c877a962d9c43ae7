"""When a digest is due, and where a call-back stands in a calendar: pure questions."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from casework.followups import safe_time
from casework.followups.safe_time import Span
from casework.notices.models import LetterKind
from casework.notices.policy import MailWishes
from casework.security import Role

# --- digests ---------------------------------------------------------------------------------------

# Hours on the wall of whoever reads it (screens.md section 7).
TEAM_HOURS = (7, 19)
# A digest that could not leave for so long says nothing useful any more.
FRESH_FOR = timedelta(hours=2)
# Whoever used the application so recently has seen it there.
SEEN_WITHIN = timedelta(minutes=15)


class Slot(NamedTuple):
    """One digest of one day: what kind, at which time on the wall, and which moment that is."""

    kind: LetterKind
    wall: str
    due_at: datetime

    def key(self, membership_id: UUID) -> str:
        """Name this digest of this member: the time on the wall exists once, whatever clocks do."""
        return f"digest:{membership_id}:{self.kind}:{self.wall}"


def slots_due(role: Role, wishes: MailWishes, zone: str, at: datetime) -> Iterator[Slot]:
    """Give the digests whose time has come and is not long over, by the reader’s own clock."""
    today = at.astimezone(ZoneInfo(zone)).date()
    for kind, hour in _hours(role, wishes):
        for day in (today - timedelta(days=1), today):
            slot = _slot(kind, day, hour, zone)
            if slot.due_at <= at < slot.due_at + FRESH_FOR:
                yield slot


def _hours(role: Role, wishes: MailWishes) -> Iterator[tuple[LetterKind, int]]:
    if wishes.wants_day:
        yield LetterKind.DAY_DIGEST, wishes.day_begins
    if role is Role.SUPERVISOR and wishes.wants_team:
        for hour in TEAM_HOURS:
            yield LetterKind.TEAM_DIGEST, hour


def _slot(kind: LetterKind, day: date, hour: int, zone: str) -> Slot:
    wall = datetime.combine(day, time(hour)).isoformat(timespec="minutes")
    return Slot(kind, wall, safe_time.local_to_utc(day, time(hour), zone))


def end_of_day(at: datetime, zone: str) -> datetime:
    """Give the moment at which the reader’s day ends."""
    tomorrow = at.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    return safe_time.local_to_utc(tomorrow, time(), zone)


# --- the calendar ----------------------------------------------------------------------------------

QUARTER = timedelta(minutes=15)
# So far ahead the calendar looks; a series has its last call-back after 37 days.
AHEAD = timedelta(days=40)
# A calendar that asks every minute must not write every minute.
TOUCH_EVERY = timedelta(minutes=5)


def block_of(begins: datetime, closes: datetime, at: datetime) -> Span:
    """Give the quarter of an hour in which a call-back stands, wholly within its agreed time (R10).

    What could have been called earlier stands in the present quarter: never in the past.
    """
    start = max(begins, _floor(at))
    full = _floor(start + QUARTER - timedelta(microseconds=1))
    if full + QUARTER <= closes:
        start = full
    return Span(start, min(start + QUARTER, closes))


def counted(waiting: Iterable[tuple[UUID, Span]], at: datetime) -> dict[Span, int]:
    """Count people by block, in order of time: a couple of calls to one person are one."""
    people: dict[Span, set[UUID]] = {}
    for person_id, agreed in waiting:
        block = block_of(agreed.opens_at, agreed.closes_at, at)
        people.setdefault(block, set()).add(person_id)
    return {block: len(people[block]) for block in sorted(people)}


def needs_touch(used_at: datetime | None, at: datetime) -> bool:
    """Tell whether it is time to write down again that a calendar asks."""
    return used_at is None or at - used_at >= TOUCH_EVERY


def _floor(moment: datetime) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return moment.astimezone(UTC) - (moment - epoch) % QUARTER
