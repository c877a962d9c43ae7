"""Writing down when somebody works; one’s own, or anybody’s by a supervisor."""

from collections.abc import Mapping
from datetime import date, time
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete

from casework import audit
from casework.accounts import queries, shift_queries
from casework.accounts.models import Shift
from casework.database import NotFound, Refused
from casework.extensions import db
from casework.security import Actor

Hours = tuple[time, time]


class NoLength(Refused):
    """A shift that begins and ends at the same time is none."""

    message = _l("A shift ends at another time than it begins.")


class DayIsTaken(Refused):
    """A day is off or worked, not both."""

    message = _l("This day stands in the list already. Remove it first.")
    field = "day"


def change_week(actor: Actor, account_id: UUID, *, week: Mapping[int, Hours]) -> int:
    """Replace somebody’s weekly pattern (0 = Monday); tell how many days it has. Raises NoLength."""
    _check_may_change(actor, account_id)
    for weekday, hours in week.items():
        _check_length(hours, f"ends_{weekday}")
    db.session.execute(
        delete(Shift).where(
            Shift.service_id == actor.service_id,
            Shift.account_id == account_id,
            Shift.on_day.is_(None),
        )
    )
    for weekday, (starts, ends) in sorted(week.items()):
        _add(actor, account_id, weekday=weekday, starts=_written(starts), ends=_written(ends))
    _record(actor, account_id, "week", len(week))
    return len(week)


def add_day(actor: Actor, account_id: UUID, *, day: date, hours: Hours | None) -> Shift:
    """Write down one day that is another than its week: worked at these hours, or None: off."""
    _check_may_change(actor, account_id)
    if any(shift.on_day == day for shift in shift_queries.shifts_of(actor, account_id)):
        raise DayIsTaken
    if hours is not None:
        _check_length(hours, "day_ends")
    starts, ends = hours or (time(0), time(0))
    shift = _add(
        actor,
        account_id,
        on_day=day,
        is_off=hours is None,
        starts=_written(starts),
        ends=_written(ends),
    )
    _record(actor, account_id, "day", 1)
    return shift


def remove_day(actor: Actor, account_id: UUID, *, shift_id: UUID) -> None:
    """Let a single day be as its week again."""
    _check_may_change(actor, account_id)
    db.session.delete(shift_queries.single_day(actor, account_id, shift_id))
    _record(actor, account_id, "day", 0)


def _add(actor: Actor, account_id: UUID, **values: object) -> Shift:
    shift = Shift(service_id=actor.service_id, account_id=account_id, **values)
    db.session.add(shift)
    db.session.flush()
    return shift


def _check_may_change(actor: Actor, account_id: UUID) -> None:
    """Let people change their own; others’ only with the permission, and only colleagues’."""
    known = {member.account_id for member in queries.colleagues(actor)}
    if account_id not in known or not (account_id == actor.id or actor.can("shift:change")):
        raise NotFound


def _check_length(hours: Hours, field: str) -> None:
    if hours[0] == hours[1]:
        raise NoLength(field=field)


def _written(at: time) -> str:
    return at.isoformat(timespec="minutes")


def _record(actor: Actor, account_id: UUID, what: str, number: int) -> None:
    audit.record(
        actor, "shift:changed", ("account", account_id), detail={"what": what, "number": number}
    )
