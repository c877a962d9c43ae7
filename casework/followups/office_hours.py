"""The service's own hours: they bound what is proposed to staff, never what a person agreed to (R10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from casework.followups import safe_time
from casework.followups.safe_time import DAY, HORIZON, Span
from casework.followups.wall_time import shown, zone_of
from casework.people.contact_plan import Plan
from casework.people.dates import Dates
from casework.people.week import Window
from casework.public_holidays import holiday_days

NO_NOTICE = timedelta()


@dataclass(frozen=True)
class OfficeHours:
    """When somebody is there to call, on the service's own wall; without windows, day and night.

    `province` names whose statutory holidays are kept; `notice` is how long before a call, at
    least, it is proposed.
    """

    time_zone: str
    windows: tuple[Window, ...] = ()
    province: str | None = None
    notice: timedelta = NO_NOTICE

    @property
    def is_always_open(self) -> bool:
        """Whether no hour and no day is closed."""
        return not self.windows and self.province is None


ALWAYS_OPEN = OfficeHours("UTC")


def office_from(
    *, time_zone: str, written: Iterable[dict[str, Any]], province: str | None, minutes: int
) -> OfficeHours:
    """Give the hours that a service has written down."""
    windows = (
        Window(
            frozenset(int(day) for day in row["days"]),
            time.fromisoformat(row["start"]),
            time.fromisoformat(row["end"]),
        )
        for row in written
    )
    return OfficeHours(time_zone, tuple(windows), province, timedelta(minutes=minutes))


def open_between(office: OfficeHours, start: datetime, until: datetime) -> list[Span]:
    """List the time from start to until in which the service is open, cut at both."""
    asked = [Span(start, until)]
    if start >= until or office.is_always_open:
        return asked if start < until else []
    zone = zone_of(office.time_zone)
    if office.windows:
        asked = safe_time.shared(
            asked, safe_time.hours_around(zone, office.windows, (), start, until)
        )
    closed = [Dates(day, day) for day in _holidays_near(office, start, until)]
    return safe_time.without(asked, safe_time.days_around(zone, frozenset(), closed, start, until))


def is_open(office: OfficeHours, at: datetime) -> bool:
    """Tell whether the service is open at a moment."""
    return bool(open_between(office, at, at + timedelta(seconds=1)))


def opens_next(office: OfficeHours, at: datetime) -> datetime | None:
    """Give the first moment from now on at which the service is open; None: not in two weeks."""
    spans = open_between(office, at, at + HORIZON)
    return spans[0].opens_at if spans else None


def holiday_at(office: OfficeHours, at: datetime) -> date | None:
    """Give the statutory holiday that a moment falls on, if the service keeps it."""
    day = shown(at, zone_of(office.time_zone)).date()
    return day if office.province and day in holiday_days(office.province, day.year) else None


def holiday_name(province: str, day: date, language: str) -> str:
    """Name a holiday in the language of a page."""
    spoken = "fr" if language.startswith("fr") else "en_CA"
    return holiday_days(province, day.year, spoken).get(day, "")


def next_proposed(plan: Plan, office: OfficeHours, not_before: datetime) -> datetime | None:
    """Give the first moment that is agreed and at which somebody is there; None: none is agreed.

    Where the two never meet in two weeks, the first agreed moment: the person’s hours are the
    truth, and a human sees that nobody is there.
    """
    agreed = safe_time.next_safe_moment(plan, not_before)
    if agreed is None or office.is_always_open:
        return agreed
    until = agreed + HORIZON
    both = safe_time.shared(
        safe_time.windows_between(plan, agreed, until), open_between(office, agreed, until)
    )
    return both[0].opens_at if both else agreed


def _holidays_near(office: OfficeHours, start: datetime, until: datetime) -> list[date]:
    if office.province is None:
        return []
    zone = zone_of(office.time_zone)
    first, last = shown(start, zone).date() - DAY, shown(until, zone).date() + DAY
    years = range(first.year, last.year + 1)
    return [
        day for year in years for day in holiday_days(office.province, year) if first <= day <= last
    ]
