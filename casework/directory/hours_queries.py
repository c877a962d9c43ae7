"""Whether places are open at this moment by their published hours, and when they open next."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from casework.directory import hours_policy
from casework.directory.listing_models import Schedule
from casework.directory.models import DirectoryService
from casework.extensions import db
from casework.many import is_one_of
from casework.security import Actor


@dataclass(frozen=True)
class Opening:
    """How a place stands at a moment; `is_open` None is not known, and never shown as open."""

    is_open: bool | None = None
    opens_at: datetime | None = None


def hours_of(viewer: Actor, offer_ids: Iterable[UUID]) -> Mapping[UUID, list[Schedule]]:
    """Give the published hours of each of these services; one that publishes none is left out."""
    found: defaultdict[UUID, list[Schedule]] = defaultdict(list)
    for hours in db.session.scalars(
        select(Schedule).where(
            Schedule.service_id == viewer.service_id,
            is_one_of(Schedule.directory_service_id, offer_ids),
        )
    ):
        found[hours.directory_service_id].append(hours)
    return found


def openings(
    viewer: Actor, offers: Collection[DirectoryService], at: datetime
) -> Mapping[UUID, Opening]:
    """Tell of each of these services whether it is open, and when it opens next where it is not."""
    published = hours_of(viewer, [offer.id for offer in offers])
    return {offer.id: _opening(offer, published.get(offer.id, []), at) for offer in offers}


def _opening(offer: DirectoryService, published: list[Schedule], at: datetime) -> Opening:
    if offer.is_open_all_hours:
        return Opening(True)
    province = offer.organization.holidays_of
    is_open = hours_policy.is_open(published, at, province)
    if is_open is not False:
        return Opening(is_open)
    return Opening(False, hours_policy.opens_next(published, at, province))
