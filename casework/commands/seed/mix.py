"""Proportions kept at every length: what the field reports, dealt out evenly and without chance."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from casework.cases.models import NeedOutcome, Reason
from casework.directory.needs import GROUP_OF, NeedCode, NeedGroup

Thing = TypeVar("Thing")


class Mix(Generic[Thing]):
    """Deals things in their proportions: after any number of turns nothing is far from its share."""

    def __init__(self, weights: Mapping[Thing, int]) -> None:
        self._weights = {thing: weight for thing, weight in weights.items() if weight > 0}
        self._owed = dict.fromkeys(self._weights, 0)

    def next(self) -> Thing:
        """Give whatever is owed most."""
        for thing, weight in self._weights.items():
            self._owed[thing] += weight
        chosen = max(self._owed, key=self._owed.__getitem__)
        self._owed[chosen] -= sum(self._weights.values())
        return chosen


class Fate(StrEnum):
    """How one need ends."""

    HELPED = "helped"
    PARTLY = "partly"
    FULL = "full"
    HOUSEHOLD = "household"
    NO_FUNDS = "no_funds"
    NOT_ELIGIBLE = "not_eligible"
    NOT_SAID = "not_said"
    OTHER = "other"
    NEVER_TRIED = "never_tried"
    NOT_REACHED = "not_reached"
    NO_SERVICE = "no_service"


Ending = tuple[NeedOutcome, Reason | None]
ENDINGS: dict[Fate, Ending] = {
    Fate.HELPED: (NeedOutcome.MET, None),
    Fate.PARTLY: (NeedOutcome.PARTIALLY_MET, None),
    Fate.FULL: (NeedOutcome.UNMET, Reason.NO_CAPACITY),
    Fate.HOUSEHOLD: (NeedOutcome.UNMET, Reason.HOUSEHOLD_FIT),
    Fate.NO_FUNDS: (NeedOutcome.UNMET, Reason.NO_FUNDS),
    Fate.NOT_ELIGIBLE: (NeedOutcome.UNMET, Reason.NOT_ELIGIBLE),
    Fate.NOT_SAID: (NeedOutcome.UNKNOWN, None),
    Fate.OTHER: (NeedOutcome.UNMET, Reason.OTHER),
    Fate.NEVER_TRIED: (NeedOutcome.UNMET, Reason.DID_NOT_TRY),
    Fate.NOT_REACHED: (NeedOutcome.UNMET, Reason.PARTNER_UNREACHABLE),
    Fate.NO_SERVICE: (NeedOutcome.UNMET, Reason.NO_SERVICE_EXISTS),
}
GOOD = frozenset({Fate.HELPED, Fate.PARTLY})

# Of a thousand needs (mission.md): so many were helped, 9 % were never tried, and 18 % of those
# who tried did not reach the agency; the rest were declined.
HELPED = {NeedGroup.SHELTER: 170, NeedGroup.FOOD: 670}
HELPED_ELSEWHERE = 290
NEVER_TRIED, NOT_REACHED = 90, 164
SHELTER_DECLINES = {Fate.FULL: 82, Fate.HOUSEHOLD: 18}
DECLINES = {Fate.NO_FUNDS: 34, Fate.NOT_ELIGIBLE: 25, Fate.NOT_SAID: 34, Fate.OTHER: 7}

FIRST_NEEDS: dict[NeedCode, int] = {
    NeedCode.FOOD: 30, NeedCode.SHELTER: 26, NeedCode.VIOLENCE_SHELTER: 6, NeedCode.BENEFITS: 8,
    NeedCode.RENT: 8, NeedCode.MENTAL_HEALTH: 7, NeedCode.ENERGY: 5, NeedCode.HOME_CARE: 4,
    NeedCode.NEWBORN_HEALTH: 3, NeedCode.SENIOR_ACTIVITIES: 3,
}  # fmt: skip
MORE_NEEDS: dict[NeedCode | None, int] = {
    None: 30, NeedCode.FOOD: 20, NeedCode.BENEFITS: 12, NeedCode.RENT: 8, NeedCode.TRANSPORT: 8,
    NeedCode.HOUSING_SEARCH: 6, NeedCode.LEGAL: 6, NeedCode.MENTAL_HEALTH: 4,
    NeedCode.CLOTHING: 3, NeedCode.TAX_CLINIC: 3,
}  # fmt: skip


def fates_of(group: NeedGroup) -> dict[Fate, int]:
    """Give the proportions of how needs of a group end, in ten thousandths."""
    helped = HELPED.get(group, HELPED_ELSEWHERE)
    declined = 1000 - helped - NEVER_TRIED - NOT_REACHED
    reasons = SHELTER_DECLINES if group is NeedGroup.SHELTER else DECLINES
    parts = {fate: declined * share // 10 for fate, share in reasons.items()}
    return {
        Fate.HELPED: helped * 8,
        Fate.PARTLY: helped * 2,
        Fate.NEVER_TRIED: NEVER_TRIED * 10,
        Fate.NOT_REACHED: NOT_REACHED * 10,
        **parts,
    }


class Fortune:
    """Deals out needs and how they end, for one seeding."""

    def __init__(self) -> None:
        self._first = Mix(FIRST_NEEDS)
        self._more = Mix(MORE_NEEDS)
        self._fates = {group: Mix(fates_of(group)) for group in NeedGroup}

    def needs(self) -> tuple[NeedCode, ...]:
        """Give what somebody needs: one to three things."""
        more = (self._more.next(), self._more.next())
        return tuple(dict.fromkeys([self._first.next(), *(need for need in more if need)]))

    def fate(self, need: NeedCode, offered: Iterable[NeedCode]) -> Fate:
        """Tell how a need ends; what nobody offers cannot be referred at all."""
        if need not in offered:
            return Fate.NO_SERVICE
        return self._fates[GROUP_OF[need]].next()
