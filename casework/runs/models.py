"""What every row of a long run has: where it stands, when it is worked on next, and who began it."""

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from casework.database import Code, Moment, TenantRow, code_type


class RunState(Code):
    """Where a run stands; only a running one is worked on."""

    RUNNING = "running", _l("Running")
    PAUSED = "paused", _l("Paused")
    DONE = "done", _l("Done")
    CANCELLED = "cancelled", _l("Cancelled")
    FAILED = "failed", _l("Could not be read")


ACTIVE_STATES = (RunState.RUNNING, RunState.PAUSED)


class Run(TenantRow):
    """One run through a service: batch after batch until nothing is left; the row is the truth.

    Each batch counts itself here in its own transaction, so that a worker killed at any place has
    done and counted exactly what it committed. wake_at is both due time and lease.
    """

    state: Mapped[RunState] = mapped_column(code_type(RunState), default=RunState.RUNNING)
    # Time spent in batches, for the estimate of the time left: pauses do not count.
    worked_ms: Mapped[int] = mapped_column(default=0)
    wake_at: Mapped[datetime] = mapped_column(Moment)
    started_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    started_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
