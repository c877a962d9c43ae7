"""An agency says how many places are free."""

from uuid import uuid4

from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects.postgresql import insert

from casework import audit
from casework.database import Refused, now
from casework.directory import capacity_policy
from casework.directory.capacity_models import Capacity, CapacityEvent, PlaceUnit
from casework.directory.models import DirectoryService
from casework.extensions import db
from casework.security import Actor, ActorKind


class BadNumber(Refused):
    """The number of places is not one that can be."""

    message = _l("Write a number from 0 to 999.")
    field = "available"


def say_places(
    actor: Actor, offer: DirectoryService, *, available: int, unit: PlaceUnit = PlaceUnit.PLACE
) -> None:
    """Write how many places are free now; the newest word counts, and each is kept as an event.

    Through a link it is the agency's word, and no more is kept: the link is bound to one request.
    """
    if not 0 <= available <= capacity_policy.MOST:
        raise BadNumber
    said = {"available": available, "unit": unit, "updated_at": now()}
    row = insert(Capacity).values(
        id=uuid4(), service_id=offer.service_id, directory_service_id=offer.id, **said
    )
    # Two members may say it in the same moment: neither is refused, and the later one stands.
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=[Capacity.service_id, Capacity.directory_service_id], set_=said
        )
    )
    by_link = actor.kind is ActorKind.PARTNER_LINK
    speaker = Actor(actor.kind, actor.service_id) if by_link else actor
    event = CapacityEvent(
        service_id=offer.service_id,
        directory_service_id=offer.id,
        available=available,
        unit=unit,
        at=now(),
        actor_kind=speaker.kind.value,
        actor_id=speaker.id,
    )
    db.session.add(event)
    db.session.flush()
    audit.record(
        speaker, "directory:places:said", offer, detail={"available": available, "unit": unit}
    )
