"""Tells from published hours whether a service is open at a moment, or that nobody can know."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from casework.public_holidays import PROVINCES, holiday_days

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Rules that a week settles. What counts, skips weeks or goes by the month is not read: unknown.
PLAIN = frozenset({"FREQ", "BYDAY", "WKST", "UNTIL"})
LOOKS_AHEAD = 14  # days
UNTIL = re.compile(r"(\d{4})(\d{2})(\d{2})")


class Hours(Protocol):
    """Hours as they are published: an RFC 5545 rule and times on the wall of a zone."""

    rrule: str
    starts_on: date | None
    valid_from: date | None
    valid_to: date | None
    opens_at: time | None
    closes_at: time | None
    time_zone: str


def is_open(published: Sequence[Hours], at: datetime, province: str | None = None) -> bool | None:
    """Tell whether it is open; None: not known, as on a holiday, of which hours say nothing."""
    if not published:
        return None
    said = [_is_within(hours, at, province) for hours in published]
    if True in said:
        return True
    return None if None in said else False


def _is_within(hours: Hours, at: datetime, province: str | None) -> bool | None:
    shown = at.astimezone(ZoneInfo(hours.time_zone)).replace(tzinfo=None)
    today = shown.date()
    opens, closes = hours.opens_at, hours.closes_at
    if opens is None or closes is None:
        return None if _is_given(hours, today) is not False else False
    is_past_midnight = closes <= opens
    said: list[bool | None] = []
    for day in (today, today - timedelta(days=1)) if is_past_midnight else (today,):
        until = day + timedelta(days=1) if is_past_midnight else day
        if not datetime.combine(day, opens) <= shown < datetime.combine(until, closes):
            said.append(False)
        elif (given := _is_given(hours, day)) and is_holiday(province, day):
            said.append(None)
        else:
            said.append(given)
    return True if True in said else None if None in said else False


def _is_given(hours: Hours, day: date) -> bool | None:
    """Tell whether a rule holds on a day; None where a week alone does not settle it."""
    first, last = hours.valid_from or hours.starts_on, hours.valid_to
    if (first and day < first) or (last and day > last):
        return False
    return _is_in_rule(hours.rrule, hours.starts_on, day)


@lru_cache(maxsize=4096)
def _is_in_rule(rrule: str, starts_on: date | None, day: date) -> bool | None:
    parts = dict(
        part.split("=", 1)
        for part in rrule.upper().removeprefix("RRULE:").split(";")
        if "=" in part
    )
    if parts.pop("INTERVAL", "1") != "1" or not parts.keys() <= PLAIN:
        return None
    until = UNTIL.match(parts.get("UNTIL", ""))
    if until and f"{day:%Y%m%d}" > "".join(until.groups()):
        return False
    named = [name for name in parts.get("BYDAY", "").split(",") if name]
    if not set(named) <= set(DAYS):
        return None
    if parts.get("FREQ") == "WEEKLY" and not named:
        return None if starts_on is None else day.weekday() == starts_on.weekday()
    if parts.get("FREQ") in ("DAILY", "WEEKLY"):
        return not named or DAYS[day.weekday()] in named
    return None


def is_holiday(province: str | None, day: date) -> bool:
    """Tell whether it is a statutory holiday there; of a province nobody named, whether it is in any.

    Without a province the library knows only the holidays that all of Canada keeps: on Saint-Jean-Baptiste
    day a place somewhere would count as open, which nobody knows.
    """
    provinces = PROVINCES if province is None else (province,)
    return any(day in holiday_days(each, day.year) for each in provinces)


def opens_next(
    published: Sequence[Hours], at: datetime, province: str | None = None
) -> datetime | None:
    """Give the next moment at which it surely opens, within two weeks; None: not known."""
    coming = [moment for hours in published for moment in _openings(hours, at, province)]
    return min(coming, default=None)


def _openings(hours: Hours, at: datetime, province: str | None) -> Iterator[datetime]:
    """List when hours begin after a moment: on days on which they hold, holidays left out."""
    if hours.opens_at is None or hours.closes_at is None:
        return
    zone = ZoneInfo(hours.time_zone)
    today = at.astimezone(zone).date()
    for number in range(LOOKS_AHEAD):
        day = today + timedelta(days=number)
        if _is_given(hours, day) and not is_holiday(province, day):
            # By way of UTC: a wall time that the clocks skip moves forward.
            wall = datetime.combine(day, hours.opens_at, zone)
            opens = datetime.fromtimestamp(wall.timestamp(), tz=UTC)
            if opens > at:
                yield opens
