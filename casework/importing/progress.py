"""How far an import is, in the words of the page: the page and its refreshing say the same."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from casework.importing import policy
from casework.importing.models import ACTIVE_STATES, DirectoryImport, ImportFormat, ImportState
from casework.web.filters import duration_of

FEW_SECONDS = 60


@dataclass(frozen=True)
class Progress:
    """One import as it is shown."""

    id: UUID
    source: str
    format: ImportFormat
    state: ImportState
    failure: LazyString | None
    percent: int
    written: str
    refused: str
    repaired: str
    vanished: str
    time_left: str
    refused_count: int
    has_remarks: bool
    is_ours: bool
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
            "written": self.written,
            "refused": self.refused,
            "repaired": self.repaired,
            "time_left": self.time_left,
        }


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
        time_left=_time_left(run),
        refused_count=run.refused,
        has_remarks=bool(run.refused or run.repaired),
        is_ours=run.started_by is not None,
        started_at=run.started_at,
        ended_at=run.ended_at,
    )


def _time_left(run: DirectoryImport) -> str:
    if run.state is ImportState.PAUSED:
        return _("Paused")
    span = policy.time_left(run)
    if span is None:
        return _("Not known yet")
    if span.total_seconds() < FEW_SECONDS:
        return _("Less than a minute")
    return _("About %(duration)s", duration=duration_of(span))
