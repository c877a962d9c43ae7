"""Who works when: the shifts of a member, of everybody, and who is at work at a moment."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from casework.accounts import queries
from casework.accounts.models import Account, Membership, Shift
from casework.accounts.shifts import Rota
from casework.database import NotFound
from casework.extensions import db
from casework.security import Actor, Role


def shifts_of(viewer: Actor, account_id: UUID) -> list[Shift]:
    """List the shifts of a member: the week first, then single days."""
    return list(
        db.session.scalars(
            select(Shift)
            .where(Shift.service_id == viewer.service_id, Shift.account_id == account_id)
            .order_by(Shift.weekday, Shift.on_day, Shift.starts, Shift.id)
        )
    )


def single_day(viewer: Actor, account_id: UUID, shift_id: UUID) -> Shift:
    """Give one single day of a member; raise NotFound for anything else."""
    found = db.session.scalars(
        select(Shift).where(
            Shift.id == shift_id,
            Shift.service_id == viewer.service_id,
            Shift.account_id == account_id,
            Shift.on_day.is_not(None),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def rota_of(service_id: UUID, account_id: UUID) -> Rota:
    """Give when one account works in a service, on the clock of its own zone."""
    zone = db.session.scalar(select(Account.time_zone).where(Account.id == account_id))
    shifts = db.session.scalars(
        select(Shift).where(Shift.service_id == service_id, Shift.account_id == account_id)
    )
    return Rota(account_id, zone or "UTC", tuple(shifts))


def rotas(viewer: Actor) -> dict[UUID, tuple[Membership, Rota]]:
    """Give when each navigator and supervisor works, by account, in the order of their names."""
    written: dict[UUID, list[Shift]] = defaultdict(list)
    for shift in db.session.scalars(select(Shift).where(Shift.service_id == viewer.service_id)):
        written[shift.account_id].append(shift)
    return {
        member.account_id: (
            member,
            Rota(member.account_id, member.account.time_zone, tuple(written[member.account_id])),
        )
        for member in queries.colleagues(viewer)
    }


def on_shift(viewer: Actor, at: datetime, *, limit: int | None = None) -> list[UUID]:
    """Name who is known to be at work at a moment, supervisors first."""
    at_work = [
        member for member, rota in rotas(viewer).values() if rota.is_known and rota.is_on(at)
    ]
    at_work.sort(key=lambda member: member.role is not Role.SUPERVISOR)
    return [member.account_id for member in at_work[:limit]]


def off_shift(viewer: Actor, at: datetime) -> list[UUID]:
    """Name who is known not to be at work at a moment."""
    return [account_id for account_id, (_, rota) in rotas(viewer).items() if not rota.is_on(at)]
