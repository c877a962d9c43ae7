"""Showing a claimed reminder: everything is asked again at the last moment, in one transaction."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from casework.audit import services as audit
from casework.cases.models import CaseStatus
from casework.database import now
from casework.extensions import db
from casework.followups import queries
from casework.followups.models import (
    FollowUp,
    FollowUpKind,
    FollowUpState,
    Reminder,
    ReminderStatus,
)
from casework.followups.services import windows
from casework.notices import services as notices
from casework.notices.models import LetterKind, NoticeKind
from casework.security import Actor

KIND_OF_NOTICE = {
    FollowUpKind.CALL_BACK: NoticeKind.CALL_BACK_DUE,
    FollowUpKind.TELL_PERSON: NoticeKind.TELL_PERSON,
}


def deliver(service_id: UUID, reminder_id: UUID, claim_id: UUID) -> ReminderStatus | None:
    """Show a claimed reminder, or move or cancel it; None: another claim or nothing left to do.

    Consent (R5) and the agreed hours (R10) are looked up again: a reminder never shows outside
    them. It moves to the next agreed hour, or a human is told once that there is none.
    """
    actor, at = Actor.system(service_id), now()
    follow_up_id = db.session.scalar(
        select(Reminder.follow_up_id).where(
            Reminder.id == reminder_id, Reminder.service_id == service_id
        )
    )
    # The follow-up is locked first, as by everyone who changes it, so that nobody waits in a circle.
    follow_up = queries.lock(follow_up_id) if follow_up_id else None
    reminder = _claimed(reminder_id, claim_id)
    if follow_up is None or reminder is None:
        return None
    if (
        follow_up.state is not FollowUpState.SCHEDULED
        or follow_up.case.status is not CaseStatus.OPEN
    ):
        return _cancel(reminder)
    reading = windows.read_plan(actor, follow_up.case, purpose="remind")
    if reading.consent_until is None:
        return _cancel(reminder)
    if follow_up.due_at <= at and reading.status(at).is_callable:
        _show(actor, follow_up, reminder, at)
        return ReminderStatus.SHOWN
    reminder.claim = None
    windows.replan_windows(actor, follow_up, reading=reading)
    db.session.refresh(reminder)
    return reminder.status


def _claimed(reminder_id: UUID, claim_id: UUID) -> Reminder | None:
    return db.session.scalars(
        select(Reminder)
        .where(
            Reminder.id == reminder_id,
            Reminder.claim == claim_id,
            Reminder.status == ReminderStatus.SCHEDULED,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _cancel(reminder: Reminder) -> ReminderStatus:
    reminder.status, reminder.claim = ReminderStatus.CANCELLED, None
    return ReminderStatus.CANCELLED


def _show(actor: Actor, follow_up: FollowUp, reminder: Reminder, at: datetime) -> None:
    reminder.status, reminder.claim, reminder.shown_at = ReminderStatus.SHOWN, None, at
    kind = KIND_OF_NOTICE[follow_up.kind]
    for account_id in windows.caretakers(actor, follow_up):
        key = f"{reminder.occurrence_key}:{account_id}"
        notices.tell(actor, account_id, kind, follow_up, key)
        notices.queue_letter(
            actor, LetterKind.CALL_BACKS_DUE, account_id=account_id, idempotency_key=key
        )
    audit.record(actor, "followup:reminder:shown", reminder, subjects=(follow_up.case.person_id,))
