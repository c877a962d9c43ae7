"""How far a run is, in the words of the page: the page and its refreshing say the same."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import format_decimal
from flask_babel import gettext as _

from casework.keys import policy
from casework.keys.models import ACTIVE_STATES, KeyRun, RunKind, RunState
from casework.web.filters import duration_of


@dataclass(frozen=True)
class Progress:
    """One run as it is shown."""

    id: UUID
    kind: RunKind
    state: RunState
    percent: int
    done: str
    failed: str
    left: str
    time_left: str
    failed_count: int
    started_at: datetime
    ended_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Whether it is running or paused."""
        return self.state in ACTIVE_STATES

    def told(self) -> dict[str, str | int]:
        """Give what a page that is open replaces; a state that changed makes it load anew."""
        return {
            "state": self.state.value,
            "percent": self.percent,
            "done": self.done,
            "failed": self.failed,
            "left": self.left,
            "time_left": self.time_left,
        }


def progress_of(run: KeyRun) -> Progress:
    """Put a run into words in the reader's language."""
    return Progress(
        id=run.id,
        kind=run.kind,
        state=run.state,
        percent=policy.percent_done(run),
        done=format_decimal(run.done),
        failed=format_decimal(run.failed),
        left=format_decimal(run.left),
        time_left=_time_left(run),
        failed_count=run.failed,
        started_at=run.started_at,
        ended_at=run.ended_at,
    )


def _time_left(run: KeyRun) -> str:
    if run.state is RunState.PAUSED:
        return _("Paused")
    span = policy.time_left(run)
    if span is None:
        return _("Not known yet")
    if span.total_seconds() < policy.FEW_SECONDS:
        return _("Less than a minute")
    return _("About %(duration)s", duration=duration_of(span))
