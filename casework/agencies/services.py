"""Letting people of an agency in, and saying when its services are open."""

from uuid import UUID

from casework import accounts, directory
from casework.accounts.models import Membership
from casework.database import NotFound
from casework.directory.hours_models import HoursWord
from casework.directory.hours_services import say_hours
from casework.directory.models import DirectoryService
from casework.directory.weekly import Weekly
from casework.security import AGENCY_ROLES, Actor, Role


def add_colleague(
    actor: Actor, *, organization_id: UUID, email: str, display_name: str, role: Role, locale: str
) -> Membership:
    """Add somebody who signs in for an agency; they set their own passphrase by a link.

    Raises NotFound for an agency of another service, or that is not the coordinator's own, and
    AddressTaken or BadAddress.
    """
    agency = directory.queries.get(actor, organization_id)
    if role not in AGENCY_ROLES or not reaches(actor, agency.id):
        raise NotFound
    return accounts.services.add_member(
        accounts.queries.service_of(actor),
        email=email,
        display_name=display_name,
        role=role,
        password=None,
        locale=locale,
        organization_id=agency.id,
        actor=actor,
    )


def reaches(actor: Actor, organization_id: UUID) -> bool:
    """Tell whether somebody may let people in for an agency: its coordinator, or an administrator."""
    if actor.can("staff:manage"):
        return True
    return actor.can("inbox:staff") and actor.organization_id == organization_id


def say_hours_of(
    actor: Actor,
    offer: DirectoryService,
    *,
    said: Weekly,
    version: int | None = None,
    is_for_all: bool = False,
) -> HoursWord:
    """Say when a service is open, and if wished the same of every other one of its agency.

    Raises what `say_hours` raises; of the others, the newest word is written over.
    """
    word = say_hours(actor, offer, said=said, version=version)
    if is_for_all:
        for other in directory.capacity_queries.services_of(actor, offer.organization_id):
            if other.id != offer.id:
                say_hours(actor, other, said=said)
    return word
