"""How runs of keys are cut into batches and turns, how far they are, and what is refused."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from casework.database import Refused
from casework.keys.models import KeyRun, RunKind
from casework.runs import policy as runs
from casework.runs.models import RunState

# Short enough that an erasure which waits for one of its keys does not notice.
BATCH = {RunKind.REWRAP: 1_000, RunKind.REINDEX: 200}
# A turn ends soon, so that reminders behind it in the queue do not wait; the next one follows them.
TURN_SECONDS = 3.0
# What others hold is free again within their transaction.
HELD_RETRY = timedelta(seconds=5)


class AlreadyRunning(Refused):
    """There is a run of this kind in this service, running or paused."""

    message = _l("This is already under way. Reload the page to see how far it is.")


class NothingToDo(Refused):
    """Everything stands where it should."""

    message = _l("There is nothing to do: everything already stands under the current key.")


def time_left(run: KeyRun) -> timedelta | None:
    """Estimate how long a run still takes at its pace so far; None until there is a pace."""
    return runs.time_left(run, done=run.done + run.failed, left=run.left)


def percent_done(run: KeyRun) -> int:
    """Tell how much of a run is done, in whole percent, and 100 only at its end."""
    if run.state is RunState.DONE:
        return 100
    return min((run.done + run.failed) * 100 // max(run.total, 1), 99)
