"""A run of keys: how far a service is on its way to the current key or index version."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from casework.database import Code, Model, code_type, tenant_args
from casework.runs.models import Run


class RunKind(Code):
    """What a run brings up to date."""

    REWRAP = "rewrap", _l("Rewrapping data keys")
    REINDEX = "reindex", _l("Making search terms again")


class KeyRun(Run, Model):
    """One run through the keys, or the search terms, of a service."""

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
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)

    @property
    def left(self) -> int:
        """How many are still to be tried."""
        return max(self.total - self.done - self.failed, 0)
