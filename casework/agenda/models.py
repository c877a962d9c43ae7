"""The secret address of somebody’s calendar: a hash of it, and when a calendar last asked."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.database import Model, Moment, TenantRow, tenant_args


class CalendarLink(TenantRow, Model):
    """The one calendar address of a member; a newer one takes its place, and no row is no address."""

    __tablename__ = "calendar_link"
    # It stands on a membership of its own service, never on an account alone.
    __table_args__ = tenant_args(
        UniqueConstraint("service_id", "account_id"),
        ForeignKeyConstraint(
            ["service_id", "account_id"], ["membership.service_id", "membership.account_id"]
        ),
    )

    account_id: Mapped[uuid.UUID]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
