"""What the clock on a person's wall shows: agreed or not at one moment, read minute by minute.

Written from R9, R10 and R33 alone. It knows no spans and converts no local time: it only looks at
the wall, and remembers what the wall has shown in the hours before.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from casework.simulation.wishes import Hours, Life, Once, Town, Wish

MINUTE = timedelta(minutes=1)
# Longer than any clock is ever set back in these zones.
LOOK_BACK = timedelta(hours=3)
DAY = 24 * 60
# As far as a shared plan, written once for all weeks of a year, may lie beside the two of today.
SEASON = timedelta(minutes=75)
STEP_OF_LOOK = timedelta(minutes=15)


def wall(at: datetime, zone: str) -> datetime:
    """Give what the wall clock of a zone shows."""
    return at.astimezone(_zone(zone)).replace(tzinfo=None, fold=0)


def wishes_it(wish: Wish, at: datetime) -> bool:
    """Tell whether this wish agrees to a call at this moment (R10, R11, R13)."""
    if wish.is_unsafe or wish.when not in ("any_time", "windows"):
        return False
    shown = wall(at, wish.zone)
    if _is_off(wish, shown.date()):
        return False
    if wish.when == "any_time":
        return True
    latest = _latest_shown(wish.zone, at, shown)
    midnight = shown.replace(hour=0, minute=0, second=0, microsecond=0)
    spoken: list[Hours | Once] = [each for each in wish.hours if shown.weekday() in each.days]
    spoken += [once for once in wish.once if once.day == shown.date()]
    for hours in spoken:
        begins = midnight + hours.start * MINUTE
        ends = midnight + hours.end * MINUTE
        # Once the end was on the wall it is over, though the clock may be set back before it.
        if begins <= shown < ends and latest < ends:
            return True
    return False


def _is_off(wish: Wish, day: date) -> bool:
    """Tell whether nobody calls on this day of their wall, whatever the hours say (R10)."""
    return day.weekday() in wish.days_off or any(
        first <= day <= last for first, last in wish.dates_off
    )


def agrees(town: Town, life: Life, at: datetime) -> bool:
    """Tell whether this person, and everybody on their number, agrees to a call now (R10, R33)."""
    return wishes_it(life.wish(at), at) and all(
        wishes_it(other.wish(at), at) for other in town.sharers(life, at)
    )


def agrees_widely(town: Town, life: Life, at: datetime) -> bool:
    """Tell the same, but for a shared number only well inside the hours of all who ever gave it.

    What several people agree to may be narrower than their hours of today, never wider: so a
    missing prompt at the edge of shared hours is not held against anybody.
    """
    others = [other for other in town.by_phone[life.phone(at)] if other is not life]
    if not others:
        return wishes_it(life.wish(at), at)
    moments = (at - SEASON, at - SEASON / 2, at, at + SEASON / 2, at + SEASON)
    return all(wishes_it(each.wish(at), moment) for each in (life, *others) for moment in moments)


def first_shown(text: str, zone: str, near: datetime) -> datetime:
    """Find the first moment whose wall shows a written wall time, or a later one, minute by minute."""
    wanted = datetime.fromisoformat(text)
    at = near.astimezone(UTC).replace(second=0, microsecond=0) - 4 * 60 * MINUTE
    while wall(at, zone) < wanted:
        at += MINUTE
    return at


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _latest_shown(zone: str, at: datetime, shown: datetime) -> datetime:
    """Give the latest time this wall has shown so far."""
    before = at - LOOK_BACK
    if at - before == shown - wall(before, zone):
        return shown  # nobody touched the clock meanwhile
    minutes = range(1, int(LOOK_BACK / MINUTE) + 1)
    return max(shown, *(wall(at - n * MINUTE, zone) for n in minutes))
