"""The person: sealed details, the safe-contact plan, consent by purpose, and who may see them."""

import uuid
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from casework.database import Code, Model, Moment, TenantRow, code_type, tenant_args, tenant_fk
from casework.directory.needs import NeedCode, NeedGroup
from casework.vault import SealedValue, sealed


class Channel(Code):
    """How the person came to us, or how we may write to them."""

    PHONE = "phone", _l("Phone")
    TEXT = "text", _l("Text")
    CHAT = "chat", _l("Chat")
    EMAIL = "email", _l("Email")


class WhenToCall(Code):
    """When a call is agreed; nothing said means ask first, which is never callable (R11)."""

    WINDOWS = "windows", _l("At agreed hours")
    ANY_TIME = "any_time", _l("Any time")
    WILL_CALL_US = "will_call_us", _l("Do not call: the person will call us")
    ASK_FIRST = "ask_first", _l("Not known: ask first")


class VoicemailRule(Code):
    """Whether a voicemail may be left; unknown is read as never (R11)."""

    NEVER = "never", _l("Never")
    DISCREET = "discreet", _l("Yes, without naming the service")
    NAMED = "named", _l("Yes, naming 211")


class PhoneKind(Code):
    """Whose phone it is (R37)."""

    OWN = "own", _l("Their own")
    SHARED = "shared", _l("Shared")
    BORROWED = "borrowed", _l("Borrowed")
    RELAY = "relay", _l("A trusted person’s")


class Purpose(Code):
    """What a consent is for; one answer each, and one answer never grants two (R2)."""

    KEEP_CASE = "keep_case", _l("Keep a case")
    CALL_BACK = "call_back", _l("Call back")
    SHARE_WITH_PARTNER = "share_with_partner", _l("Share with an agency")
    LEAVE_VOICEMAIL = "leave_voicemail", _l("Leave a voicemail")
    TEXT_MESSAGE = "text_message", _l("Send a text")
    QUALITY_REVIEW = "quality_review", _l("Quality review")
    DEIDENTIFIED_STORY = "deidentified_story", _l("Tell the story without names")


class HowGiven(Code):
    """How the person answered."""

    VERBAL = "verbal", _l("Spoken")
    WRITTEN = "written", _l("Written")


class IdentityMeans(Code):
    """How identity was confirmed (R32); a phone number or a harmless yes is never enough."""

    CODE_WORD = "code_word", _l("Code word")
    AGREED_QUESTIONS = "agreed_questions", _l("Agreed questions")
    FAILED = "failed", _l("Not confirmed")


class ConsentEnd(Code):
    """Why a consent no longer holds."""

    WITHDRAWN = "withdrawn", _l("Withdrawn by the person")
    EXPIRED = "expired", _l("Expired")
    REPLACED = "replaced", _l("Asked again")


class AccessReason(Code):
    """Why a member of staff may see a person; written each time it begins."""

    OPENED_CASE = "opened_case", _l("Opened the case")
    ASSIGNED = "assigned", _l("The case was handed over")
    PERSON_CALLED = "person_called", _l("The person called back")
    COVERING = "covering", _l("Covering a colleague’s shift")
    AGENCY_CALLED = "agency_called", _l("An agency called about it")
    QUALITY_REVIEW = "quality_review", _l("Quality review")
    COMPLAINT = "complaint", _l("Complaint or incident")
    PERSON_ASKED = "person_asked", _l("The person asked for their record")


class Person(TenantRow, Model):
    """A person who consented: every detail is sealed under a key of their own (R16)."""

    __tablename__ = "person"
    __table_args__ = tenant_args()

    full_name: Mapped[SealedValue | None] = sealed("person", "full_name")
    safe_name: Mapped[SealedValue | None] = sealed("person", "safe_name")
    phone: Mapped[SealedValue | None] = sealed("person", "phone")
    email: Mapped[SealedValue | None] = sealed("person", "email")
    handle: Mapped[SealedValue | None] = sealed("person", "handle")
    area: Mapped[SealedValue | None] = sealed("person", "area")
    children_ages: Mapped[SealedValue | None] = sealed("person", "children_ages")
    pets: Mapped[SealedValue | None] = sealed("person", "pets")
    access_needs: Mapped[SealedValue | None] = sealed("person", "access_needs")
    culture_faith: Mapped[SealedValue | None] = sealed("person", "culture_faith")
    language: Mapped[str] = mapped_column(String(35), default="en")
    needs_interpreter: Mapped[bool] = mapped_column(default=False)
    # A case of theirs is sensitive: no area is kept (R19), and household facts prove nothing (R32).
    is_sensitive: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def key_owner_id(self) -> uuid.UUID:
        """The vault's owner of this row's key: the person themselves."""
        return self.id


