"""Who hears that a call-back is overdue, and when: the owner at due, then the team, then supervisors."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from casework.followups.models import Rung


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
# The deadline of a call that keeps a place on a list is when the agency closes: the team hears while
# it can still be made, and once it is missed, when the place may be lost, the supervisors do.
LIST_LADDER = Ladder(timedelta(hours=-1), timedelta(0))


def next_rung(ladder: Ladder, shown: Rung, latest_at: datetime) -> tuple[Rung, datetime] | None:
    """Tell who hears next after a rung was shown, and when; None: nobody does."""
    if shown is Rung.OWNER and ladder.team_after is not None:
        return Rung.TEAM, latest_at + ladder.team_after
    if shown is not Rung.SUPERVISORS and ladder.supervisor_after is not None:
        return Rung.SUPERVISORS, latest_at + ladder.supervisor_after
    return None
