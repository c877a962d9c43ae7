"""How far a run is, in the words of a page: the page and its refreshing say the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _

from casework.runs import policy
from casework.runs.models import ACTIVE_STATES, Run, RunState
from casework.web.filters import duration_of


@dataclass(frozen=True)
class Progress:
    """One run as it is shown; its room adds what it counts."""

    id: UUID
    state: RunState
    percent: int
    time_left: str
    started_at: datetime
    ended_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Whether it is running or paused."""
        return self.state in ACTIVE_STATES

    def told(self) -> dict[str, str | int]:
        """Give what a page that is open replaces; a state that changed makes it load anew."""
        return {"state": self.state.value, "percent": self.percent, "time_left": self.time_left}


def time_left_words(run: Run, left: timedelta | None) -> str:
    """Say how long a run still takes, as far as anybody knows."""
    if run.state is RunState.PAUSED:
        return _("Paused")
    if left is None:
        return _("Not known yet")
    if left.total_seconds() < policy.FEW_SECONDS:
        return _("Less than a minute")
    return _("About %(duration)s", duration=duration_of(left))
