"""Dates that change the agreed week: when nobody calls, and hours agreed for one day only (R10, R11)."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any, NamedTuple


class Dates(NamedTuple):
    """Some days in a row, the first and the last included, on the person's own wall."""

    first: date
    last: date


class OneOff(NamedTuple):
    """Hours agreed for one date, besides the week; an end before the start means the next day."""

    day: date
    start: time
    end: time


def dates_from(written: Mapping[str, str]) -> Dates:
    """Read what a plan keeps: {"first": "2026-12-24", "last": "2027-01-02"}."""
    return Dates(date.fromisoformat(written["first"]), date.fromisoformat(written["last"]))


def dates_written(dates: Dates) -> dict[str, str]:
    """Write days in a row as a plan keeps them."""
    return {"first": dates.first.isoformat(), "last": dates.last.isoformat()}


def one_off_from(written: Mapping[str, str]) -> OneOff:
    """Read what a plan keeps: {"day": "2026-12-24", "start": "09:00", "end": "11:30"}."""
    return OneOff(
        date.fromisoformat(written["day"]),
        time.fromisoformat(written["start"]),
        time.fromisoformat(written["end"]),
    )


def one_off_written(hours: OneOff) -> dict[str, Any]:
    """Write the hours of one date as a plan keeps them."""
    return {
        "day": hours.day.isoformat(),
        "start": hours.start.isoformat(timespec="minutes"),
        "end": hours.end.isoformat(timespec="minutes"),
    }
