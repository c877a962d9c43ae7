"""Where a service is given, when, by which phone: named as in HSDS 3.0."""

import uuid
from datetime import date, time

from flask_babel import lazy_gettext as _l
from sqlalchemy import ARRAY, CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.database import Code, Model, TenantRow, code_type, tenant_args, tenant_fk
from casework.directory.hours_models import HoursOrigin
from casework.directory.needs import NeedCode


class LocationKind(Code):
    """What kind of place this is; of a redacted one nothing is known but its region."""

    PHYSICAL = "physical", _l("Address")
    POSTAL = "postal", _l("Mailing address")
    VIRTUAL = "virtual", _l("By phone or online")
    REDACTED = "redacted", _l("Confidential: no address")


class Location(TenantRow, Model):
    """A place; a confidential one keeps no name, no address and no point, by constraint (R20)."""

    __tablename__ = "location"
    __table_args__ = tenant_args(
        tenant_fk("organization_id", "organization"),
        UniqueConstraint("service_id", "source", "source_id"),
        CheckConstraint(
            "(kind <> 'redacted' AND NOT is_confidential) OR (is_confidential AND name = ''"
            " AND description = '' AND address_1 = '' AND address_2 = '' AND city = ''"
            " AND postal_code = '' AND url = '' AND latitude IS NULL AND longitude IS NULL)",
            name="confidential_keeps_no_address",
        ),
    )

    organization_id: Mapped[uuid.UUID] = mapped_column(index=True)
    kind: Mapped[LocationKind] = mapped_column(code_type(LocationKind))
    is_confidential: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(Text, default="")
    description: Mapped[str] = mapped_column(Text, default="")
    address_1: Mapped[str] = mapped_column(Text, default="")
    address_2: Mapped[str] = mapped_column(Text, default="")
    city: Mapped[str] = mapped_column(Text, default="")
    region: Mapped[str] = mapped_column(Text, default="")
    postal_code: Mapped[str] = mapped_column(String(12), default="")
    country: Mapped[str] = mapped_column(String(40), default="CA")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    url: Mapped[str] = mapped_column(Text, default="")
    accessibility: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    time_zone: Mapped[str] = mapped_column(String(64), default="America/Toronto")
    is_active: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(String(40), default="")
    source_id: Mapped[str | None] = mapped_column(String(120))


class ServiceAtLocation(TenantRow, Model):
    """Which service is given at which place."""

    __tablename__ = "service_at_location"
    __table_args__ = tenant_args(
        tenant_fk("directory_service_id", "directory_service"),
        tenant_fk("location_id", "location"),
        UniqueConstraint(
            "service_id", "directory_service_id", "location_id", name="uq_service_at_location_pair"
        ),
    )

    directory_service_id: Mapped[uuid.UUID]
    location_id: Mapped[uuid.UUID] = mapped_column(index=True)


class Schedule(TenantRow, Model):
    """Hours of a service, at one of its places or anywhere: an RFC 5545 rule and times on the wall."""

    __tablename__ = "schedule"
    __table_args__ = tenant_args(
        tenant_fk("directory_service_id", "directory_service"),
        tenant_fk("location_id", "location"),
    )

    directory_service_id: Mapped[uuid.UUID] = mapped_column(index=True)
    location_id: Mapped[uuid.UUID | None]
    # Where an agency says its hours itself, they alone are read.
    origin: Mapped[HoursOrigin] = mapped_column(
        code_type(HoursOrigin), default=HoursOrigin.IMPORTED, server_default="imported"
    )
    # As published, without the times: FREQ=WEEKLY;BYDAY=MO,TU
    rrule: Mapped[str] = mapped_column(Text, default="")
    starts_on: Mapped[date | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    opens_at: Mapped[time | None]
    closes_at: Mapped[time | None]
    description: Mapped[str] = mapped_column(Text, default="")
    time_zone: Mapped[str] = mapped_column(String(64))


class Phone(TenantRow, Model):
    """A number of a service as it is published."""

    __tablename__ = "phone"
    __table_args__ = tenant_args(tenant_fk("directory_service_id", "directory_service"))

    directory_service_id: Mapped[uuid.UUID] = mapped_column(index=True)
    number: Mapped[str] = mapped_column(String(40))
    extension: Mapped[str] = mapped_column(String(20), default="")
    kind: Mapped[str] = mapped_column(String(40), default="")
    description: Mapped[str] = mapped_column(Text, default="")


class TaxonomyTerm(TenantRow, Model):
    """A term that a source used, and which need of ours it is; without one it is kept and counted.

    No licensed taxonomy comes with Casework: rows are made as terms are met, or loaded by whoever
    holds a licence.
    """

    __tablename__ = "taxonomy_term"
    __table_args__ = tenant_args(UniqueConstraint("service_id", "vocabulary", "code"))

    vocabulary: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(Text, default="")
    need: Mapped[NeedCode | None] = mapped_column(code_type(NeedCode))
