"""A referral: one agency asked for one need, its 12 states, its events and its no-login links."""

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.cases.models import Case, CaseNeed, Reason, Source
from casework.database import Code, Model, Moment, TenantRow, code_type, tenant_args, tenant_fk
from casework.directory.models import Organization
from casework.vault import SealedValue, sealed


class ReferralState(Code):
    """The 12 states of domain.md section 3 (FHIR Task)."""

    DRAFT = "draft", _l("Waits its turn")
    REQUESTED = "requested", _l("Asked")
    INFO_NEEDED = "info_needed", _l("More information asked")
    WAITLISTED = "waitlisted", _l("On the waiting list")
    ACCEPTED = "accepted", _l("Place held")
    IN_PROGRESS = "in_progress", _l("On the way")
    CONFIRMED = "confirmed", _l("Arrived")
    DECLINED = "declined", _l("Declined")
    NOT_FULFILLED = "not_fulfilled", _l("Did not come")
    WITHDRAWN = "withdrawn", _l("Withdrawn")
    RECALLED = "recalled", _l("Recalled")
    EXPIRED = "expired", _l("Expired without an answer")


class Urgency(Code):
    """Urgent requests never wait for the morning."""

    URGENT = "urgent", _l("Tonight")
    ROUTINE = "routine", _l("Routine")


class LinkPurpose(Code):
    """What a no-login link is good for."""

    ANSWER = "answer", _l("Answer a request")
    ARRIVAL = "arrival", _l("Say whether the person arrived")
    WITHDRAWN = "withdrawn", _l("Learn that a request was withdrawn")


class Remark(Code):
    """What an agency answers without moving the request to another state."""

    WITHHELD = "withheld", _l("The agency may not say")
    CALL_US = "call_us", _l("The agency asks the person to call")
    HOLD_EXTENDED = "hold_extended", _l("Hold extended")
    LATE_YES = "late_yes", _l("The agency says yes after all")
    STILL_LISTED = "still_listed", _l("Still on the waiting list")
    WARM_TRANSFER = "warm_transfer", _l("Warm transfer: connected on the line")
    ENTERED_IN_ERROR = "entered_in_error", _l("Entered in error")


class CallEvery(Code):
    """How often an agency wants to be called, so that a place on its waiting list is kept."""

    NEVER = "never", _l("No call is needed")
    DAY = "day", _l("Every day")
    BUSINESS_DAY = "business_day", _l("Every business day")
    WEEK = "week", _l("Every week")


class CalledBy(Code):
    """Who makes that call."""

    SERVICE = "service", _l("The team of the service")
    PERSON = "person", _l("The person")


