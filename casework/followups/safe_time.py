"""Safe time as arithmetic: the weekly hours a person agreed to, as moments in UTC (R9, R10).

No clock, no database. One rule decides everything: a moment is agreed when the wall clock in the
person's own zone shows an agreed hour, and has not yet shown the end of it. So when clocks go
back, an hour that comes twice counts once at its end; when they go forward, an hour that does not
exist gives no time at all.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from casework.people.contact_plan import Plan, Window
from casework.people.models import WhenToCall

# “Any time” has no end; a date far away keeps lists sortable by the end of the window.
NO_END = datetime(9000, 1, 1, tzinfo=UTC)
# Two weeks and a day: a weekly window that a change of clocks swallows comes back a week later.
HORIZON = timedelta(days=15)
DAY = timedelta(days=1)


class Span(NamedTuple):
    """A stretch of agreed time in UTC: it opens, and from closes_at on it is over."""

    opens_at: datetime
    closes_at: datetime


def local_to_utc(day: date, at: time, zone: str) -> datetime:
    """Give the first moment at which this wall time has come in the zone.

    A time that comes twice is the first; one that does not exist moves forward to the first
    moment that does (engine.md section 3).
    """
    return _first_moment(datetime.combine(day, at), ZoneInfo(zone))


def wall_of(moment: datetime, zone: str) -> str:
    """Write the wall time of a moment in the zone, such as 2026-11-24T09:30."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(timespec="minutes")


def wall_to_utc(wall: str, zone: str) -> datetime:
    """Give the moment of a written wall time; the opposite of wall_of."""
    local = datetime.fromisoformat(wall)
    return local_to_utc(local.date(), local.time(), zone)


def occurrences(plan: Plan, start: datetime, until: datetime) -> list[Span]:
    """List the agreed spans that touch the time from start to until, whole, merged and in order."""
    if plan.is_unsafe or until <= start:
        return []
    if plan.when is WhenToCall.ANY_TIME:
        return [Span(start, until)]
    if plan.when is not WhenToCall.WINDOWS:
        return []
    zone = ZoneInfo(plan.time_zone)
    # One day more on each side: windows over midnight, and days that clocks repeat.
    day = start.astimezone(zone).date() - 2 * DAY
    last = until.astimezone(zone).date() + DAY
    spans: list[Span] = []
    while day <= last:
        for window in plan.windows:
            if day.weekday() in window.days:
                spans.extend(_spans_of(window, day, zone))
        day += DAY
    return [span for span in _merged(spans) if span.opens_at < until and span.closes_at > start]


def next_window(plan: Plan, at: datetime) -> Span | None:
    """Give the agreed span that is open at this moment, or else the next one; None: never (R11)."""
    if plan.when is WhenToCall.ANY_TIME and not plan.is_unsafe:
        return Span(at, NO_END)
    return next(iter(occurrences(plan, at, at + HORIZON)), None)


def is_within(plan: Plan, at: datetime) -> bool:
    """Tell whether a moment lies within the agreed hours (R10)."""
    window = next_window(plan, at)
    return window is not None and window.opens_at <= at


def next_safe_moment(plan: Plan, not_before: datetime) -> datetime | None:
    """Give the first agreed moment from not_before on, or None when none is agreed."""
    window = next_window(plan, not_before)
    return None if window is None else max(window.opens_at, not_before)


def _spans_of(window: Window, day: date, zone: ZoneInfo) -> Iterator[Span]:
    """Give the spans of one window on one day: one as a rule, two if clocks go back before it."""
    if window.end == window.start:
        return
    start = datetime.combine(day, window.start)
    end = datetime.combine(day if window.end > window.start else day + DAY, window.end)
    opens, closes = _first_moment(start, zone), _first_moment(end, zone)
    if opens >= closes:
        return
    if _offset(closes, zone) < _offset(opens, zone):
        turn = _change_between(opens, closes, zone)
        shown = _wall(turn, zone)
        if shown < start:
            # Clocks went back behind the agreed start: wait until it comes again.
            yield Span(opens, turn)
            opens = turn + (start - shown)
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


def _first_moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """Give the first moment at which the zone's wall clock shows this time or a later one."""
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _wall(moment, zone) == wall:
        return moment
    # The time does not exist. Read with the later offset it falls before the change of clocks,
    # read with the earlier one it falls after it.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _change_between(before, moment, zone)


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Find, to the second, when the zone's offset changes between two moments."""
    offset = _offset(before, zone)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if _offset(middle, zone) == offset:
            before = middle
        else:
            after = middle
    return after


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
