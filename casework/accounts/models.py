"""Services (the tenants), the people who work there, their roles and their signed-in sessions."""

import uuid
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.database import (
    Code,
    Model,
    Moment,
    Row,
    TenantRow,
    code_type,
    tenant_args,
    tenant_fk,
)
from casework.security.permissions import Role


class Theme(Code):
    """How the screen looks; the choice belongs to the person at the desk."""

    SYSTEM = "system", _l("As my device")
    LIGHT = "light", _l("Light")
    NIGHT = "night", _l("Night")


class Service(Row, Model):
    """One 211-like service: the wall behind which its cases stand."""

    __tablename__ = "service"

    code: Mapped[str] = mapped_column(String(20), unique=True)
    name_en: Mapped[str] = mapped_column(String(120))
    name_fr: Mapped[str] = mapped_column(String(120))
    time_zone: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(8), default="en_CA")
    phone: Mapped[str] = mapped_column(String(20), default="211")
    privacy_contact: Mapped[str] = mapped_column(String(200), default="")
    # When somebody is there to call: [{"days": [0..6], "start": "08:00", "end": "20:00"}] on the
    # service's own wall; nothing written means day and night. It bounds what is proposed to
    # staff, never what a person agreed to (R10).
    opening_hours: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, server_default="[]"
    )
    # The province or territory whose statutory holidays are kept, such as QC; None: none is.
    holidays_of: Mapped[str | None] = mapped_column(String(2))
    # So long before a call, at least, it is proposed; in minutes.
    notice_minutes: Mapped[int] = mapped_column(default=0, server_default="0")

    def name(self, locale: str) -> str:
        """Give the service's name in the language of a page."""
        return self.name_fr if locale.startswith("fr") else self.name_en


class Account(Row, Model):
    """One person who signs in; global, since the same person may work for two services."""

    __tablename__ = "account"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    display_name: Mapped[str] = mapped_column(String(80))
    locale: Mapped[str] = mapped_column(String(8), default="en_CA")
    time_zone: Mapped[str] = mapped_column(String(64), default="America/Toronto")
    theme: Mapped[Theme] = mapped_column(code_type(Theme), default=Theme.SYSTEM)
    has_shortcuts: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Membership(TenantRow, Model):
    """What one account may do in one service; a partner's names its organisation too."""

    __tablename__ = "membership"
    __table_args__ = tenant_args(
        UniqueConstraint("service_id", "account_id"), tenant_fk("organization_id", "organization")
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[Role] = mapped_column(code_type(Role))
    organization_id: Mapped[uuid.UUID | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    # Disabled by an administrator of the service: no coordinator of an agency enables it again.
    is_shut_by_service: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Moment)

    account: Mapped[Account] = relationship(lazy="joined")


class Shift(TenantRow, Model):
    """When somebody works, on their own wall clock: each week, or on one day; ends past midnight too.

    A day that is off says that no shift begins on it, whatever the week says.
    """

    __tablename__ = "shift"
    __table_args__ = tenant_args(
        CheckConstraint("weekday IS NULL OR on_day IS NULL", name="week_or_day")
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    weekday: Mapped[int | None]
    on_day: Mapped[date | None]
    is_off: Mapped[bool] = mapped_column(default=False)
    starts: Mapped[str] = mapped_column(String(8))
    ends: Mapped[str] = mapped_column(String(8))


class WebSession(TenantRow, Model):
    """A signed-in browser: only a hash of its token is kept, and ending the row ends it at once."""

    __tablename__ = "web_session"
    # A session stands on a membership of its own service, never on an account alone.
    __table_args__ = tenant_args(
        ForeignKeyConstraint(
            ["service_id", "account_id"], ["membership.service_id", "membership.account_id"]
        )
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    # Since when the screen is locked: the session lives on, and every page answers with the lock.
    locked_at: Mapped[datetime | None] = mapped_column(Moment)
    hides_names: Mapped[bool] = mapped_column(default=False)


class PassphraseLink(TenantRow, Model):
    """A link by which a member sets a passphrase, once and within a day; nobody else ever sets it."""

    __tablename__ = "passphrase_link"
    __table_args__ = tenant_args(tenant_fk("membership_id", "membership", ondelete="CASCADE"))

    membership_id: Mapped[uuid.UUID] = mapped_column(index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)

    membership: Mapped[Membership] = relationship(viewonly=True, lazy="joined")
