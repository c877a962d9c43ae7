"""Organisations and the services they offer, named as in HSDS 3.0."""

import uuid
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.database import Code, Model, TenantRow, code_type, tenant_args, tenant_fk
from casework.directory.needs import NeedCode


class OrganizationKind(Code):
    """What an organisation is to the navigator who looks for a place."""

    SHELTER = "shelter", _l("Emergency shelter")
    VIOLENCE_SHELTER = "violence_shelter", _l("Shelter from violence")
    FOOD_BANK = "food_bank", _l("Food bank")
    PUBLIC_SERVICE = "public_service", _l("Public service")
    COMMUNITY = "community", _l("Community organisation")
    TRANSPORT = "transport", _l("Volunteer transport")
    HEALTH = "health", _l("Health service")


class Organization(TenantRow, Model):
    """An agency that can hold a place or give help; confidential ones keep no address (R20)."""

    __tablename__ = "organization"
    __table_args__ = tenant_args()

    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[OrganizationKind] = mapped_column(code_type(OrganizationKind))
    phone: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    locale: Mapped[str] = mapped_column(String(8), default="en_CA")
    region: Mapped[str] = mapped_column(String(80), default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="America/Toronto")
    # When somebody reads what it is asked, as a service writes its own hours; nothing written
    # means not known. And whose statutory holidays it keeps, such as QC; None: the service’s.
    opening_hours: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, server_default="[]"
    )
    holidays_of: Mapped[str | None] = mapped_column(String(2))
    is_confidential: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    source_id: Mapped[str | None] = mapped_column(String(120))


class DirectoryService(TenantRow, Model):
    """Something an organisation offers for one need: who may come, when, and what suits whom."""

    __tablename__ = "directory_service"
    __table_args__ = tenant_args(tenant_fk("organization_id", "organization"))

    organization_id: Mapped[uuid.UUID] = mapped_column(index=True)
    need: Mapped[NeedCode] = mapped_column(code_type(NeedCode), index=True)
    eligibility_en: Mapped[str] = mapped_column(String(400), default="")
    eligibility_fr: Mapped[str] = mapped_column(String(400), default="")
    hours_en: Mapped[str] = mapped_column(String(200), default="")
    hours_fr: Mapped[str] = mapped_column(String(200), default="")
    features: Mapped[list[str]] = mapped_column(JSON, default=list)
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_open_all_hours: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)

    organization: Mapped[Organization] = relationship(lazy="joined", viewonly=True)
