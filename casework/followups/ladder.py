"""The ladder: who is told of an overdue call, one after the other, and how long after its deadline."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Ladder:
    """How long after latest_at the team, and then the supervisors, are told; None: never."""

    team_after: timedelta | None
    supervisor_after: timedelta | None


DEFAULT_LADDER = Ladder(team_after=timedelta(minutes=30), supervisor_after=timedelta(hours=2))
