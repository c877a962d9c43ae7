"""A run of keys: how far a service is on its way to the current key or index version."""

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from casework.database import Code, Model, Moment, TenantRow, code_type, tenant_args


class RunKind(Code):
    """What a run brings up to date."""

    REWRAP = "rewrap", _l("Rewrapping data keys")
    REINDEX = "reindex", _l("Making search terms again")


class RunState(Code):
    """Where a run stands; only a running one is worked on."""

    RUNNING = "running", _l("Running")
    PAUSED = "paused", _l("Paused")
    DONE = "done", _l("Done")
    CANCELLED = "cancelled", _l("Cancelled")


ACTIVE_STATES = (RunState.RUNNING, RunState.PAUSED)


class KeyRun(TenantRow, Model):
    """One run through a service: batch after batch until nothing is left; the row is the truth.

    Each batch counts itself here in its own transaction, so that a worker killed at any place has
    done and counted exactly what it committed. wake_at is both due time and lease.
    """

    __tablename__ = "key_run"
    __table_args__ = tenant_args(
        Index(
            "uq_key_run_active",
            "service_id",
            "kind",
            unique=True,
            postgresql_where=text("state IN ('running', 'paused')"),
        ),
        Index("ix_key_run_wake_at", "wake_at", postgresql_where=text("state = 'running'")),
    )

    kind: Mapped[RunKind] = mapped_column(code_type(RunKind))
    # The number of the ring's key, or the version of its index key, that all shall stand at.
    target: Mapped[int]
    state: Mapped[RunState] = mapped_column(code_type(RunState), default=RunState.RUNNING)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    # Time spent in batches, for the estimate of the time left: pauses do not count.
    worked_ms: Mapped[int] = mapped_column(default=0)
    wake_at: Mapped[datetime] = mapped_column(Moment)
    started_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    started_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def left(self) -> int:
        """How many are still to be tried."""
        return max(self.total - self.done - self.failed, 0)
