"""The next time we reach out: what is planned, its reminders, and each attempt to call."""

import uuid
from datetime import datetime
from enum import IntEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.cases.models import Case
from casework.database import Code, Model, Moment, TenantRow, code_type, tenant_args, tenant_fk
from casework.people.models import IdentityMeans


class FollowUpKind(Code):
    """Why we reach out."""

    CALL_BACK = "call_back", _l("Call back")
    TELL_PERSON = "tell_person", _l("Tell the person")


class FollowUpState(Code):
    """Stored states (domain.md section 4); due and overdue are derived, never stored."""

    SCHEDULED = "scheduled", _l("Planned")
    COMPLETED = "completed", _l("Done")
    UNABLE_TO_REACH = "unable_to_reach", _l("Unable to reach")
    CANCELLED = "cancelled", _l("Cancelled")


class CancelReason(Code):
    """Why a follow-up was cancelled."""

    CONSENT_WITHDRAWN = "consent_withdrawn", _l("Consent withdrawn")
    CASE_CLOSED = "case_closed", _l("Case closed")
    SUPERSEDED = "superseded", _l("Replaced by another")
    PERSON_WILL_CALL = "person_will_call", _l("The person will call us")


class AttemptResult(Code):
    """What happened on the phone."""

    REACHED_PERSON = "reached_person", _l("Reached the person")
    REACHED_OTHER = "reached_other_nothing_said", _l("Someone else answered; nothing said")
    NO_ANSWER = "no_answer", _l("No answer")
    VOICEMAIL_LEFT = "voicemail_left_as_agreed", _l("Voicemail left, as agreed")
    VOICEMAIL_NOT_LEFT = "voicemail_not_left", _l("Voicemail, no message left")
    WRONG_NUMBER = "wrong_number", _l("Wrong number")
    OUT_OF_SERVICE = "out_of_service", _l("Number out of service")
    CODE_WORD_FAILED = "code_word_failed", _l("Identity not confirmed")
    UNSAFE_TO_TALK = "unsafe_to_talk", _l("Not safe: stop")
    ASKED_LATER = "asked_later", _l("Asked us to call later")
    NO_FURTHER = "no_further_followup", _l("Wants no more calls")


class CallEnding(Code):
    """How a call ended that has no result: it counts for nothing, and what was planned stays due."""

    DROPPED = "dropped", _l("The line dropped")
    LEFT = "left", _l("Left without calling")
    LAPSED = "lapsed", _l("Nobody was at the screen any more")
    FREED = "freed", _l("Freed by a supervisor")


class FreeReason(Code):
    """Why a supervisor frees a call that somebody else holds; it is audited."""

    GONE = "gone", _l("Whoever began it has left")
    STUCK = "stuck", _l("Their screen or computer stopped")
    MISTAKE = "mistake", _l("It was begun by mistake")


class OverrideReason(Code):
    """Why somebody dialled outside the agreed hours; it is audited with the call."""

    PERSON_ASKED = "person_asked", _l("The person has just asked us to call")
    HOLD_ENDS = "hold_ends", _l("A held place ends before the next agreed hour")
    DANGER = "danger", _l("Someone is in danger")


class ReminderStatus(Code):
    """Where a reminder stands; the row is the schedule (engine.md section 3)."""

    SCHEDULED = "scheduled", _l("Waiting")
    SHOWN = "shown", _l("Shown")
    CANCELLED = "cancelled", _l("Cancelled")
    DEAD = "dead", _l("Parked after too many tries")


class Rung(IntEnum):
    """Who is told of a call, one after the other, while nobody has reached the person."""

    OWNER = 0
    TEAM = 1
    SUPERVISORS = 2


