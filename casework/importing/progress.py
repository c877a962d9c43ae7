"""How far an import is, in the words of the page: the page and its refreshing say the same."""

from dataclasses import dataclass

from flask_babel import format_decimal
from flask_babel.speaklater import LazyString

from casework.importing import policy, refusals
from casework.importing.models import DirectoryImport, ImportFormat
from casework.runs import progress as runs


@dataclass(frozen=True)
class Progress(runs.Progress):
    """One import as it is shown."""

    source: str
    format: ImportFormat
    failure: LazyString | None
    written: str
    refused: str
    repaired: str
    vanished: str
    refused_count: int
    has_remarks: bool
    not_named: str
    is_ours: bool

    def told(self) -> dict[str, str | int]:
        """Give what a page that is open replaces; a state that changed makes it load anew."""
        counted = {"written": self.written, "refused": self.refused, "repaired": self.repaired}
        return super().told() | counted


def progress_of(run: DirectoryImport) -> Progress:
    """Put an import into words in the reader’s language."""
    return Progress(
        id=run.id,
        source=run.source,
        format=run.format,
        state=run.state,
        failure=run.failure.label if run.failure else None,
        percent=run.percent,
        written=format_decimal(run.written),
        refused=format_decimal(run.refused),
        repaired=format_decimal(run.repaired),
        vanished=format_decimal(run.vanished),
        time_left=runs.time_left_words(run, policy.time_left(run)),
        refused_count=run.refused,
        has_remarks=bool(run.refused or run.repaired),
        not_named=refusals.words_of_rest(policy.not_named(run)),
        is_ours=run.started_by is not None,
        started_at=run.started_at,
        ended_at=run.ended_at,
    )
