"""The ladders of a service: its own clocks for requests, by version, for all needs or for one."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.database import Model, Moment, TenantRow, code_type, tenant_args
from casework.directory.needs import NeedCode
from casework.referrals.ladders import Ladder
from casework.referrals.models import Urgency


class ReferralLadder(TenantRow, Model):
    """One version of one ladder; never changed, since a request keeps the clock it was promised.

    Without a need it is for all needs that have none of their own. `is_own` False: from this
    version on there is none again, and the next wider one holds.
    """

    __tablename__ = "referral_ladder"
    __table_args__ = tenant_args(
        UniqueConstraint(
            "service_id",
            "urgency",
            "need",
            "version",
            name="uq_referral_ladder_version",
            postgresql_nulls_not_distinct=True,
        ),
    )

    urgency: Mapped[Urgency] = mapped_column(code_type(Urgency))
    need: Mapped[NeedCode | None] = mapped_column(code_type(NeedCode))
    version: Mapped[int]
    is_own: Mapped[bool]
    # Minutes of an urgent ladder, business days of a routine one; the warning is in minutes.
    nudge_after: Mapped[int]
    navigator_after: Mapped[int]
    supervisor_after: Mapped[int | None]
    expire_after: Mapped[int]
    warn_minutes: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(Moment)
    changed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))

    @property
    def ladder(self) -> Ladder:
        """Its waits."""
        return Ladder(
            self.nudge_after,
            self.navigator_after,
            self.supervisor_after,
            self.expire_after,
            self.warn_minutes,
        )
