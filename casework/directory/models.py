"""Organisations and the services they offer, named as in HSDS 3.0."""

import uuid
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.database import Code, Model, TenantRow, code_type, tenant_args, tenant_fk
from casework.directory.listing_models import Phone
from casework.directory.needs import NeedCode

# Kinds of lines that somebody answers, the best last; fax and text are none.
VOICE = ("", "cell", "voice")


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
    __table_args__ = tenant_args(UniqueConstraint("service_id", "source", "source_id"))

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
    alternate_name: Mapped[str] = mapped_column(Text, default="")
    description_en: Mapped[str] = mapped_column(Text, default="")
    description_fr: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(Text, default="")
    # Where the entry comes from, and its id there; without an id it was written by hand.
    source: Mapped[str] = mapped_column(String(40), default="")
    source_id: Mapped[str | None] = mapped_column(String(120))


def _main_need_alone(context: DefaultExecutionContext) -> list[str]:
    """Let a service that names no further needs answer its main one."""
    given = context.current_parameters or {}
    return [str(NeedCode(given["need"]).value)]


class DirectoryService(TenantRow, Model):
    """Something an organisation offers: for which needs, who may come, when, and what suits whom."""

    __tablename__ = "directory_service"
    __table_args__ = tenant_args(
        tenant_fk("organization_id", "organization"),
        UniqueConstraint("service_id", "source", "source_id"),
        Index("ix_directory_service_needs", "needs", postgresql_using="gin"),
        Index("ix_directory_service_search", "search", postgresql_using="gin"),
        # What an import did not see again is found by this.
        Index("ix_directory_service_source", "service_id", "source", "seen_in"),
    )

    organization_id: Mapped[uuid.UUID] = mapped_column(index=True)
    need: Mapped[NeedCode] = mapped_column(code_type(NeedCode), index=True)
    # Every need it answers, the main one among them.
    needs: Mapped[list[str]] = mapped_column(ARRAY(Text), default=_main_need_alone)
    name_en: Mapped[str] = mapped_column(Text, default="")
    name_fr: Mapped[str] = mapped_column(Text, default="")
    description_en: Mapped[str] = mapped_column(Text, default="")
    description_fr: Mapped[str] = mapped_column(Text, default="")
    eligibility_en: Mapped[str] = mapped_column(Text, default="")
    eligibility_fr: Mapped[str] = mapped_column(Text, default="")
    minimum_age: Mapped[int | None]
    maximum_age: Mapped[int | None]
    hours_en: Mapped[str] = mapped_column(Text, default="")
    hours_fr: Mapped[str] = mapped_column(Text, default="")
    cost_en: Mapped[str] = mapped_column(Text, default="")
    cost_fr: Mapped[str] = mapped_column(Text, default="")
    application_en: Mapped[str] = mapped_column(Text, default="")
    application_fr: Mapped[str] = mapped_column(Text, default="")
    documents_en: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    documents_fr: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    service_areas: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    # “vocabulary:code” as the source gives them; taxonomy_term says which need each is.
    terms: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    url: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(Text, default="")
    features: Mapped[list[str]] = mapped_column(JSON, default=list)
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_open_all_hours: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(String(40), default="")
    source_id: Mapped[str | None] = mapped_column(String(120))
    # The import that saw it last: what the newest did not see has vanished from its source.
    seen_in: Mapped[uuid.UUID | None]
    # Its words and marks, folded and stemmed; search_services alone writes them.
    search: Mapped[str] = mapped_column(TSVECTOR, server_default="", deferred=True)

    organization: Mapped[Organization] = relationship(lazy="joined", viewonly=True)
    phones: Mapped[list[Phone]] = relationship(viewonly=True, order_by=Phone.id)

    @property
    def number(self) -> str:
        """Give the number to call, as a tel: address has it: its own voice line, else its agency’s."""
        lines = [line for line in self.phones if line.kind.lower() in VOICE and line.number]
        if not lines:
            return self.organization.phone
        # What is said to be for voices before what says nothing.
        line = max(lines, key=lambda each: VOICE.index(each.kind.lower()))
        return f"{line.number};ext={line.extension}" if line.extension.isdigit() else line.number
