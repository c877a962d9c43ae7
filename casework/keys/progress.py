"""How far a run of keys is, in the words of the page: the page and its refreshing say the same."""

from dataclasses import dataclass

from flask_babel import format_decimal

from casework.keys import policy
from casework.keys.models import KeyRun, RunKind
from casework.runs import progress as runs


@dataclass(frozen=True)
class Progress(runs.Progress):
    """One run as it is shown."""

    kind: RunKind
    done: str
    failed: str
    left: str
    failed_count: int

    def told(self) -> dict[str, str | int]:
        """Give what a page that is open replaces; a state that changed makes it load anew."""
        return super().told() | {"done": self.done, "failed": self.failed, "left": self.left}


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
        time_left=runs.time_left_words(run, policy.time_left(run)),
        failed_count=run.failed,
        started_at=run.started_at,
        ended_at=run.ended_at,
    )
