"""What agencies said of their places, with what is held since taken off."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from casework.database import NotFound
from casework.directory import capacity_policy, queries
from casework.directory.capacity_models import Capacity
from casework.directory.capacity_policy import Hold, Places
from casework.directory.models import DirectoryService
from casework.extensions import db
from casework.many import is_one_of
from casework.security import Actor

Holds = Callable[[Actor, Collection[UUID], datetime], list[Hold]]
_holds: Holds | None = None


def count_holds_with(holds: Holds) -> None:
    """Say who knows which places are held; only a room above does."""
    global _holds
    _holds = holds


def of_services(
    viewer: Actor, offers: Iterable[DirectoryService], at: datetime
) -> dict[UUID, Places]:
    """Give the places of these services by their id.

    One that never said is unknown; where nobody would ask for places it is left out.
    """
    asked = {offer.id: offer for offer in offers if offer.service_id == viewer.service_id}
    if not asked:
        return {}
    said = db.session.scalars(
        select(Capacity).where(
            Capacity.service_id == viewer.service_id,
            is_one_of(Capacity.directory_service_id, asked),
        )
    ).all()
    agencies = {asked[row.directory_service_id].organization_id for row in said}
    holds = _holds(viewer, agencies, at) if _holds is not None and agencies else []
    unknown = {
        offer.id: capacity_policy.UNKNOWN
        for offer in asked.values()
        if offer.need in capacity_policy.COUNTED_NEEDS
    }
    return unknown | {
        row.directory_service_id: capacity_policy.places_now(
            row, _of(asked[row.directory_service_id], holds), at
        )
        for row in said
    }


def services_of(viewer: Actor, organization_id: UUID) -> list[DirectoryService]:
    """List what an agency offers, by need."""
    organization = queries.get(viewer, organization_id)
    rows = db.session.scalars(
        select(DirectoryService).where(
            DirectoryService.service_id == viewer.service_id,
            DirectoryService.organization_id == organization.id,
            DirectoryService.is_active,
        )
    )
    return sorted(rows, key=lambda offer: (offer.need.value, str(offer.id)))


def offer_of(viewer: Actor, organization_id: UUID, offer_id: UUID) -> DirectoryService:
    """Give one service of an agency; raise NotFound for anything of another's."""
    for offer in services_of(viewer, organization_id):
        if offer.id == offer_id:
            return offer
    raise NotFound


def _of(offer: DirectoryService, holds: Iterable[Hold]) -> list[Hold]:
    return [
        hold
        for hold in holds
        if hold.organization_id == offer.organization_id and hold.need is offer.need
    ]