class FollowUp(TenantRow, Model):
    """A planned contact; the next agreed window stands in clear so that lists can be ordered."""

    __tablename__ = "follow_up"
    __table_args__ = tenant_args(
        tenant_fk("case_id", "case", ondelete="CASCADE"),
        tenant_fk("referral_id", "referral", ondelete="CASCADE"),
        Index(
            "ix_follow_up_waiting",
            "service_id",
            "window_closes_at",
            postgresql_where="state = 'scheduled'",
        ),
        # What is planned in one case, and what was given to somebody: a small part of all there was.
        Index(
            "ix_follow_up_planned_case", "case_id", "due_at", postgresql_where="state = 'scheduled'"
        ),
        Index(
            "ix_follow_up_planned_for",
            "service_id",
            "assigned_to",
            postgresql_where="state = 'scheduled' AND assigned_to IS NOT NULL",
        ),
    )

    case_id: Mapped[uuid.UUID] = mapped_column(index=True)
    referral_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    kind: Mapped[FollowUpKind] = mapped_column(code_type(FollowUpKind))
    series: Mapped[str] = mapped_column(String(40), default="one_off")
    step: Mapped[int] = mapped_column(default=1)
    state: Mapped[FollowUpState] = mapped_column(
        code_type(FollowUpState), default=FollowUpState.SCHEDULED
    )
    cancel_reason: Mapped[CancelReason | None] = mapped_column(code_type(CancelReason))
    assigned_to: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    # What was agreed, in the person's wall time; due_at is computed from it (DST, engine.md).
    local_wall: Mapped[str] = mapped_column(String(16))
    time_zone: Mapped[str] = mapped_column(String(64))
    due_at: Mapped[datetime] = mapped_column(Moment)
    # From here on it is overdue: the end of the step, of the agreed window, or of a hold (R36).
    latest_at: Mapped[datetime] = mapped_column(Moment)
    # The agreed window that is open when it is due, or the next one, UTC; both empty: no agreed
    # hour is known (R10, R11). Good only for the plan of this version, as read at this time.
    window_opens_at: Mapped[datetime | None] = mapped_column(Moment)
    window_closes_at: Mapped[datetime | None] = mapped_column(Moment)
    plan_version: Mapped[int] = mapped_column(default=0)
    windows_read_at: Mapped[datetime] = mapped_column(Moment)
    # The rules of the zones by which the wall became UTC; under others it is read again.
    zone_rules: Mapped[str] = mapped_column(String(40), default="", server_default="")
    # Its time was agreed with the person aloud: no change of rules moves it.
    is_agreed: Mapped[bool] = mapped_column(default=False, server_default=false())
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=3)
    created_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    case: Mapped[Case] = relationship(viewonly=True, lazy="joined", innerjoin=True)


class Reminder(TenantRow, Model):
    """A prompt to staff; wake_at is both its due time and the lease of whoever claimed it."""

    __tablename__ = "reminder"
    __table_args__ = tenant_args(
        tenant_fk("follow_up_id", "follow_up", ondelete="CASCADE"),
        Index("ix_reminder_waiting", "wake_at", postgresql_where="status = 'scheduled'"),
        Index(
            "uq_reminder_waiting_follow_up",
            "follow_up_id",
            "rung",
            unique=True,
            postgresql_where="status = 'scheduled'",
        ),
        Index(
            "ix_reminder_in_hand",
            "service_id",
            "wake_at",
            postgresql_where="status = 'scheduled' AND claim IS NOT NULL",
        ),
        Index("ix_reminder_parked", "service_id", postgresql_where="status = 'dead'"),
    )

    follow_up_id: Mapped[uuid.UUID] = mapped_column(index=True)
    # Who is told: 0 whoever has it, 1 their team, 2 the supervisors (Rung).
    rung: Mapped[int] = mapped_column(default=0)
    occurrence_key: Mapped[str] = mapped_column(String(120), unique=True)
    local_wall: Mapped[str] = mapped_column(String(16))
    time_zone: Mapped[str] = mapped_column(String(64))
    due_at: Mapped[datetime] = mapped_column(Moment)
    wake_at: Mapped[datetime] = mapped_column(Moment)
    status: Mapped[ReminderStatus] = mapped_column(
        code_type(ReminderStatus), default=ReminderStatus.SCHEDULED
    )
    claim: Mapped[uuid.UUID | None]
    attempts: Mapped[int] = mapped_column(default=0)
    shown_at: Mapped[datetime | None] = mapped_column(Moment)


class Attempt(TenantRow, Model):
    """One call: begun when dialling, ended with a result; identity is a step of its own (R13).

    What was said goes into a note of the case: one place holds what is sealed about a case.
    """

    __tablename__ = "attempt"
    __table_args__ = tenant_args(
        tenant_fk("follow_up_id", "follow_up", ondelete="CASCADE"),
        tenant_fk("case_id", "case", ondelete="CASCADE"),
        tenant_fk("web_session_id", "web_session"),
        # Two navigators never call for the same reason at once; services.leases adds: nor the
        # same person or number.
        Index("uq_attempt_open", "follow_up_id", unique=True, postgresql_where="ended_at IS NULL"),
        Index("ix_attempt_alive", "service_id", "alive_until", postgresql_where="ended_at IS NULL"),
    )

    follow_up_id: Mapped[uuid.UUID] = mapped_column(index=True)
    case_id: Mapped[uuid.UUID] = mapped_column(index=True)
    by_account: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    # While it is open: until when nobody else calls this person or number. The page that makes the
    # call moves it on; a session that is locked or ended (web_session_id) frees it at once.
    alive_until: Mapped[datetime] = mapped_column(Moment)
    web_session_id: Mapped[uuid.UUID | None]
    ending: Mapped[CallEnding | None] = mapped_column(code_type(CallEnding))
    result: Mapped[AttemptResult | None] = mapped_column(code_type(AttemptResult))
    identity: Mapped[IdentityMeans | None] = mapped_column(code_type(IdentityMeans))
    # Dialled outside the agreed hours: only with a reason, and audited.
    override_reason: Mapped[OverrideReason | None] = mapped_column(code_type(OverrideReason))

    follow_up: Mapped[FollowUp] = relationship(viewonly=True)
