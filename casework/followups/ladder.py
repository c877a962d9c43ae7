"""Who hears that a call-back is overdue, and when: the owner at due, then the team, then supervisors."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Ladder:
    """How long after latest_at the team hears of it, and then the supervisors; None: never."""

    team_after: timedelta | None
    supervisor_after: timedelta | None


DEFAULT_LADDER = Ladder(timedelta(hours=4), timedelta(hours=24))
# Somebody in danger does not wait for the next day.
CRISIS_LADDER = Ladder(timedelta(hours=1), timedelta(hours=4))
# The deadline of telling is the end of a hold: when it is missed, the place may be gone (R36).
TELLING_LADDER = Ladder(timedelta(0), timedelta(minutes=30))
