"""A judge of agreed hours that reads the wall clock minute by minute and shares nothing with the engine.

Written from R9, R10, R11, R33 and engine.md section 3 alone: the clock on the person's wall shows
an agreed hour of an agreed day, and has not yet shown the end of that hour; a day off counts from
the first minute the wall shows it until the last. Of several plans on one number, each must agree.
It knows neither spans, nor conversions of local times, nor changes of clocks.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from casework.people.contact_plan import Plan
from casework.people.models import WhenToCall

MINUTE = timedelta(minutes=1)
ONE_DAY = timedelta(days=1)
# Walls read around the judged minutes, so that an end already shown is not forgotten, nor a day
# that clocks show once more.
RUN_UP = timedelta(hours=30)


def agreed_by_all(plans: Sequence[Plan], start: datetime, until: datetime) -> set[datetime]:
    """Name every minute at which each of several people on one number agreed to be called (R33)."""
    first, *others = plans
    agreed = agreed_minutes(first, start, until)
    for plan in others:
        agreed &= agreed_minutes(plan, start, until)
    return agreed


def agreed_minutes(plan: Plan, start: datetime, until: datetime) -> set[datetime]:
    """Name every whole UTC minute in the stretch at which the person agreed to be called."""
    zone = ZoneInfo(plan.time_zone)
    walls = {
        minute: minute.astimezone(zone).replace(tzinfo=None, fold=0)
        for minute in _minutes(start - RUN_UP, until + RUN_UP)
    }
    off = _minutes_off(plan, walls)
    shown_so_far = (start - 2 * RUN_UP).replace(tzinfo=None)
    agreed = set()
    for minute, wall in walls.items():
        shown_so_far = max(shown_so_far, wall)
        if start <= minute < until and minute not in off and _is_agreed(plan, wall, shown_so_far):
            agreed.add(minute)
    return agreed


def _minutes_off(plan: Plan, walls: dict[datetime, datetime]) -> set[datetime]:
    """Name the minutes of days off; a day that the wall shows again is off all the while between."""
    seen: dict[date, list[datetime]] = {}
    for minute, wall in walls.items():
        day = wall.date()
        is_off = day.weekday() in plan.days_off or any(
            first <= day <= last for first, last in plan.dates_off
        )
        if is_off:
            seen.setdefault(day, []).append(minute)
    off = set()
    for minutes in seen.values():
        off.update(_minutes(minutes[0], minutes[-1] + MINUTE))
    return off


def _is_agreed(plan: Plan, wall: datetime, shown_so_far: datetime) -> bool:
    if plan.is_unsafe:
        return False
    if plan.when is WhenToCall.ANY_TIME:
        return True
    if plan.when is not WhenToCall.WINDOWS:
        return False
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    for day in (midnight, midnight - ONE_DAY):
        for start, end in _hours_on(plan, day.date()):
            begins = day + timedelta(hours=start.hour, minutes=start.minute)
            ends = day + timedelta(hours=end.hour, minutes=end.minute)
            if ends < begins:
                ends += ONE_DAY
            if begins <= wall < ends and shown_so_far < ends:
                return True
    return False


def _hours_on(plan: Plan, day: date) -> Iterator[tuple[time, time]]:
    for window in plan.windows:
        if day.weekday() in window.days:
            yield window.start, window.end
    for one in plan.one_offs:
        if one.day == day:
            yield one.start, one.end


def _minutes(start: datetime, until: datetime) -> Iterator[datetime]:
    minute = start.astimezone(UTC).replace(second=0, microsecond=0)
    while minute < until:
        yield minute
        minute += MINUTE
