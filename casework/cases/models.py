"""A case: one person's needs and how each ended, its owner, its notes and its timeline."""

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.database import Code, Model, Moment, TenantRow, code_type, tenant_args, tenant_fk
from casework.directory.needs import NeedCode
from casework.people.models import Channel, Person
from casework.vault import SealedValue, sealed


class CaseStatus(Code):
    """A case is open or closed; everything finer stands in its needs, referrals and follow-ups."""

    OPEN = "open", lazy_pgettext("status", "Open")
    CLOSED = "closed", lazy_pgettext("status", "Closed")


class ClosureCode(Code):
    """Why a case ended."""

    NEED_MET = "need_met", _l("Needs met")
    PARTIALLY_MET = "partially_met_no_more_wanted", _l("Partly met, no more wanted")
    UNMET_NO_OPTION = "unmet_no_option", _l("Not met, no option left")
    PERSON_ENDED = "person_ended", _l("The person ended it")
    CONSENT_WITHDRAWN = "consent_withdrawn", _l("Consent withdrawn")
    CONSENT_EXPIRED = "consent_expired", _l("Consent expired")
    UNABLE_TO_REACH = "unable_to_reach", _l("Unable to reach")
    TRANSFERRED = "transferred_to_case_manager", _l("Transferred to a case manager")
    MOVED_AWAY = "moved_out_of_area", _l("Moved out of the area")
    DECEASED = "deceased", _l("Deceased")
    UNSAFE = "unsafe_to_continue", _l("Unsafe to continue")
    DUPLICATE = "duplicate", _l("Duplicate")
    OPENED_IN_ERROR = "opened_in_error", _l("Opened in error")


class NeedOutcome(Code):
    """How one need ended (Inform USA standards)."""

    PENDING = "pending", _l("Still in process")
    MET = "met", _l("Need met")
    PARTIALLY_MET = "partially_met", _l("Partly met")
    UNMET = "unmet", _l("Unmet")
    RESOLVED_OTHERWISE = "resolved_otherwise", _l("Solved another way")
    UNKNOWN = "unknown", _l("Unknown")
    NOT_DISCLOSED = "not_disclosed", _l("Not disclosed")


class Reason(Code):
    """Why help was refused or a need was not met."""

    NO_CAPACITY = "no_capacity", _l("Full")
    WAITLIST_TOO_LONG = "waitlist_too_long", _l("Wait too long")
    NO_FUNDS = "no_funds", _l("No funds or stock")
    NOT_ELIGIBLE = "not_eligible", _l("Not eligible")
    OUTSIDE_AREA = "outside_area", _l("Outside service area")
    NO_SERVICE_EXISTS = "no_service_exists", _l("No such service")
    HOURS = "hours", lazy_pgettext("reason", "Closed")
    DOCUMENTS = "documents", _l("Missing documents")
    COST = "cost", _l("Cost")
    TRANSPORT = "transport", _l("No transport")
    LANGUAGE = "language", _l("Language")
    ACCESSIBILITY = "accessibility", _l("Accessibility")
    CULTURE_FAITH = "culture_faith", _l("Not suited to culture or faith")
    HOUSEHOLD_FIT = "household_fit", _l("Household or pet")
    SAFETY = "safety", _l("Unsafe for the person")
    PARTNER_UNREACHABLE = "partner_unreachable", _l("Agency unreachable")
    PERSON_UNREACHABLE = "person_unreachable", _l("Person unreachable")
    NO_SHOW = "no_show", _l("Did not arrive")
    PERSON_DECLINED = "person_declined", _l("Person declined")
    DID_NOT_TRY = "did_not_try", _l("Did not contact")
    OTHER = "other", _l("Another reason")


class UnmetKind(Code):
    """Two kinds of unmet need, kept apart (domain.md section 5)."""

    NO_REFERRAL = "a", _l("No referral could be made")
    NOT_RECEIVED = "b", _l("Referred, but help not received")


class Source(Code):
    """Who says that it happened."""

    PERSON_REPORTED = "person_reported", _l("The person said so")
    PARTNER_CONFIRMED = "partner_confirmed", _l("The agency said so")
    NAVIGATOR_OBSERVED = "navigator_observed", _l("The navigator saw it")
    SYSTEM = "system", _l("Recorded by Casework")


class EventKind(Code):
    """What the timeline of a case tells, in fixed words."""

    OPENED = "opened", _l("Case opened")
    NEED_ADDED = "need_added", _l("Need added")
    NEED_OUTCOME = "need_outcome", _l("Outcome recorded")
    NOTE_ADDED = "note_added", _l("Note added")
    OWNER_CHANGED = "owner_changed", _l("Handed over")
    PLAN_CHANGED = "plan_changed", _l("Safe contact changed")
    CONSENT_GIVEN = "consent_given", _l("Consent recorded")
    CONSENT_ENDED = "consent_ended", _l("Consent ended")
    PERSON_CALLED = "person_called", _l("The person called us")
    IDENTITY_FAILED = "identity_failed", _l("Identity not confirmed")
    EMERGENCY = "emergency", _l("Emergency hand-off")
    CLOSED = "closed", _l("Case closed")


