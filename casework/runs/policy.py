"""How long a run is one worker's, how long it will still take, and what is refused."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from casework.database import Refused
from casework.runs.models import Run, RunState

# Longer than a task may take (its hard limit is 90 seconds): a worker that died is replaced then.
LEASE = timedelta(seconds=120)
FEW_SECONDS = 60


class RunIsOver(Refused):
    """The run was paused, cancelled or finished in the meantime."""

    message = _l("Somebody else has paused or ended this run. Reload the page to see it.")


def time_left(run: Run, *, done: int, left: int) -> timedelta | None:
    """Estimate how long a run still takes at its pace so far; None until there is a pace."""
    if run.state is not RunState.RUNNING or not done or not run.worked_ms:
        return None
    return timedelta(milliseconds=run.worked_ms * left / done)
