"""What may be written of dates in a contact plan: days off, dates off, hours of one date (R10, R11)."""

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from flask_babel import lazy_gettext as _l

from casework.accounts.wall_clock import read_time
from casework.database import Refused
from casework.people.dates import Dates, OneOff

MOST_DATES = 20
# Dates outside these are slips of the hand; calendars and clocks are not computed beyond them.
YEARS = range(2000, 2200)


class EveryDayOff(Refused):
    """All seven days are off: that is somebody who is never called (R11)."""

    message = _l(
        "All seven days are ticked. If we may never call, choose “the person will call us”."
    )
    field = "days_off"


class DatesUnfinished(Refused):
    """A row of dates off lacks its first day, or names no day there is."""

    message = _l("Choose the first and the last day on which we do not call.")
    field = "dates_off"


class DatesBackwards(Refused):
    """Dates off that end before they begin."""

    message = _l("The last day comes before the first.")
    field = "dates_off"


class OneOffUnfinished(Refused):
    """Hours of one date lack the date, the start or the end."""

    message = _l("These hours are not complete: choose the date, a start and an end.")
    field = "one_offs"


class OneOffBackwards(Refused):
    """Hours of one date that end before they start, or at once."""

    message = _l(
        "These hours end before they start. For a night, use two rows: until 23:59, and from 00:00."
    )
    field = "one_offs"


class TooManyDates(Refused):
    """More rows than anybody could say aloud."""

    message = _l("These are too many dates for one plan. Keep those that are still to come.")
    field = "dates_off"


def read_days_off(said: Iterable[Any]) -> frozenset[int]:
    """Read the weekdays on which nobody calls, 0 = Monday; raise EveryDayOff for all seven."""
    days = frozenset(int(day) for day in said)
    if not days <= frozenset(range(7)):
        raise DatesUnfinished
    if len(days) == 7:
        raise EveryDayOff
    return days


def read_all_dates(said: Iterable[Any]) -> list[Dates]:
    """Read every row of dates off."""
    return _few([read_dates(row) for row in said])


def read_all_one_offs(said: Iterable[Any]) -> list[OneOff]:
    """Read every row of hours of one date."""
    return _few([read_one_off(row) for row in said])


def read_dates(said: Any) -> Dates:
    """Read one row of dates off; one day alone is its own end. Raise DatesUnfinished or DatesBackwards."""
    first, last = _parts(said, Dates._fields)
    dates = Dates(_day(first, DatesUnfinished), _day(last or first, DatesUnfinished))
    if dates.last < dates.first:
        raise DatesBackwards
    return dates


def read_one_off(said: Any) -> OneOff:
    """Read the hours of one date; raise OneOffUnfinished or OneOffBackwards."""
    day, start, end = _parts(said, OneOff._fields)
    hours = OneOff(_day(day, OneOffUnfinished), _clock(start), _clock(end))
    if hours.end <= hours.start:
        raise OneOffBackwards
    return hours


def _parts(said: Any, names: tuple[str, ...]) -> Iterable[Any]:
    return [said.get(name) for name in names] if isinstance(said, Mapping) else tuple(said)


def _day(said: Any, unfinished: type[Refused]) -> date:
    try:
        day = said if isinstance(said, date) else date.fromisoformat(str(said))
    except ValueError:
        raise unfinished from None
    if day.year not in YEARS:
        raise unfinished
    return day


def _clock(said: Any) -> time:
    try:
        return read_time(said)
    except ValueError:
        raise OneOffUnfinished from None


def _few(rows: list[Any]) -> list[Any]:
    if len(rows) > MOST_DATES:
        raise TooManyDates
    return rows
