"""How the reminder machine stands in all services together: counts and times, and nobody."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from casework import background, database, pulse
from casework.background import Job
from casework.database import now
from casework.followups import queries as followups
from casework.followups.models import Rung
from casework.notices import queries as notices

# From here on somebody must be woken: the sweep comes every fifteen seconds.
TOO_LATE = timedelta(minutes=5)


@dataclass
class Seen:
    """What all services together have; nothing in it tells which service it comes from."""

    due: int = 0
    leased: int = 0
    parked: int = 0
    oldest_overdue: timedelta = timedelta()
    is_silent: bool = False
    rungs: Counter[Rung] = field(default_factory=Counter)
    letters: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    ages: dict[str, timedelta] = field(default_factory=dict)

    @property
    def is_late(self) -> bool:
        """Whether something should have been shown minutes ago, or is due and nobody claims it."""
        return self.oldest_overdue >= TOO_LATE or self.is_silent


def read() -> Seen:
    """Read every service, one after the other, since each stands behind its wall."""
    seen, entered = Seen(), database.current_service()
    for service_id in background.service_ids():
        database.enter_service(service_id)
        at = now()
        standing, beats = followups.standing_of(service_id, at), pulse.of_service(service_id)
        seen.due += standing.due
        seen.leased += standing.leased
        seen.parked += standing.parked
        seen.oldest_overdue = max(seen.oldest_overdue, standing.late_by(at))
        seen.rungs.update(standing.waiting_by_rung)
        seen.letters.update(notices.count_by_status(service_id))
        seen.counts.update({name: beat.n for name, beat in beats.items()})
        seen.is_silent |= standing.due > 0 and _is_silent(beats, at)
        for name, beat in beats.items():
            seen.ages[name] = max(seen.ages.get(name, timedelta()), at - beat.at)
    database.enter_service(entered)
    return seen


def _is_silent(beats: dict[str, pulse.Beat], at: datetime) -> bool:
    """Tell whether nobody has looked for reminders for minutes, whatever the processes say of themselves."""
    last = beats.get(str(Job.CLAIM_REMINDERS))
    return last is not None and at - last.at >= TOO_LATE
