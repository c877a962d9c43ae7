"""Whose word the hours of a service are: what a source publishes, or what its agency says itself."""

import uuid
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.database import Code, Model, Moment, TenantRow, tenant_args, tenant_fk


class HoursOrigin(Code):
    """Where a row of hours comes from; an import writes and removes only its own."""

    IMPORTED = "imported", _l("As published")
    SAID = "said", _l("As the agency says")


class HoursWord(TenantRow, Model):
    """That an agency said the hours of a service itself: they stand above what is published.

    The spans stand with all other hours, in schedule. It stays when the word is taken back, so
    that whoever had the page open is told.
    """

    __tablename__ = "hours_word"
    __table_args__ = tenant_args(
        tenant_fk("directory_service_id", "directory_service", ondelete="CASCADE"),
        UniqueConstraint("service_id", "directory_service_id"),
    )

    directory_service_id: Mapped[uuid.UUID]
    is_said: Mapped[bool]
    is_all_hours: Mapped[bool]
    # The first and the last day on which it is closed for a time; no last day: until further notice.
    closed_from: Mapped[date | None]
    closed_until: Mapped[date | None]
    # By a member of the agency; else by whoever keeps the directory, on its behalf.
    is_by_agency: Mapped[bool]
    # Whether the source says “day and night”: it holds again once the word is taken back.
    is_published_all_hours: Mapped[bool]
    version: Mapped[int]
    said_at: Mapped[datetime] = mapped_column(Moment)
    said_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
