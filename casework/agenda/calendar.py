"""A calendar as RFC 5545 bytes: how many call-backs when, and not one word about whom."""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import force_locale, ngettext
from icalendar import Calendar, Event, Timezone

from casework.followups.safe_time import Span

REFRESH = timedelta(minutes=15)


def write_calendar(
    blocks: Mapping[Span, int], *, at: datetime, time_zone: str, locale: str, secret: bytes
) -> bytes:
    """Write a calendar of counted blocks in the reader’s language; times stand in UTC.

    So no change of clocks can move a block. The reader’s zone comes along for programs that show
    times in it, and because a calendar without any part is no calendar.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Casework//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Casework")
    calendar.add("x-wr-timezone", time_zone)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT15M")
    calendar.add_component(_zone(time_zone, at))
    with force_locale(locale):
        for block, number in blocks.items():
            calendar.add_component(_event(block, number, at, secret))
    return bytes(calendar.to_ical())


def secret_of(secret_key: str, link_id: UUID) -> bytes:
    """Give what makes the names of one calendar’s blocks: the same each time, and telling nothing."""
    return hmac.new(secret_key.encode(), b"calendar:" + link_id.bytes, sha256).digest()


def _event(block: Span, number: int, at: datetime, secret: bytes) -> Event:
    event = Event()
    name = hmac.new(secret, block.opens_at.isoformat().encode(), sha256).hexdigest()[:32]
    event.add("uid", f"{name}@casework")
    event.add("dtstamp", at.replace(microsecond=0))
    event.add("dtstart", block.opens_at)
    event.add("dtend", block.closes_at)
    event.add("summary", ngettext("%(num)d call-back due", "%(num)d call-backs due", number))
    event.add("class", "PRIVATE")
    # Colleagues who plan a meeting see a free hour: a call-back can be made by somebody else.
    event.add("transp", "TRANSPARENT")
    return event


def _zone(name: str, at: datetime) -> Timezone:
    """Describe a zone for last year, this and the next: clocks change twice in each."""
    day = at.astimezone(ZoneInfo(name)).date()
    zone = Timezone.from_tzid(
        name,
        first_date=day.replace(year=day.year - 1, month=1, day=1),
        last_date=day.replace(year=day.year + 2, month=1, day=1),
    )
    # The library remarks on those years; nothing in the file is for reading but the counts.
    zone.pop("comment", None)
    return zone
