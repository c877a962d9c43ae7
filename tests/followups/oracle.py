"""A judge of agreed hours that reads the wall clock minute by minute and shares nothing with the engine.

Written from R9, R10 and engine.md section 3 alone: the clock on the person's wall shows an agreed
hour of an agreed day, and has not yet shown the end of that hour. It knows neither spans, nor
conversions of local times, nor changes of clocks.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from casework.people.contact_plan import Plan
from casework.people.models import WhenToCall

MINUTE = timedelta(minutes=1)
# Walls read before the first judged minute, so that an end already shown is not forgotten.
RUN_UP = timedelta(hours=30)


def agreed_minutes(plan: Plan, start: datetime, until: datetime) -> set[datetime]:
    """Name every whole UTC minute in the stretch at which the person agreed to be called."""
    zone = ZoneInfo(plan.time_zone)
    shown_so_far = (start - 2 * RUN_UP).replace(tzinfo=None)
    agreed = set()
    for minute in _minutes(start - RUN_UP, until):
        wall = minute.astimezone(zone).replace(tzinfo=None, fold=0)
        shown_so_far = max(shown_so_far, wall)
        if minute >= start and _is_agreed(plan, wall, shown_so_far):
            agreed.add(minute)
    return agreed


def _is_agreed(plan: Plan, wall: datetime, shown_so_far: datetime) -> bool:
    if plan.is_unsafe:
        return False
    if plan.when is WhenToCall.ANY_TIME:
        return True
    if plan.when is not WhenToCall.WINDOWS:
        return False
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    for day in (midnight, midnight - timedelta(days=1)):
        for window in plan.windows:
            begins = day + timedelta(hours=window.start.hour, minutes=window.start.minute)
            ends = day + timedelta(hours=window.end.hour, minutes=window.end.minute)
            if ends < begins:
                ends += timedelta(days=1)
            if day.weekday() in window.days and begins <= wall < ends and shown_so_far < ends:
                return True
    return False


def _minutes(start: datetime, until: datetime) -> Iterator[datetime]:
    minute = start.astimezone(UTC).replace(second=0, microsecond=0)
    while minute < until:
        yield minute
        minute += MINUTE
