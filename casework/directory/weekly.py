"""The hours an agency says itself: a week of spans, or day and night, and a time in which it is closed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise
from typing import NamedTuple, Protocol

from casework.directory.hours_policy import DAYS

MOST_SPANS = 3  # in a day
MIDNIGHT = time(0)
ONE_DAY = timedelta(days=1)


class Span(NamedTuple):
    """From when to when on a weekday, 0 = Monday; an end before the start is the next morning."""

    day: int
    opens: time
    closes: time


@dataclass(frozen=True)
class Weekly:
    """What is said of a service: spans of a week, or day and night; closed from a day to a day.

    `closed_until` is the last day on which it is closed; None: until further notice.
    """

    spans: tuple[Span, ...] = ()
    is_all_hours: bool = False
    closed_from: date | None = None
    closed_until: date | None = None


class Rule(NamedTuple):
    """One row of the table of schedules (RFC 5545), without its zone."""

    rrule: str
    opens_at: time
    closes_at: time
    valid_from: date | None
    valid_to: date | None


class Written(Protocol):
    """What is read back of such a row."""

    rrule: str
    opens_at: time | None
    closes_at: time | None


def rules_of(weekly: Weekly) -> list[Rule]:
    """Write a week down as rules; a time of closing parts each in one before it and one after."""
    return [
        Rule(rrule, opens, closes, first, last)
        for rrule, opens, closes in _rules(weekly)
        for first, last in _open_between(weekly)
    ]


def spans_of(rows: Iterable[Written]) -> tuple[Span, ...]:
    """Read the spans of a week back, by day and time, each once."""
    found = {
        Span(DAYS.index(name), row.opens_at, row.closes_at)
        for row in rows
        if row.opens_at is not None and row.closes_at is not None and "BYDAY=" in row.rrule
        for name in row.rrule.split("BYDAY=")[1].split(",")
    }
    return tuple(sorted(found))


def overlapping(spans: Iterable[Span]) -> list[int]:
    """Name the days on which a span begins before the one before it has ended."""
    found = []
    for day, of_day in _by_day(spans).items():
        for before, after in pairwise(of_day):
            if before.closes <= before.opens or after.opens < before.closes:
                found.append(day)
    return sorted(set(found))


def _by_day(spans: Iterable[Span]) -> dict[int, list[Span]]:
    days: defaultdict[int, list[Span]] = defaultdict(list)
    for span in sorted(spans):
        days[span.day].append(span)
    return days


def _rules(weekly: Weekly) -> Iterator[tuple[str, time, time]]:
    if weekly.is_all_hours:
        yield "FREQ=DAILY", MIDNIGHT, MIDNIGHT
        return
    alike: defaultdict[tuple[time, time], set[int]] = defaultdict(set)
    for span in weekly.spans:
        alike[span.opens, span.closes].add(span.day)
    for (opens, closes), days in sorted(alike.items()):
        yield f"FREQ=WEEKLY;BYDAY={','.join(DAYS[day] for day in sorted(days))}", opens, closes


def _open_between(weekly: Weekly) -> Iterator[tuple[date | None, date | None]]:
    if weekly.closed_from is None:
        yield None, None
        return
    yield None, weekly.closed_from - ONE_DAY
    if weekly.closed_until is not None:
        yield weekly.closed_until + ONE_DAY, None


def days_alike(spans: Iterable[Span]) -> list[tuple[list[int], list[tuple[time, time]]]]:
    """Put days with the same spans together, in the order of the week."""
    alike: dict[tuple[tuple[time, time], ...], list[int]] = {}
    for day, of_day in sorted(_by_day(spans).items()):
        times = tuple((span.opens, span.closes) for span in of_day)
        alike.setdefault(times, []).append(day)
    return [(days, list(times)) for times, days in alike.items()]
