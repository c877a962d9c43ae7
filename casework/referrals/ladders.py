"""The ladder of a request: after how long who hears when nobody answers, and what may be set."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from itertools import pairwise

from casework.referrals.models import Urgency


@dataclass(frozen=True)
class Ladder:
    """Waits from the question on: minutes where it is urgent, business days where it is routine.

    `supervisor` None: supervisors are not told. `warn` is in minutes for both: so long before a
    hold ends, both sides are warned.
    """

    nudge: int
    navigator: int
    supervisor: int | None
    expire: int
    warn: int


STEPS = ("nudge", "navigator", "supervisor", "expire")
NAMES = tuple(field.name for field in fields(Ladder))
# domain.md section 3.
DEFAULTS: Mapping[Urgency, Ladder] = {
    Urgency.URGENT: Ladder(15, 30, 60, 120, 30),
    Urgency.ROUTINE: Ladder(1, 2, None, 14, 30),
}
# Nobody is nudged before they can have read it, and no silence lasts longer than somebody can wait:
# tonight is over in a day, and no routine request outlives its link of 30 days.
BOUNDS: Mapping[Urgency, Mapping[str, tuple[int, int]]] = {
    Urgency.URGENT: {
        "nudge": (5, 240),
        "navigator": (10, 480),
        "supervisor": (15, 720),
        "expire": (30, 1440),
        "warn": (10, 120),
    },
    Urgency.ROUTINE: {
        "nudge": (1, 5),
        "navigator": (2, 10),
        "supervisor": (3, 12),
        "expire": (5, 15),
        "warn": (10, 120),
    },
}
# An urgent silence always reaches a supervisor.
MAY_BE_NONE = frozenset({(Urgency.ROUTINE, "supervisor")})


def out_of_bounds(urgency: Urgency, ladder: Ladder) -> list[str]:
    """Name what lies outside its bounds, or is missing where it may not be."""
    found = []
    for name, value in zip(NAMES, astuple(ladder), strict=True):
        least, most = BOUNDS[urgency][name]
        if value is None and (urgency, name) in MAY_BE_NONE:
            continue
        if value is None or not least <= value <= most:
            found.append(name)
    return found


def out_of_order(ladder: Ladder) -> list[str]:
    """Name each step that does not come after the one before it."""
    waits = [(name, getattr(ladder, name)) for name in STEPS if getattr(ladder, name) is not None]
    return [name for (_, before), (name, wait) in pairwise(waits) if wait <= before]


def is_allowed(urgency: Urgency, ladder: Ladder) -> bool:
    """Tell whether a ladder may be set: within its bounds, and climbed upwards."""
    return not out_of_bounds(urgency, ladder) and not out_of_order(ladder)
