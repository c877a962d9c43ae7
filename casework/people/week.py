"""A week as minutes: agreed hours that can be intersected, also between two time zones (R33)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 24 * 60
WEEK = 7 * DAY
# Years around the present in which the difference between two zones is looked at.
YEARS = 3


class Window(NamedTuple):
    """Some days of the week (0 = Monday), from a wall time until another; the end is not agreed."""

    days: frozenset[int]
    start: time
    end: time


class Stretch(NamedTuple):
    """Minutes of the week from Monday 00:00: the first that is agreed, the first that is not."""

    start: int
    end: int


def stretches_of(windows: Iterable[Window]) -> list[Stretch]:
    """Give windows as minutes of the week, merged and in order; a window may pass midnight."""
    found: list[Stretch] = []
    for window in windows:
        start = _minute(window.start, is_start=True)
        end = _minute(window.end, is_start=False)
        if window.end == window.start:
            continue
        length = end - start if window.end > window.start else end + DAY - start
        for day in window.days:
            found.extend(_within_week(day * DAY + start, length))
    return _merged(found)


def windows_of(stretches: Iterable[Stretch]) -> tuple[Window, ...]:
    """Give minutes of the week as windows, alike days together.

    Every window is cut at midnight and leaves out the minute before it: a wall time cannot say
    24:00, and a minute too few harms nobody.
    """
    days: dict[tuple[time, time], set[int]] = {}
    for start, end in stretches:
        for day in range(start // DAY, (end - 1) // DAY + 1):
            begins = max(start - day * DAY, 0)
            ends = min(end - day * DAY, DAY - 1)
            if begins < ends:
                days.setdefault((_time(begins), _time(ends)), set()).add(day)
    return tuple(
        Window(frozenset(found), start, end)
        for (start, end), found in sorted(days.items(), key=lambda item: (min(item[1]), item[0]))
    )


def both(first: list[Stretch], second: list[Stretch]) -> list[Stretch]:
    """Give the minutes that are agreed in both."""
    shared = [
        Stretch(max(one.start, other.start), min(one.end, other.end))
        for one in first
        for other in second
    ]
    return _merged(stretch for stretch in shared if stretch.start < stretch.end)


def moved(stretches: list[Stretch], from_zone: str, to_zone: str, year: int) -> list[Stretch]:
    """Give agreed minutes of one zone on the wall of another, at every difference between the two.

    Some zones never change their clocks, or do so weeks apart: what is left is agreed in every
    week of the years around this one. The hour that comes twice when clocks go back is left out:
    merged or on another wall, nothing would tell its first time from its second. So are the few
    hours when one zone has changed already and the other has not.
    """
    once = _without(stretches, _repeated(from_zone, year))
    if from_zone == to_zone:
        return once
    result: list[Stretch] | None = None
    steady, between = _differences(from_zone, to_zone, year)
    for difference in steady:
        shifted = _merged(
            piece
            for stretch in once
            for piece in _within_week(stretch.start + difference, stretch.end - stretch.start)
        )
        result = shifted if result is None else both(result, shifted)
    return _without(result or [], between)


def _minute(at: time, *, is_start: bool) -> int:
    minute = at.hour * 60 + at.minute
    return minute + 1 if is_start and (at.second or at.microsecond) else minute


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)


def _within_week(start: int, length: int) -> Iterator[Stretch]:
    """Give a stretch in one piece, or in two when it passes Sunday's midnight."""
    start %= WEEK
    yield Stretch(start, min(start + length, WEEK))
    if start + length > WEEK:
        yield Stretch(0, start + length - WEEK)


def _merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    merged: list[Stretch] = []
    for stretch in sorted(set(stretches)):
        if merged and stretch.start <= merged[-1].end:
            merged[-1] = Stretch(merged[-1].start, max(merged[-1].end, stretch.end))
        else:
            merged.append(stretch)
    return merged


def _without(stretches: list[Stretch], gone: Iterable[Stretch]) -> list[Stretch]:
    left = stretches
    for hole in gone:
        outside = [Stretch(0, hole.start), Stretch(hole.end, WEEK)]
        left = both(left, [piece for piece in outside if piece.start < piece.end])
    return left


def _offset(moment: datetime, zone: str) -> int:
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    return int(offset.total_seconds() // 60)


def _moments(zones: tuple[str, ...], year: int) -> Iterator[datetime]:
    """Give a moment of each day, and each quarter of an hour of a day on which a clock changes."""
    moment = datetime(year - 1, 1, 1, tzinfo=UTC)
    last = datetime(year - 1 + YEARS, 1, 1, tzinfo=UTC)
    while moment < last:
        tomorrow = moment + timedelta(days=1)
        yield moment
        if any(_offset(moment, zone) != _offset(tomorrow, zone) for zone in zones):
            yield from (moment + quarter * timedelta(minutes=15) for quarter in range(1, 96))
        moment = tomorrow


@lru_cache(maxsize=256)
def _differences(
    from_zone: str, to_zone: str, year: int
) -> tuple[tuple[int, ...], tuple[Stretch, ...]]:
    """Give the differences that last for days, and the minutes of the week that see any other."""
    seen = {
        moment: _offset(moment, to_zone) - _offset(moment, from_zone)
        for moment in _moments((from_zone, to_zone), year)
    }
    steady = {
        difference for moment, difference in seen.items() if moment.hour == moment.minute == 0
    }
    between: set[Stretch] = set()
    for moment, difference in seen.items():
        if difference not in steady:
            wall = moment.astimezone(ZoneInfo(to_zone))
            start = _minute_of_week(wall.date(), wall.hour * 60 + wall.minute)
            between.update(_within_week(start - 15, 30))
    return tuple(sorted(steady)), tuple(_merged(between))


@lru_cache(maxsize=256)
def _repeated(zone: str, year: int) -> tuple[Stretch, ...]:
    """Give the minutes of the week that come twice somewhere in these years, when clocks go back."""
    found: set[Stretch] = set()
    before: tuple[datetime, int] | None = None
    for moment in _moments((zone,), year):
        offset = _offset(moment, zone)
        if before is not None and offset < before[1]:
            wall = moment.astimezone(ZoneInfo(zone))
            start = _minute_of_week(wall.date(), wall.hour * 60 + wall.minute)
            found.update(_within_week(start - 15, before[1] - offset + 15))
        before = (moment, offset)
    return tuple(sorted(found))


def _minute_of_week(day: date, minute: int) -> int:
    return day.weekday() * DAY + minute
