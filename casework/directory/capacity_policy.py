"""How many places are free now, from what was said and what is held since: pure questions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from casework.directory.capacity_models import Capacity, PlaceUnit
from casework.directory.needs import URGENT_NEEDS, NeedCode

# What was said longer ago says nothing any more: unknown, never “free”.
GOOD_FOR = timedelta(hours=12)
MOST = 999
# Where a place is what one looks for: unless somebody said how many there are, that is unknown.
# Of a legal clinic nobody asks it.
COUNTED_NEEDS = URGENT_NEEDS
# What stands on the buttons: one tap.
IN_ONE_TAP = (0, 1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Hold:
    """A place held for a household through a request."""

    organization_id: UUID
    need: NeedCode
    since: datetime
    people: int


@dataclass(frozen=True)
class Places:
    """What may be shown of a service's places; `free` None is unknown, whatever was said once."""

    free: int | None = None
    said: int = 0
    held: int = 0
    unit: PlaceUnit = PlaceUnit.PLACE
    said_at: datetime | None = None


# Where nobody said a word, and the page says so.
UNKNOWN = Places()


def is_stale(said_at: datetime, at: datetime) -> bool:
    """Tell whether what was said is too old to go by."""
    return at - said_at >= GOOD_FOR


def places_now(said: Capacity, holds: Iterable[Hold], at: datetime) -> Places:
    """Take what is held since off what was said; never below none, and unknown once it is old."""
    since = [hold for hold in holds if hold.since > said.updated_at]
    taken = sum(hold.people if said.unit is PlaceUnit.BED else 1 for hold in since)
    free = None if is_stale(said.updated_at, at) else max(said.available - taken, 0)
    return Places(free, said.available, taken, said.unit, said.updated_at)
