"""Places: how many an agency says are free, one current row for each service, and its history."""

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.database import Code, Model, Moment, TenantRow, code_type, tenant_args, tenant_fk


class PlaceUnit(Code):
    """What is counted: a place serves a household, a bed one person."""

    PLACE = "place", _l("Places")
    BED = "bed", _l("Beds")


class Capacity(TenantRow, Model):
    """What was said last about one service (HSDS 3.1 service_capacity); no row means unknown."""

    __tablename__ = "capacity"
    __table_args__ = tenant_args(
        tenant_fk("directory_service_id", "directory_service", ondelete="CASCADE"),
        UniqueConstraint("service_id", "directory_service_id"),
        CheckConstraint("available >= 0", name="available"),
    )

    directory_service_id: Mapped[uuid.UUID]
    available: Mapped[int]
    unit: Mapped[PlaceUnit] = mapped_column(code_type(PlaceUnit), default=PlaceUnit.PLACE)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class CapacityEvent(TenantRow, Model):
    """One time an agency said how many places are free; only ever added."""

    __tablename__ = "capacity_event"
    __table_args__ = tenant_args(
        tenant_fk("directory_service_id", "directory_service", ondelete="CASCADE"),
    )

    directory_service_id: Mapped[uuid.UUID] = mapped_column(index=True)
    available: Mapped[int]
    unit: Mapped[PlaceUnit] = mapped_column(code_type(PlaceUnit))
    at: Mapped[datetime] = mapped_column(Moment)
    actor_kind: Mapped[str] = mapped_column(String(20))
    # Never a link: it is bound to one request, and would say of whom the agency was thinking.
    actor_id: Mapped[uuid.UUID | None]
