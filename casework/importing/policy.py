"""How an import is cut into batches and turns, how long it will take, and what is refused."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from casework.database import Refused
from casework.importing.models import DirectoryImport
from casework.runs import policy as runs
from casework.runs.policy import RunIsOver

BATCH = 500
# A batch whose rows take long to read is written by then: a turn cut off has kept nothing of it.
BATCH_SECONDS = 10.0
# Of so many rows it is kept what was refused or repaired, and so much of each; more are only counted.
MOST_NAMED = 10_000
MOST_OF_ROW = 20
# A turn reads its source anew up to where the last one ended, so it is worth being a long one;
# it ends well before the time limit of a task.
TURN_SECONDS = 30.0
LANGUAGES = ("en", "fr")


class AlreadyRunning(Refused):
    """There is an import in this service, running or paused."""

    message = _l("An import is already under way. Let it end, or cancel it first.")


class ImportIsOver(RunIsOver):
    """The import was paused, cancelled or finished in the meantime."""

    message = _l("Somebody else has paused or ended this import. Reload the page to see it.")


class NoSource(Refused):
    """An import needs a name for its source."""

    message = _l("Give the source a short name, such as “211”: letters, digits and hyphens.")


def has_grown(before: int, after: int) -> bool:
    """Tell whether a directory is another size than when its figures were taken: first, then doubled."""
    return (before // BATCH).bit_length() < (after // BATCH).bit_length()


def time_left(run: DirectoryImport) -> timedelta | None:
    """Estimate how long an import still takes at its pace so far; None until there is a pace."""
    return runs.time_left(run, done=run.percent, left=100 - run.percent)


def not_named(run: DirectoryImport) -> int:
    """Count the refused and repaired rows that are beyond what is kept."""
    return max(run.refused + run.repaired - MOST_NAMED, 0)


def is_source_name(text: str) -> bool:
    """Tell whether a text can name a source: it becomes a part of every id."""
    plain = text.replace("-", "").replace("_", "")
    return 0 < len(text) <= 40 and plain.isascii() and plain.isalnum()
