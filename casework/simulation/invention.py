"""Invents lives from dice: wishes in six Canadian zones, consents that end, moments when clocks change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from casework.simulation.wishes import Hours, Once, Wish

ZONES = (
    "America/Toronto",
    "America/St_Johns",
    "America/Regina",
    "America/Whitehorse",
    "America/Vancouver",
    "America/Halifax",
)
WHENS = ("windows",) * 15 + ("any_time",) * 3 + ("will_call_us", "ask_first")
VOICEMAILS = ("never", "never", "discreet", "named")
QUARTER, DAY = 15, 24 * 60
EVERY_DAY = frozenset(range(7))


def invent_wish(dice: Random, zone: str | None = None, *, near: datetime) -> Wish:
    """Invent how somebody may be reached, with days off and hours of one date in the weeks to come."""
    return with_dates(dice, invent_week(dice, zone), near=near)


def invent_week(dice: Random, zone: str | None = None) -> Wish:
    """Invent a wish that is the same in every week."""
    when = dice.choice(WHENS)
    voicemail = dice.choice(VOICEMAILS)
    return Wish(
        when=when,
        zone=zone or dice.choice(ZONES),
        hours=_hours(dice) if when == "windows" else (),
        voicemail=voicemail,
        script=dice.choice((None, "Please call back.")) if voicemail != "never" else None,
    )


def with_dates(dice: Random, wish: Wish, *, near: datetime) -> Wish:
    """Give a wish its exceptions: weekdays and dates on which nobody calls, hours of one date."""
    if wish.when not in ("windows", "any_time"):
        return wish
    number = dice.randint(1, 3) if dice.random() < 0.2 else 0
    days_off = frozenset(dice.sample(range(7), number))
    once: list[Once] = []
    for _ in range(dice.randint(1, 2) if wish.hours and dice.random() < 0.2 else 0):
        start = dice.choice((dice.randrange(0, 3 * 60, QUARTER), dice.randrange(0, 21 * 60, 5)))
        end = min(start + dice.randrange(QUARTER, 4 * 60, QUARTER), DAY - 1)
        once.append(Once(_day(dice, near), start, end))
    off: list[tuple[date, date]] = []
    for _ in range(dice.randint(1, 2) if dice.random() < 0.25 else 0):
        first = _day(dice, near)
        off.append((first, first + timedelta(days=dice.choice((0, 0, 1, 3, 10, 25)))))
    return replace(wish, once=tuple(once), days_off=days_off, dates_off=tuple(off))


def _day(dice: Random, near: datetime) -> date:
    return near.date() + timedelta(days=dice.randint(-3, 40))


def _hours(dice: Random) -> tuple[Hours, ...]:
    kind = dice.random()
    days = (
        EVERY_DAY if dice.random() < 0.4 else frozenset(dice.sample(range(7), dice.randint(1, 5)))
    )
    if kind < 0.12:  # a whole night, written as two rows
        return (Hours(EVERY_DAY, 22 * 60, DAY - 1), Hours(EVERY_DAY, 0, 6 * 60))
    if kind < 0.3:  # where clocks change
        start = dice.randrange(0, 3 * 60, QUARTER)
        return (Hours(days, start, start + dice.randrange(QUARTER, 3 * 60, QUARTER)),)
    rows = []
    for _ in range(dice.randint(1, 3)):
        start = dice.randrange(7 * 60, 21 * 60, QUARTER)
        end = start + dice.randrange(2 * QUARTER, 5 * 60, QUARTER)
        rows.append(Hours(days, start, min(end, DAY - 1)))
    return tuple(rows)


def as_plan(wish: Wish) -> dict[str, Any]:
    """Write a wish as the plan that a navigator types."""
    return {
        "when": wish.when,
        "time_zone": wish.zone,
        "windows": [
            {"days": sorted(hours.days), "start": _time(hours.start), "end": _time(hours.end)}
            for hours in wish.hours
        ],
        "days_off": sorted(wish.days_off),
        "dates_off": [
            {"first": first.isoformat(), "last": last.isoformat()} for first, last in wish.dates_off
        ],
        "one_offs": [
            {"day": once.day.isoformat(), "start": _time(once.start), "end": _time(once.end)}
            for once in wish.once
        ],
        "voicemail_rule": wish.voicemail,
        "voicemail_script": wish.script,
    }


def _time(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def invent_arrivals(dice: Random, start: datetime, years: int, cases: int) -> list[datetime]:
    """Spread first calls over the years, many of them in the days before clocks change."""
    days = 365 * years
    changes = [change for change in clock_changes(start.year, years + 1) if change > start]
    found = []
    for _ in range(cases):
        if dice.random() < 0.4 and changes:
            at = dice.choice(changes) - timedelta(days=dice.uniform(0.1, 9))
        else:
            at = start + timedelta(days=dice.uniform(0, days))
        found.append(min(max(at, start), start + timedelta(days=days)))
    return sorted(found)


def clock_changes(year: int, years: int) -> list[datetime]:
    """List when most clocks of North America change, near enough: in March and in November."""
    found = []
    for each in range(year, year + years):
        for month, sunday in ((3, 2), (11, 1)):
            first = datetime(each, month, 1, 7, tzinfo=UTC)
            found.append(first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (sunday - 1)))
    return found


def invent_phone(dice: Random, number: int) -> str:
    """Invent a number that nobody else has."""
    return f"+1{dice.choice((416, 514, 604, 709, 867, 902))}{2 + number // 10**6 % 8}{number % 10**6:06d}"
