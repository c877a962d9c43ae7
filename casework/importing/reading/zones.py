"""IANA time zones by province: a published UTC offset says nothing about summer time."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from casework.provinces import province

# The most populous zone first; the others where an offset or the west of Ontario points to them.
ZONES: dict[str, tuple[str, ...]] = {
    "NL": ("America/St_Johns", "America/Goose_Bay"),
    "NS": ("America/Halifax",),
    "NB": ("America/Moncton",),
    "PE": ("America/Halifax",),
    "QC": ("America/Toronto", "America/Blanc-Sablon"),
    "ON": ("America/Toronto", "America/Winnipeg", "America/Atikokan"),
    "MB": ("America/Winnipeg",),
    "SK": ("America/Regina",),
    "AB": ("America/Edmonton",),
    "BC": ("America/Vancouver", "America/Edmonton", "America/Fort_Nelson"),
    "YT": ("America/Whitehorse",),
    "NT": ("America/Yellowknife",),
    "NU": ("America/Iqaluit", "America/Rankin_Inlet", "America/Cambridge_Bay"),
}
# Winter and summer: a source says one or the other all the year.
SEASONS = (datetime(2026, 1, 15, 12, tzinfo=UTC), datetime(2026, 7, 15, 12, tzinfo=UTC))
WEST_OF_THUNDER_BAY = -90.0


def known_province(region: str) -> str:
    """Give a region that is a province, as it was written; anything else might be half an address."""
    return region if province(region) else ""


def zone_of(
    region: str, offset: str, *, longitude: float | None = None, otherwise: str
) -> tuple[str, bool]:
    """Give the zone of a place, and whether its published offset is one of that zone’s.

    Where the region is unknown the service’s own zone is taken when it has that offset, else the
    first zone of the country that has it.
    """
    wanted = _minutes(offset)
    code = province(region)
    if not code:
        every = (otherwise, *(zone for zones in ZONES.values() for zone in zones))
        fitting = [zone for zone in every if wanted is None or wanted in _offsets(zone)]
        return (fitting[0], True) if fitting else (otherwise, False)
    zones = ZONES[code]
    if code == "ON" and longitude is not None and longitude < WEST_OF_THUNDER_BAY:
        zones = ("America/Winnipeg", *zones)
    if wanted is None:
        return zones[0], True
    fitting = [zone for zone in zones if wanted in _offsets(zone)]
    return (fitting[0], True) if fitting else (zones[0], False)


@cache
def _offsets(zone: str) -> set[float]:
    spans = [at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta() for at in SEASONS]
    return {span.total_seconds() / 60 for span in spans}


def _minutes(offset: str) -> float | None:
    """Read an offset such as -5, -5.5, -03:30, UTC-4 or Z; None for what is none."""
    text = offset.strip().upper().removeprefix("UTC").removeprefix("GMT").replace("−", "-")
    if text == "Z":
        return 0.0
    sign = -1 if text.startswith("-") else 1
    hours, _, minutes = text.lstrip("+-").partition(":")
    try:
        if not minutes and hours.isdecimal() and len(hours) == 4:
            hours, minutes = hours[:2], hours[2:]
        span = float(hours) * 60 + (float(minutes) if minutes else 0)
    except ValueError:
        return None
    return sign * span if span <= 14 * 60 else None
