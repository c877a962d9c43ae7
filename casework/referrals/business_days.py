"""Business days and opening hours of an agency as pure arithmetic, on its own wall and holidays."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from casework.people.week import Window
from casework.public_holidays import holiday_days

DAY = timedelta(days=1)
WEEKEND = frozenset({5, 6})
# The directory often does not say when somebody answers. Nobody is then taken to be there at
# night, nor on a weekend: unknown never means open.
USUAL_HOURS = (Window(frozenset(range(5)), time(9), time(17)),)
# An agency that is closed for longer than this is asked all the same.
LONGEST_CLOSED = 30


@dataclass(frozen=True)
class Office:
    """When somebody at an agency reads what it is asked; without windows, day and night.

    `province` names whose statutory holidays it keeps; None: nobody said, and it keeps none.
    """

    time_zone: str
    province: str | None = None
    windows: tuple[Window, ...] = USUAL_HOURS

    def shown(self, moment: datetime) -> datetime:
        """Give what the wall clock at the agency shows."""
        return moment.astimezone(ZoneInfo(self.time_zone)).replace(tzinfo=None, fold=0)


def windows_from(written: Iterable[dict[str, Any]]) -> tuple[Window, ...]:
    """Read opening hours as the directory keeps them; nothing written: the usual hours."""
    windows = tuple(
        Window(
            frozenset(int(day) for day in row["days"]),
            time.fromisoformat(row["start"]),
            time.fromisoformat(row["end"]),
        )
        for row in written
    )
    return windows or USUAL_HOURS


def is_business_day(office: Office, day: date) -> bool:
    """Tell whether a day is one on which work is done: no weekend, no holiday of the province."""
    return day.weekday() not in WEEKEND and not _is_holiday(office, day)


def opens_at(office: Office, at: datetime) -> datetime:
    """Give the first moment from now on at which the agency is open: now itself, if it is."""
    if not office.windows:
        return at
    for opens, closes in _spans(office, office.shown(at).date() - DAY):
        if at < closes:
            return max(at, opens)
    return at


def after(office: Office, days: int, since: datetime) -> datetime:
    """Give the moment so many business days later, at an hour when the agency is open.

    Counted from when it could first have been read: what is asked on a Saturday counts from the
    opening on Monday, so that nobody who asks later is reminded of earlier.
    """
    read = office.shown(opens_at(office, since))
    if not is_business_day(office, read.date()):
        # Open, but on no business day: counted from the beginning of the next one.
        read = datetime.combine(_next_business_day(office, read.date()), time())
    day = read.date()
    for _ in range(days):
        day = _next_business_day(office, day)
    return opens_at(office, wall(day, read.time(), office.time_zone))


def wall(day: date, at: time, zone: str) -> datetime:
    """Give a wall time of a zone; one that DST skips moves forward, one it repeats is the first."""
    moment = datetime.combine(day, at, ZoneInfo(zone))
    return datetime.fromtimestamp(moment.timestamp(), tz=UTC)


def _next_business_day(office: Office, day: date) -> date:
    day += DAY
    while not is_business_day(office, day):
        day += DAY
    return day


def _spans(office: Office, first: date) -> Iterator[tuple[datetime, datetime]]:
    """List when the agency opens and closes, from a day on; a window may pass midnight."""
    for number in range(LONGEST_CLOSED):
        day = first + number * DAY
        if _is_holiday(office, day):
            continue
        for window in sorted(office.windows, key=lambda window: window.start):
            if day.weekday() in window.days:
                until = day if window.end > window.start else day + DAY
                yield (
                    wall(day, window.start, office.time_zone),
                    wall(until, window.end, office.time_zone),
                )


def _is_holiday(office: Office, day: date) -> bool:
    return office.province is not None and day in holiday_days(office.province, day.year)
