"""Who is told about a call to make: whoever has it, else the team at work, else the supervisors."""

from collections.abc import Collection
from datetime import datetime
from functools import cached_property
from uuid import UUID

from casework.accounts import shift_queries
from casework.accounts.models import Membership
from casework.accounts.shifts import Rota
from casework.followups.list_models import ListCall
from casework.followups.models import FollowUp, Rung
from casework.security import Actor, Role

# A large team would not read better for being told all at once.
MOST_TOLD = 10


class Staff:
    """The staff of a service at one moment; what nobody asks about is not looked up."""

    def __init__(self, actor: Actor, at: datetime, *, owners: Collection[UUID] = ()) -> None:
        self._actor = actor
        self._at = at
        self._owners = frozenset(owners)

    @cached_property
    def _rotas_of_owners(self) -> dict[UUID, Rota]:
        return shift_queries.rotas_of(self._actor.service_id, self._owners)

    @cached_property
    def _members(self) -> list[tuple[Membership, Rota]]:
        return list(shift_queries.rotas(self._actor).values())

    def is_on(self, account_id: UUID) -> bool:
        """Tell whether somebody is at work, or may be: no shifts are known of them."""
        rota = self._rotas_of_owners.get(account_id)
        return rota is None or rota.is_on(self._at)

    @cached_property
    def supervisors(self) -> list[UUID]:
        """Name the supervisors."""
        return [member.account_id for member, _ in self._members if member.role is Role.SUPERVISOR]

    @cached_property
    def navigators(self) -> list[UUID]:
        """Name the navigators who are known to be at work, or all of them when nobody is."""
        team = [(m.account_id, rota) for m, rota in self._members if m.role is Role.NAVIGATOR]
        at_work = [id_ for id_, rota in team if rota.is_known and rota.is_on(self._at)]
        return at_work or [id_ for id_, _ in team]

    @cached_property
    def standing_in(self) -> list[UUID]:
        """Name who hears what is for somebody off shift: those at work, else the supervisors."""
        at_work = [m for m, rota in self._members if rota.is_known and rota.is_on(self._at)]
        at_work.sort(key=lambda member: member.role is not Role.SUPERVISOR)
        return [member.account_id for member in at_work[:MOST_TOLD]] or self.supervisors


def owner_of(task: FollowUp | ListCall) -> UUID | None:
    """Tell whose a call to make is; None: anybody's. One to an agency goes with its case."""
    given_to = task.assigned_to if isinstance(task, FollowUp) else None
    return given_to or task.case.owner_id


def audience(task: FollowUp | ListCall, rung: Rung, staff: Staff) -> list[UUID]:
    """Name who of the staff is told at a rung; where there is nobody, the supervisors are.

    When whoever has it is off shift, those on shift hear it too, so that it is not told to nobody.
    """
    owner = owner_of(task)
    if rung is Rung.OWNER and owner is not None:
        if staff.is_on(owner):
            return [owner]
        return list(dict.fromkeys((owner, *staff.standing_in)))
    team = [account_id for account_id in staff.navigators if account_id != owner]
    return team if rung is Rung.TEAM and team else staff.supervisors


def caretakers(actor: Actor, follow_up: FollowUp, at: datetime) -> list[UUID]:
    """Name who is told about one follow-up at its first rung."""
    owner = owner_of(follow_up)
    staff = Staff(actor, at, owners=() if owner is None else (owner,))
    return audience(follow_up, Rung.OWNER, staff)
