"""The hours in which a service has somebody to call: written by its own people, kept in clear.

They bound what is proposed to staff. A person's agreed hours are another thing, and stronger (R10).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l

from casework import audit
from casework.accounts import queries
from casework.accounts.wall_clock import read_time
from casework.database import Code, Refused
from casework.extensions import db
from casework.security import Actor

WEEK = 7
# What may be chosen as the notice before a planned call, in minutes.
NOTICES = (0, 30, 60, 120, 240, 1440)


class Province(Code):
    """Whose statutory holidays a service keeps."""

    ALBERTA = "AB", _l("Alberta")
    BRITISH_COLUMBIA = "BC", _l("British Columbia")
    MANITOBA = "MB", _l("Manitoba")
    NEW_BRUNSWICK = "NB", _l("New Brunswick")
    NEWFOUNDLAND_AND_LABRADOR = "NL", _l("Newfoundland and Labrador")
    NORTHWEST_TERRITORIES = "NT", _l("Northwest Territories")
    NOVA_SCOTIA = "NS", _l("Nova Scotia")
    NUNAVUT = "NU", _l("Nunavut")
    ONTARIO = "ON", _l("Ontario")
    PRINCE_EDWARD_ISLAND = "PE", _l("Prince Edward Island")
    QUEBEC = "QC", _l("Quebec")
    SASKATCHEWAN = "SK", _l("Saskatchewan")
    YUKON = "YT", _l("Yukon")


class NeverOpen(Refused):
    """Hours were asked for and none was written: then nobody would ever be there."""

    message = _l("Write the hours of at least one day, or choose “Day and night”.")
    field = "is_limited"


class HoursUnfinished(Refused):
    """A day has a start without an end, an end without a start, or both the same."""

    message = _l("Write two different times, or none.")
    field = "days"


@dataclass(frozen=True)
class DayHours:
    """One weekday, 0 = Monday; an end before the start means the next morning."""

    day: int
    start: time
    end: time


def read_day(day: int, start: str | None, end: str | None) -> DayHours | None:
    """Read the hours of a weekday; None: closed. Raise HoursUnfinished."""
    if not start and not end:
        return None
    try:
        hours = DayHours(day, read_time(start or ""), read_time(end or ""))
    except ValueError:
        raise HoursUnfinished from None
    if hours.start == hours.end:
        raise HoursUnfinished
    return hours


def change_hours(
    actor: Actor, *, week: Sequence[DayHours] | None, holidays_of: Province | None, notice: int
) -> None:
    """Change when the service is open; `week` None: day and night. Raise NeverOpen for no day at all."""
    if week is not None and not week:
        raise NeverOpen
    if notice not in NOTICES:
        raise ValueError(f"{notice} minutes of notice cannot be chosen")
    service = queries.service_of(actor)
    service.opening_hours = [_written(hours) for hours in week or ()]
    service.holidays_of = holidays_of.value if holidays_of else None
    service.notice_minutes = notice
    db.session.flush()
    audit.record(
        actor,
        "service:hours:change",
        ("service", service.id),
        detail={"days": len(week) if week is not None else WEEK, "notice": notice},
    )


def _written(hours: DayHours) -> dict[str, Any]:
    return {
        "days": [hours.day],
        "start": hours.start.isoformat(timespec="minutes"),
        "end": hours.end.isoformat(timespec="minutes"),
    }
