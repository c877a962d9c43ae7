"""How long a closed case is kept, by the reason for which it closed."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.cases.models import ClosureCode
from casework.database import Model, Moment, TenantRow, code_type, tenant_args


class RetentionRule(TenantRow, Model):
    """The days a service keeps cases of one closure code, where it chose other than the default."""

    __tablename__ = "retention_rule"
    __table_args__ = tenant_args(
        UniqueConstraint("service_id", "closure"),
        CheckConstraint("days BETWEEN 1 AND 3650", name="days_possible"),
    )

    closure: Mapped[ClosureCode] = mapped_column(code_type(ClosureCode))
    days: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(Moment)
    changed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
