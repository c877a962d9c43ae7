"""What is planned after an agency’s answer: the room above knows, and this one’s page leads there."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from casework.referrals.models import Referral


class Telling(NamedTuple):
    """The call in which the person hears of an answer; None: no agreed hour is known (R10, R36)."""

    follow_up_id: UUID
    begins_at: datetime | None


PlannedTelling = Callable[[UUID], Telling | None]


def _nothing_planned(referral_id: UUID) -> Telling | None:
    return None


_planned: PlannedTelling = _nothing_planned


def find_telling_with(planned: PlannedTelling) -> None:
    """Say how to find the call that tells of a referral: the room above plans it."""
    global _planned
    _planned = planned


def planned_telling(referral: Referral) -> Telling | None:
    """Give the call that is to tell the person of a referral, if one is still to come (R36)."""
    return _planned(referral.id)
