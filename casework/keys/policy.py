"""How runs are cut into batches and turns, how long they will take, and what is refused."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from casework.database import Refused
from casework.keys.models import KeyRun, RunKind, RunState

# Short enough that an erasure which waits for one of its keys does not notice.
BATCH = {RunKind.REWRAP: 1_000, RunKind.REINDEX: 200}
# A turn ends soon, so that reminders behind it in the queue do not wait; the next one follows them.
TURN_SECONDS = 3.0
# Longer than a task may take (its hard limit is 90 seconds): a worker that died is replaced then.
LEASE = timedelta(seconds=120)
# What others hold is free again within their transaction.
HELD_RETRY = timedelta(seconds=5)
FEW_SECONDS = 60


class AlreadyRunning(Refused):
    """There is a run of this kind in this service, running or paused."""

    message = _l("This is already under way. Reload the page to see how far it is.")


class NothingToDo(Refused):
    """Everything stands where it should."""

    message = _l("There is nothing to do: everything already stands under the current key.")


class RunIsOver(Refused):
    """The run was paused, cancelled or finished in the meantime."""

    message = _l("Somebody else has paused or ended this run. Reload the page to see it.")


def time_left(run: KeyRun) -> timedelta | None:
    """Estimate how long a run still takes at its pace so far; None until there is a pace."""
    tried = run.done + run.failed
    if run.state is not RunState.RUNNING or not tried or not run.worked_ms:
        return None
    return timedelta(milliseconds=run.worked_ms * run.left / tried)


def percent_done(run: KeyRun) -> int:
    """Tell how much of a run is done, in whole percent, and 100 only at its end."""
    if run.state is RunState.DONE:
        return 100
    return min((run.done + run.failed) * 100 // max(run.total, 1), 99)
