"""Where a lane goes on, as one word of an address: times and ids, and nothing about anybody."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from casework.followups.queries import LaneName, Place

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WAITING, UNASSIGNED, AGENCIES = "waiting", "unassigned", "agencies"
# As they stand in an address: what sorts before is 0, what sorts after it 1.
FLAGS = ("0", "1")


@dataclass(frozen=True)
class After:
    """The one lane that is shown, and what of it was seen already."""

    lane: str
    calls: Place | None = None
    waiting: tuple[datetime, datetime, UUID] | None = None
    unassigned: tuple[datetime, UUID] | None = None
    agencies: tuple[datetime, UUID] | None = None


def after_call(place: Place) -> str:
    """Write where a lane of calls goes on."""
    return _word(place.lane.value, place.telling, place.late, *_moments(place), place.follow_up_id)


def after_waiting(order: tuple[datetime, datetime, UUID]) -> str:
    """Write where the requests that wait on agencies go on."""
    return _word(WAITING, _number(order[0]), _number(order[1]), order[2])


def after_unassigned(opened_at: datetime, case_id: UUID) -> str:
    """Write where the cases of nobody go on."""
    return _word(UNASSIGNED, _number(opened_at), case_id)


def after_list_call(latest_at: datetime, call_id: UUID) -> str:
    """Write where the calls to agencies go on."""
    return _word(AGENCIES, _number(latest_at), call_id)


def read(text: str | None) -> After | None:
    """Read where a lane goes on; anything unreadable is the beginning of the day."""
    try:
        lane, *parts = urlsafe_b64decode((text or "").encode("ascii")).decode("ascii").split(".")
        if lane == WAITING:
            clock, created, last = parts
            return After(lane, waiting=(_moment(clock), _moment(created), UUID(last)))
        if lane in (UNASSIGNED, AGENCIES):
            moment, last = parts
            place = _moment(moment), UUID(last)
            if lane == AGENCIES:
                return After(lane, agencies=place)
            return After(lane, unassigned=place)
        telling, late, moment, due, last = parts
        name, first, then = LaneName(lane), FLAGS.index(telling), FLAGS.index(late)
        seen = Place(name, first, then, _moment(moment), _moment(due), UUID(last))
        return After(name.value, calls=seen)
    except (ValueError, OverflowError, binascii.Error):
        return None


def _word(*parts: object) -> str:
    return urlsafe_b64encode(".".join(map(str, parts)).encode("ascii")).decode("ascii")


def _moments(place: Place) -> tuple[int, int]:
    return _number(place.moment), _number(place.wanted_at)


def _number(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def _moment(text: str) -> datetime:
    return EPOCH + timedelta(microseconds=int(text))