class ContactPlan(TenantRow, Model):
    """How a person may be reached without harm (R9); only the zone and the kind stand in clear."""

    __tablename__ = "contact_plan"
    __table_args__ = tenant_args(tenant_fk("person_id", "person", ondelete="CASCADE"))

    person_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    time_zone: Mapped[str] = mapped_column(String(64))
    when: Mapped[WhenToCall] = mapped_column(code_type(WhenToCall), default=WhenToCall.ASK_FIRST)
    # [{"days": [0..6], "start": "09:00", "end": "11:30"}], wall time in time_zone, 0 = Monday.
    windows: Mapped[SealedValue | None] = sealed("contact_plan", "windows")
    # Exceptions win over any hours: weekdays [4], and dates [{"first": ..., "last": ...}].
    days_off: Mapped[SealedValue | None] = sealed("contact_plan", "days_off", is_later=True)
    dates_off: Mapped[SealedValue | None] = sealed("contact_plan", "dates_off", is_later=True)
    # [{"day": "2026-12-24", "start": "09:00", "end": "11:30"}]: agreed for that date only.
    one_offs: Mapped[SealedValue | None] = sealed("contact_plan", "one_offs", is_later=True)
    channel: Mapped[SealedValue | None] = sealed("contact_plan", "channel")
    phone_kind: Mapped[SealedValue | None] = sealed("contact_plan", "phone_kind")
    voicemail_rule: Mapped[SealedValue | None] = sealed("contact_plan", "voicemail_rule")
    voicemail_script: Mapped[SealedValue | None] = sealed("contact_plan", "voicemail_script")
    code_word: Mapped[SealedValue | None] = sealed("contact_plan", "code_word")
    # [{"question": ..., "answer": ...}]: what was agreed to ask besides the code word (R32).
    agreed_questions: Mapped[SealedValue | None] = sealed("contact_plan", "agreed_questions")
    cover_name: Mapped[SealedValue | None] = sealed("contact_plan", "cover_name")
    who_may_answer: Mapped[SealedValue | None] = sealed("contact_plan", "who_may_answer")
    is_caller_id_shown: Mapped[SealedValue | None] = sealed("contact_plan", "is_caller_id_shown")
    dropped_call_rule: Mapped[SealedValue | None] = sealed("contact_plan", "dropped_call_rule")
    is_text_allowed: Mapped[SealedValue | None] = sealed("contact_plan", "is_text_allowed")
    # Set by a failed identity step (R13): nobody calls until a navigator has made the plan again.
    is_unsafe: Mapped[bool] = mapped_column(default=False)
    last_confirmed_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    @property
    def key_owner_id(self) -> uuid.UUID:
        """The plan is sealed under the person's key."""
        return self.person_id


class ConsentWording(TenantRow, Model):
    """The sentence that is said aloud for one purpose, in one language, in one version (R2)."""

    __tablename__ = "consent_wording"
    __table_args__ = tenant_args()

    purpose: Mapped[Purpose] = mapped_column(code_type(Purpose))
    language: Mapped[str] = mapped_column(String(8))
    version: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(Text)
    is_current: Mapped[bool] = mapped_column(default=True)


class Consent(TenantRow, Model):
    """One answer for one purpose (R2); a share names an agency or a category of need (R4)."""

    __tablename__ = "consent"
    __table_args__ = tenant_args(
        tenant_fk("person_id", "person", ondelete="CASCADE"),
        tenant_fk("wording_id", "consent_wording"),
        Index("ix_consent_ending", "expires_at", postgresql_where="ended_at IS NULL"),
        # What holds of one person, asked for every row of My day.
        Index(
            "ix_consent_in_force",
            "person_id",
            "purpose",
            "expires_at",
            postgresql_where="is_given AND ended_at IS NULL",
        ),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(index=True)
    purpose: Mapped[Purpose] = mapped_column(code_type(Purpose))
    is_given: Mapped[bool]
    wording_id: Mapped[uuid.UUID | None]
    language: Mapped[str] = mapped_column(String(35))
    how_given: Mapped[HowGiven] = mapped_column(code_type(HowGiven), default=HowGiven.VERBAL)
    heard_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    given_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    end: Mapped[ConsentEnd | None] = mapped_column(code_type(ConsentEnd))
    warned_at: Mapped[datetime | None] = mapped_column(Moment)
    # For sharing: exactly one of these names whom. The agency's id is sealed, since where a
    # survivor goes is personal information; the category is a need of the short list.
    category: Mapped[NeedCode | None] = mapped_column(code_type(NeedCode))
    named_partner: Mapped[SealedValue | None] = sealed("consent", "named_partner")

    @property
    def key_owner_id(self) -> uuid.UUID:
        """A consent is sealed under the person's key."""
        return self.person_id


class PersonAccess(TenantRow, Model):
    """Who may see a person, why, and from when until when; one table answers that question."""

    __tablename__ = "person_access"
    __table_args__ = tenant_args(
        tenant_fk("person_id", "person", ondelete="CASCADE"),
        Index(None, "service_id", "account_id", "person_id"),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[AccessReason] = mapped_column(code_type(AccessReason))
    from_at: Mapped[datetime] = mapped_column(Moment)
    until_at: Mapped[datetime | None] = mapped_column(Moment)


class AnonymousContact(Model):
    """R1's daily counter for those who said no: no row of its own, no time of day, no subject."""

    __tablename__ = "anonymous_contact"

    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    channel: Mapped[Channel] = mapped_column(code_type(Channel), primary_key=True)
    language: Mapped[str] = mapped_column(String(35), primary_key=True)
    need_group: Mapped[NeedGroup] = mapped_column(code_type(NeedGroup), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, default=0)
