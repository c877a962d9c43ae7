"""Safe time as arithmetic: the hours a person agreed to, as moments in UTC (R9, R10).

No clock, no database. One rule decides everything: a moment is agreed when the wall clock in the
person's own zone shows an agreed hour, and has not yet shown the end of it. So when clocks go
back, an hour that comes twice counts once at its end; when they go forward, an hour that does not
exist gives no time at all. A day on which nobody calls wins over every hour, from the moment the
wall first shows it until it shows it no more. A plan made of several allows what each allows (R33).
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from typing import NamedTuple
from zoneinfo import ZoneInfo

from casework.followups.wall_time import (
    change_between,
    first_moment,
    last_moment,
    offset_at,
    shown,
    zone_of,
)
from casework.people.contact_plan import Plan
from casework.people.dates import Dates, OneOff
from casework.people.models import WhenToCall
from casework.people.week import Window

# “Any time” has no end; a date far away keeps lists sortable by the end of the window.
NO_END = datetime(9000, 1, 1, tzinfo=UTC)
# Two weeks and a day: a weekly window that a change of clocks swallows comes back a week later.
HORIZON = timedelta(days=15)
# Most people can be called within two days, which is less to look through.
NEAR = timedelta(days=2)
DAY = timedelta(days=1)
CALLABLE = (WhenToCall.WINDOWS, WhenToCall.ANY_TIME)


class Span(NamedTuple):
    """A stretch of agreed time in UTC: it opens, and from closes_at on it is over."""

    opens_at: datetime
    closes_at: datetime


ALWAYS = [Span(datetime(1900, 1, 1, tzinfo=UTC), NO_END)]


def local_to_utc(day: date, at: time, zone: str) -> datetime:
    """Give the first moment at which this wall time has come in the zone.

    A time that comes twice is the first; one that does not exist moves forward to the first
    moment that does (engine.md section 3).
    """
    return first_moment(datetime.combine(day, at), zone_of(zone))


def wall_of(moment: datetime, zone: str) -> str:
    """Write the wall time of a moment in the zone, such as 2026-11-24T09:30."""
    return moment.astimezone(zone_of(zone)).replace(tzinfo=None).isoformat(timespec="minutes")


def wall_to_utc(wall: str, zone: str) -> datetime:
    """Give the moment of a written wall time; the opposite of wall_of."""
    local = datetime.fromisoformat(wall)
    return local_to_utc(local.date(), local.time(), zone)


def occurrences(plan: Plan, start: datetime, until: datetime) -> list[Span]:
    """List the agreed spans that touch the time from start to until, whole, merged and in order.

    “Any time” has no hours of its own: its spans end where the time asked about ends.
    """
    if until <= start:
        return []
    if plan.when is WhenToCall.ANY_TIME:
        return windows_between(plan, start, until)
    return [
        span
        for span in _agreed(plan, start, until)
        if span.opens_at < until and span.closes_at > start
    ]


def windows_between(plan: Plan, start: datetime, until: datetime) -> list[Span]:
    """List the agreed time from start to until, cut at both, merged and in order."""
    return shared([Span(start, until)], _agreed(plan, start, until)) if start < until else []


def next_window(plan: Plan, at: datetime) -> Span | None:
    """Give the agreed span that is open at this moment, or else the next one; None: never (R11)."""
    if plan.is_unsafe or plan.when not in CALLABLE:
        return None
    for begin in _beginnings(plan, at):
        for end in (begin + NEAR, begin + HORIZON):
            # Days off are known around this stretch only: what ends before it is not judged here.
            later = (span for span in _agreed(plan, begin, end) if span.closes_at > begin)
            found = next(later, None)
            if found is None or found.opens_at >= end:
                continue
            if found.closes_at <= end or end == begin + HORIZON:
                # “Any time” without a day off before it opens at every moment one asks.
                has_begun = found.opens_at == ALWAYS[0].opens_at
                return Span(at, found.closes_at) if has_begun else found
    return None


def is_within(plan: Plan, at: datetime) -> bool:
    """Tell whether a moment lies within the agreed hours (R10)."""
    return any(span.opens_at <= at < span.closes_at for span in _agreed(plan, at, at))


def safe_until(plan: Plan, at: datetime) -> datetime | None:
    """Tell until when a call begun at this moment stays within agreed hours; None: it is outside."""
    window = next_window(plan, at)
    return window.closes_at if window is not None and window.opens_at <= at else None


def next_safe_moment(plan: Plan, not_before: datetime) -> datetime | None:
    """Give the first agreed moment from not_before on, or None when none is agreed."""
    window = next_window(plan, not_before)
    return None if window is None else max(window.opens_at, not_before)


def hours_around(
    zone: ZoneInfo,
    windows: Iterable[Window],
    one_offs: Iterable[OneOff],
    start: datetime,
    until: datetime,
) -> list[Span]:
    """Give the spans of weekly and one-off hours around a stretch, merged, a day more on each side."""
    # Windows over midnight, and days that clocks repeat, begin up to two days before.
    first, last = shown(start, zone).date() - 2 * DAY, shown(until, zone).date() + DAY
    spans: list[Span] = []
    for number in range((last - first).days + 1):
        day = first + number * DAY
        for window in windows:
            if day.weekday() in window.days:
                spans.extend(_spans_on(day, window.start, window.end, zone))
    for hours in one_offs:
        if first <= hours.day <= last:
            spans.extend(_spans_on(hours.day, hours.start, hours.end, zone))
    return _merged(spans)


def days_around(
    zone: ZoneInfo,
    weekdays: frozenset[int],
    dates: Iterable[Dates],
    start: datetime,
    until: datetime,
) -> list[Span]:
    """Give whole days as spans: the weekdays around a stretch, and all dates, whenever they are."""
    # A week and a day more on each side, so that the time between two of them is whole.
    first, last = shown(start, zone).date() - 8 * DAY, shown(until, zone).date() + 8 * DAY
    found = [_whole(dates.first, dates.last, zone) for dates in dates]
    if weekdays:
        days = (first + number * DAY for number in range((last - first).days + 1))
        found += [_whole(day, day, zone) for day in days if day.weekday() in weekdays]
    return found


def shared(one: list[Span], other: list[Span]) -> list[Span]:
    """Give the time that lies in a span of both; each is merged and in order."""
    found: list[Span] = []
    left, right = 0, 0
    while left < len(one) and right < len(other):
        opens = max(one[left].opens_at, other[right].opens_at)
        closes = min(one[left].closes_at, other[right].closes_at)
        if opens < closes:
            found.append(Span(opens, closes))
        if one[left].closes_at < other[right].closes_at:
            left += 1
        else:
            right += 1
    return found


def without(spans: list[Span], holes: Iterable[Span]) -> list[Span]:
    """Give the time that lies in a span and in no hole."""
    for hole in holes:
        if hole.opens_at < hole.closes_at:
            pieces = (piece for span in spans for piece in _around_hole(span, hole))
            spans = [piece for piece in pieces if piece.opens_at < piece.closes_at]
    return spans


def _around_hole(span: Span, hole: Span) -> tuple[Span, Span]:
    return (
        Span(span.opens_at, min(span.closes_at, hole.opens_at)),
        Span(max(span.opens_at, hole.closes_at), span.closes_at),
    )


def _agreed(plan: Plan, start: datetime, until: datetime) -> list[Span]:
    """Give the agreed spans around a stretch, merged and in order; whole up to a day outside it."""
    if plan.is_unsafe or plan.when not in CALLABLE:
        return []
    if plan.parts:
        return reduce(shared, (_agreed(part, start, until) for part in plan.parts))
    zone = zone_of(plan.time_zone)
    if plan.when is WhenToCall.ANY_TIME:
        spans = ALWAYS
    else:
        spans = hours_around(zone, plan.windows, plan.one_offs, start, until)
    if plan.days_off or plan.dates_off:
        return without(spans, days_around(zone, plan.days_off, plan.dates_off, start, until))
    return spans


def _beginnings(plan: Plan, at: datetime) -> list[datetime]:
    """Give the moments after which to look: this one, each end of dates off, each one-off hour."""
    found = {at}
    for part in plan.parts or (plan,):
        zone = zone_of(part.time_zone)
        found.update(_whole(dates.first, dates.last, zone).closes_at for dates in part.dates_off)
        found.update(local_to_utc(one.day, one.start, part.time_zone) for one in part.one_offs)
    return sorted(moment for moment in found if moment >= at)


def _whole(first: date, last: date, zone: ZoneInfo) -> Span:
    """Give whole days in a row: from when the wall first shows them until it shows them no more."""
    midnight = time()
    return Span(
        first_moment(datetime.combine(first, midnight), zone),
        last_moment(datetime.combine(last + DAY, midnight), zone),
    )


def _spans_on(day: date, start: time, end: time, zone: ZoneInfo) -> Iterator[Span]:
    """Give the spans of hours on one day: one as a rule, two if clocks go back before it."""
    if end == start:
        return
    begin = datetime.combine(day, start)
    finish = datetime.combine(day if end > start else day + DAY, end)
    opens, closes = first_moment(begin, zone), first_moment(finish, zone)
    if opens >= closes:
        return
    if offset_at(closes, zone) < offset_at(opens, zone):
        turn = change_between(opens, closes, zone)
        again = shown(turn, zone)
        if again < begin:
            # Clocks went back behind the agreed start: wait until it comes again.
            yield Span(opens, turn)
            opens = turn + (begin - again)
    yield Span(opens, closes)


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.opens_at <= merged[-1].closes_at:
            latest = max(merged[-1].closes_at, span.closes_at)
            merged[-1] = Span(merged[-1].opens_at, latest)
        else:
            merged.append(span)
    return merged
