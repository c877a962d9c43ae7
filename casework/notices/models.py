"""What Casework tells staff and agencies: the in-app list (the truth) and the outbox of mails."""

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.database import Code, Model, Moment, TenantRow, code_type, tenant_args
from casework.vault import SealedValue, sealed


class NoticeKind(Code):
    """Every notice there is; its words are fixed and speak of nobody (R12)."""

    CALL_BACK_DUE = "call_back_due", _l("A call-back is due")
    TELL_PERSON = "tell_person", _l("An agency answered: tell the person")
    CALL_OVERDUE = "call_overdue", _l("Overdue, and nobody has reached the person")
    LIST_CALL_DUE = "list_call_due", _l("A call to an agency is due: it keeps a place on its list")
    LIST_CALL_OVERDUE = (
        "list_call_overdue",
        _l("Overdue: call the agency, to keep the place on its list"),
    )
    NO_SAFE_WINDOW = "no_safe_window", _l("Overdue, and no agreed hour is left")
    DID_NOT_CALL = "did_not_call", _l("They wanted to call us, and have not")
    AGENCY_ANSWERED = "agency_answered", _l("An agency answered")
    REQUEST_EXPIRED = "request_expired", _l("A request expired without an answer")
    AGENCY_SILENT = "agency_silent", _l("An agency has not answered: call it")
    AGENCY_ASKS = "agency_asks", _l("An agency waits for our answer to its question")
    PLACE_LOST = "place_lost", _l("An agency can no longer hold a place")
    LATE_YES = "late_yes", _l("An agency says yes after all: its request had expired")
    LETTER_UNKNOWN = "letter_unknown", _l("A message may not have left: check by phone")
    DRIVER_LINE = "driver_line", _l("What a driver is told names a shelter: write another line")
    HOLD_ENDING = "hold_ending", _l("A held place ends soon")
    CONSENT_ENDING = "consent_ending", _l("A consent ends within 3 days")
    IDENTITY_LOCKED = "identity_locked", _l("Five failed identity checks within an hour")
    CASE_ASSIGNED = "case_assigned", _l("A case was handed to you")
    ERASED_BY_VOICE = "erased_by_voice", _l("A record was erased: its person asked on the phone")
    OUTCOME_CORRECTED = "outcome_corrected", _l("A confirmed arrival was corrected")


class Notice(TenantRow, Model):
    """One line of somebody's in-app list; occurrence_key makes a second delivery impossible."""

    __tablename__ = "notice"
    __table_args__ = tenant_args(Index(None, "service_id", "account_id", "seen_at"))

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[NoticeKind] = mapped_column(code_type(NoticeKind))
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[uuid.UUID] = mapped_column(index=True)
    occurrence_key: Mapped[str] = mapped_column(String(120), unique=True)
    at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)


class LetterKind(Code):
    """Every message that may leave the building; each has one fixed template (R12)."""

    CALL_BACKS_DUE = "call_backs_due", _l("Call-backs due")
    DAY_DIGEST = "day_digest", _l("My day, when it begins")
    TEAM_DIGEST = "team_digest", _l("Summary of the team")
    AGENCY_REQUEST = "agency_request", _l("Request to an agency")
    AGENCY_NUDGE = "agency_nudge", _l("Request to an agency, a second time")
    AGENCY_LISTED = "agency_listed", _l("Waiting list: a new link for the agency")
    AGENCY_ARRIVAL = "agency_arrival", _l("Arrival to confirm by an agency")
    AGENCY_HOLD = "agency_hold", _l("Place to hold longer")
    AGENCY_WITHDRAWN = "agency_withdrawn", _l("Request withdrawn")


class LetterStatus(Code):
    """Where a message stands; unknown is shown to a person and never resent by itself."""

    QUEUED = "queued", _l("Waiting to be sent")
    SENDING = "sending", _l("Being sent")
    SENT = "sent", _l("Sent")
    FAILED = "failed", _l("Not sent")
    UNKNOWN = "unknown", _l("Unknown whether it left")
    CANCELLED = "cancelled", _l("Cancelled")


class Letter(TenantRow, Model):
    """One outgoing message as ids only: who it goes to and what it says is worked out at sending."""

    __tablename__ = "letter"
    __table_args__ = tenant_args(
        Index("ix_letter_waiting", "wake_at", postgresql_where="status IN ('queued', 'sending')")
    )

    kind: Mapped[LetterKind] = mapped_column(code_type(LetterKind))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    subject_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    # Instead of a subject, once that is erased: the agency that must still hear “withdrawn”.
    addressee: Mapped[SealedValue | None] = sealed("letter", "addressee")
    status: Mapped[LetterStatus] = mapped_column(
        code_type(LetterStatus), default=LetterStatus.QUEUED
    )
    idempotency_key: Mapped[str] = mapped_column(String(120), unique=True)
    wake_at: Mapped[datetime] = mapped_column(Moment)
    claim: Mapped[uuid.UUID | None]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def key_owner_id(self) -> uuid.UUID:
        """A letter whose subject is erased has a key of its own, gone once it has left (R16)."""
        return self.id


class MailChoice(TenantRow, Model):
    """Which mails a member of staff wants and when none may leave; the in-app list stays whole."""

    __tablename__ = "mail_choice"
    __table_args__ = tenant_args(UniqueConstraint("service_id", "account_id"))

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    wants_call_backs: Mapped[bool]
    wants_day: Mapped[bool]
    wants_team: Mapped[bool]
    # Whole hours on the account's own wall clock.
    day_begins: Mapped[int]
    quiet_from: Mapped[int | None]
    quiet_until: Mapped[int | None]
