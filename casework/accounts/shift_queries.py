"""Who works when: the shifts of a member, of everybody, and who is at work at a moment."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select

from casework.accounts import queries
from casework.accounts.models import Account, Membership, Shift
from casework.accounts.shifts import Rota
from casework.database import NotFound
from casework.extensions import db
from casework.many import is_one_of
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
    return rotas_of(service_id, [account_id])[account_id]


def rotas_of(service_id: UUID, account_ids: Collection[UUID]) -> dict[UUID, Rota]:
    """Give when each of these accounts works in a service, in one question to the database."""
    is_theirs = and_(Shift.account_id == Account.id, Shift.service_id == service_id)
    rows = db.session.execute(
        select(Account.id, Account.time_zone, Shift)
        .outerjoin(Shift, is_theirs)
        .where(is_one_of(Account.id, account_ids))
    )
    zones: dict[UUID, str] = {}
    written: dict[UUID, list[Shift]] = defaultdict(list)
    for account_id, zone, shift in rows:
        zones[account_id] = zone
        if shift is not None:
            written[account_id].append(shift)
    return {
        account_id: Rota(account_id, zones.get(account_id, "UTC"), tuple(written[account_id]))
        for account_id in account_ids
    }


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
