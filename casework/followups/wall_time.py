"""The clock on a wall: at which moments it shows a time, in any zone and across its changes."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

# Many people agree to the same hours of the same days: what was worked out once is kept. Only
# times, zones and moments are kept, and of nobody.
REMEMBERED = 65_536


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """Give the rules of a zone, read once by each process."""
    return ZoneInfo(name)


def forget() -> None:
    """Read the rules of every zone again, as a process does that starts after an upgrade of tzdata."""
    ZoneInfo.clear_cache()
    for remembered in (zone_of, first_moment, last_moment):
        remembered.cache_clear()


def shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """Give what the wall clock shows at a moment."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def offset_at(moment: datetime, zone: ZoneInfo) -> timedelta:
    """Tell how far the wall clock is ahead of UTC at a moment."""
    return moment.astimezone(zone).utcoffset() or timedelta()


@lru_cache(maxsize=REMEMBERED)
def first_moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """Give the first moment at which the zone's wall clock shows this time or a later one."""
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if shown(moment, zone) == wall:
        return moment
    # The time does not exist. Read with the later offset it falls before the change of clocks,
    # read with the earlier one it falls after it.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return change_between(before, moment, zone)


@lru_cache(maxsize=REMEMBERED)
def last_moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """Give the moment from which on the wall clock never shows an earlier time than this again."""
    moment = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return moment if shown(moment, zone) == wall else first_moment(wall, zone)


def change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Find, to the second, when the zone's offset changes between two moments."""
    offset = offset_at(before, zone)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if offset_at(middle, zone) == offset:
            before = middle
        else:
            after = middle
    return after