class EmergencyKind(Code):
    """To whom an emergency is handed (R34)."""

    E911 = "911", _l("911")
    E988 = "988", _l("988, suicide crisis helpline")
    CHILD_PROTECTION = "child_protection", _l("Child protection")


class Case(TenantRow, Model):
    """A light case, open only while its person consents to it being kept (R1)."""

    __tablename__ = "case"
    __table_args__ = tenant_args(
        tenant_fk("person_id", "person"),
        UniqueConstraint("service_id", "ref"),
        # A navigator's own cases, oldest first: what My day begins with.
        Index(
            "ix_case_open",
            "service_id",
            "owner_id",
            "opened_at",
            "id",
            postgresql_where="status = 'open'",
        ),
        # Those of nobody: "IS NULL" keeps no order in an index that begins with the owner.
        Index(
            "ix_case_nobodys",
            "service_id",
            "opened_at",
            "id",
            postgresql_where="status = 'open' AND owner_id IS NULL",
        ),
    )

    ref: Mapped[str] = mapped_column(String(8))
    person_id: Mapped[uuid.UUID] = mapped_column(index=True)
    status: Mapped[CaseStatus] = mapped_column(code_type(CaseStatus), default=CaseStatus.OPEN)
    owner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    opened_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closure: Mapped[ClosureCode | None] = mapped_column(code_type(ClosureCode))
    is_sensitive: Mapped[bool] = mapped_column(default=False)
    region: Mapped[str] = mapped_column(String(80), default="")
    channel: Mapped[Channel] = mapped_column(code_type(Channel), default=Channel.PHONE)
    language: Mapped[str] = mapped_column(String(35), default="en")
    adults: Mapped[int] = mapped_column(default=1)
    children: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    person: Mapped[Person] = relationship(viewonly=True)
    needs: Mapped[list["CaseNeed"]] = relationship(
        order_by="CaseNeed.position", viewonly=True, lazy="selectin"
    )

    @property
    def key_owner_id(self) -> uuid.UUID:
        """Notes and referral details are sealed under the case's own key (R16)."""
        return self.id


class CaseNeed(TenantRow, Model):
    """One need of a case, and how it ended."""

    __tablename__ = "case_need"
    __table_args__ = tenant_args(tenant_fk("case_id", "case", ondelete="CASCADE"))

    case_id: Mapped[uuid.UUID] = mapped_column(index=True)
    code: Mapped[NeedCode] = mapped_column(code_type(NeedCode))
    position: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[NeedOutcome] = mapped_column(
        code_type(NeedOutcome), default=NeedOutcome.PENDING
    )
    reason: Mapped[Reason | None] = mapped_column(code_type(Reason))
    unmet_kind: Mapped[UnmetKind | None] = mapped_column(code_type(UnmetKind))
    source: Mapped[Source | None] = mapped_column(code_type(Source))
    outcome_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)


class CaseNote(TenantRow, Model):
    """A note in a navigator's own words, sealed under the case's key."""

    __tablename__ = "case_note"
    __table_args__ = tenant_args(tenant_fk("case_id", "case", ondelete="CASCADE"))

    case_id: Mapped[uuid.UUID] = mapped_column(index=True)
    body: Mapped[SealedValue | None] = sealed("case_note", "body")
    written_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    written_at: Mapped[datetime] = mapped_column(Moment)

    @property
    def key_owner_id(self) -> uuid.UUID:
        """A note is sealed under its case's key."""
        return self.case_id


class CaseEvent(TenantRow, Model):
    """One line of a case's timeline: a code, who, when, and the id or code it is about."""

    __tablename__ = "case_event"
    __table_args__ = tenant_args(
        tenant_fk("case_id", "case", ondelete="CASCADE"), Index(None, "case_id", "at")
    )

    case_id: Mapped[uuid.UUID]
    kind: Mapped[EventKind] = mapped_column(code_type(EventKind))
    at: Mapped[datetime] = mapped_column(Moment)
    actor_id: Mapped[uuid.UUID | None]
    subject_id: Mapped[uuid.UUID | None]
    code: Mapped[str | None] = mapped_column(String(60))


class EmergencyHandOff(TenantRow, Model):
    """A hand-off to 911, 988 or child protection, recorded afterwards, with or without a case (R34)."""

    __tablename__ = "emergency_hand_off"
    __table_args__ = tenant_args(tenant_fk("case_id", "case", ondelete="SET NULL"))

    kind: Mapped[EmergencyKind] = mapped_column(code_type(EmergencyKind))
    at: Mapped[datetime] = mapped_column(Moment)
    by_account: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    case_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