class Referral(TenantRow, Model):
    """One request to one agency; in a sensitive case the agency itself is sealed (R16)."""

    __tablename__ = "referral"
    __table_args__ = tenant_args(
        tenant_fk("case_id", "case", ondelete="CASCADE"),
        tenant_fk("need_id", "case_need", ondelete="CASCADE"),
        tenant_fk("organization_id", "organization"),
        tenant_fk("consent_id", "consent"),
        tenant_fk("supersedes_id", "referral"),
        tenant_fk("ladder_id", "referral_ladder"),
        UniqueConstraint("service_id", "ref"),
        Index("ix_referral_open", "service_id", "state"),
        Index(
            "ix_referral_organization",
            "service_id",
            "organization_id",
            "state",
            postgresql_where=text("organization_id IS NOT NULL"),
        ),
        Index(
            "ix_referral_round",
            "service_id",
            "round_id",
            "turn",
            unique=True,
            postgresql_where=text("round_id IS NOT NULL"),
        ),
    )

    ref: Mapped[str] = mapped_column(String(8))
    case_id: Mapped[uuid.UUID] = mapped_column(index=True)
    need_id: Mapped[uuid.UUID] = mapped_column(index=True)
    state: Mapped[ReferralState] = mapped_column(
        code_type(ReferralState), default=ReferralState.DRAFT
    )
    urgency: Mapped[Urgency] = mapped_column(code_type(Urgency), default=Urgency.ROUTINE)
    is_sensitive: Mapped[bool] = mapped_column(default=False)
    # Exactly one of these two names the agency: in clear, or sealed with the case's key.
    organization_id: Mapped[uuid.UUID | None]
    # The consent that allowed sharing at send time; looked at again whenever a link is (R4),
    # so that a page which must open nothing need not open the consent either.
    consent_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    partner: Mapped[SealedValue | None] = sealed("referral", "partner")
    # What the agency may read (alias, diet, access ...), and what it answered in its own words.
    request_details: Mapped[SealedValue | None] = sealed("referral", "request_details")
    answer_details: Mapped[SealedValue | None] = sealed("referral", "answer_details")
    # What a place should have, as it was ticked while asking: for the next one, told to nobody.
    wishes: Mapped[SealedValue | None] = sealed("referral", "wishes", is_later=True)
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    requested_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    hold_until: Mapped[datetime | None] = mapped_column(Moment)
    # The ladder it was promised when it was asked; None: the standard one.
    ladder_id: Mapped[uuid.UUID | None]
    # When the clock next does something, and when at the latest an agency can answer.
    wake_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[Reason | None] = mapped_column(code_type(Reason))
    is_outcome_withheld: Mapped[bool] = mapped_column(default=False)
    wants_person_to_call: Mapped[bool] = mapped_column(default=False)
    supersedes_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    # Agencies asked one after the other: which belong together, and when it is whose turn.
    round_id: Mapped[uuid.UUID | None]
    turn: Mapped[int | None]
    # On a waiting list: the rank, when it was said, and who must call how often to keep it. All of
    # it stays when the list is left, for an answer that is taken back.
    list_rank: Mapped[int | None]
    rank_said_at: Mapped[datetime | None] = mapped_column(Moment)
    call_every: Mapped[CallEvery | None] = mapped_column(code_type(CallEvery))
    called_by: Mapped[CalledBy | None] = mapped_column(code_type(CalledBy))
    is_entered_in_error: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    case: Mapped[Case] = relationship(viewonly=True)
    need: Mapped[CaseNeed] = relationship(viewonly=True, lazy="joined")
    organization: Mapped[Organization | None] = relationship(viewonly=True)

    @property
    def key_owner_id(self) -> uuid.UUID:
        """A referral is sealed under its case's key."""
        return self.case_id


class ReferralEvent(TenantRow, Model):
    """One transition: from, to, who says so, when; in sensitive cases the actor is sealed (R16)."""

    __tablename__ = "referral_event"
    __table_args__ = tenant_args(
        tenant_fk("referral_id", "referral", ondelete="CASCADE"),
        tenant_fk("case_id", "case", ondelete="CASCADE"),
        UniqueConstraint("referral_id", "position"),
    )

    referral_id: Mapped[uuid.UUID]
    # Several events may share one transaction and so one time: this is their order.
    position: Mapped[int]
    case_id: Mapped[uuid.UUID] = mapped_column(index=True)
    from_state: Mapped[ReferralState] = mapped_column(code_type(ReferralState))
    to_state: Mapped[ReferralState] = mapped_column(code_type(ReferralState))
    source: Mapped[Source] = mapped_column(code_type(Source))
    at: Mapped[datetime] = mapped_column(Moment)
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[uuid.UUID | None]
    actor: Mapped[SealedValue | None] = sealed("referral_event", "actor")
    reason: Mapped[Reason | None] = mapped_column(code_type(Reason))
    is_undo: Mapped[bool] = mapped_column(default=False)
    # An answer that leaves the state where it is; from_state and to_state are then the same.
    remark: Mapped[Remark | None] = mapped_column(code_type(Remark))
    # The rank on a waiting list that was said with it.
    list_rank: Mapped[int | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(80), unique=True)

    @property
    def key_owner_id(self) -> uuid.UUID:
        """An event is sealed under its case's key."""
        return self.case_id


class ReferralLink(TenantRow, Model):
    """A no-login link bound to one referral; only a hash of its token is kept."""

    __tablename__ = "referral_link"
    __table_args__ = tenant_args(tenant_fk("referral_id", "referral", ondelete="CASCADE"))

    referral_id: Mapped[uuid.UUID] = mapped_column(index=True)
    purpose: Mapped[LinkPurpose] = mapped_column(code_type(LinkPurpose))
    # The agency's language and clock, copied here because in a sensitive case the agency itself
    # is sealed and a GET opens nothing.
    locale: Mapped[str] = mapped_column(String(8), default="en_CA")
    time_zone: Mapped[str] = mapped_column(String(64), default="America/Toronto")
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    consumed_at: Mapped[datetime | None] = mapped_column(Moment)
    # The short session that the first answering POST opens, so that an answer can be undone.
    session_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
