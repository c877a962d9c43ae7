"""Showing claimed reminders: everything is asked again at the last moment, a batch in one transaction."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from casework import database, pulse
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
    Rung,
)
from casework.followups.queries import Due
from casework.followups.services import reminders, windows
from casework.followups.services.audience import Staff, audience, owner_of
from casework.followups.services.reminders import Claimed
from casework.followups.services.windows import Reading
from casework.notices import services as notices
from casework.notices.models import LetterKind, NoticeKind
from casework.security import Actor

log = structlog.get_logger()

KIND_OF_NOTICE = {
    FollowUpKind.CALL_BACK: NoticeKind.CALL_BACK_DUE,
    FollowUpKind.TELL_PERSON: NoticeKind.TELL_PERSON,
}
# While somebody is on the phone with the person, nobody is told to call them.
ASK_AGAIN_AFTER = timedelta(minutes=2)
# How late reminders were shown, in seconds: the steps of the metric.
LATE_STEPS = (15, 60, 300, 3600)


class Verdict(StrEnum):
    """What becomes of one claimed reminder."""

    SHOW = "shown"
    MOVE = "moved"
    CANCEL = "cancelled"
    BUSY = "postponed"
    UNREADABLE = "failed"


@dataclass(frozen=True)
class Claim:
    """One claimed reminder with what was read for it."""

    due: Due
    follow_up: FollowUp
    reading: Reading | None


Done = dict[UUID, ReminderStatus]


def deliver(service_id: UUID, reminder_id: UUID, claim_id: UUID) -> ReminderStatus | None:
    """Show a claimed reminder, or move or cancel it; None: another claim or nothing left to do.

    Consent (R5) and the agreed hours (R10) are looked up again: a reminder never shows outside
    them. It moves to the next agreed hour, or a human is told once that there is none.
    """
    done = _together(Actor.system(service_id), [Claimed(reminder_id, claim_id)], waits=True)
    return done.get(reminder_id)


def deliver_batch(service_id: UUID, claimed: Sequence[Claimed]) -> Counter[ReminderStatus]:
    """Deliver claimed reminders as one piece of work, and tell how many ended how.

    One that fails does not stop the others: the batch is halved until it stands alone, and is left
    to its lease. What somebody else is changing at this moment stays claimed as well: nobody waits.
    """
    done = _in_halves(Actor.system(service_id), list(claimed))
    return Counter(done.values())


def _in_halves(actor: Actor, claimed: list[Claimed]) -> Done:
    if not claimed:
        return {}
    try:
        with database.attempt():
            return _together(actor, claimed, waits=False)
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        if len(claimed) == 1:
            log.error(
                "reminder.failed",
                reminder_id=str(claimed[0].reminder_id),
                error=type(error).__name__,
            )
            pulse.count(actor.service_id, {"failed": 1})
            return {}
    middle = len(claimed) // 2
    return _in_halves(actor, claimed[:middle]) | _in_halves(actor, claimed[middle:])


def _together(actor: Actor, claimed: Sequence[Claimed], *, waits: bool) -> Done:
    at = now()
    cases = _read(actor, claimed, waits=waits)
    busy = _busy(cases, at)
    by_verdict: dict[Verdict, list[Claim]] = {verdict: [] for verdict in Verdict}
    for case in cases:
        by_verdict[_verdict(case, at, is_busy=case.due.reminder_id in busy)].append(case)
    _show(actor, by_verdict[Verdict.SHOW], at)
    cancelled = _ids(by_verdict[Verdict.CANCEL])
    reminders.mark(cancelled, ReminderStatus.CANCELLED, None)
    postponed = _ids(by_verdict[Verdict.BUSY])
    reminders.postpone(postponed, at + ASK_AGAIN_AFTER)
    moved = _move(actor, by_verdict[Verdict.MOVE], at)
    for case in by_verdict[Verdict.UNREADABLE]:
        log.error("reminder.unreadable", reminder_id=str(case.due.reminder_id))
    _count(actor, by_verdict, at)
    return (
        dict.fromkeys(_ids(by_verdict[Verdict.SHOW]), ReminderStatus.SHOWN)
        | dict.fromkeys(cancelled, ReminderStatus.CANCELLED)
        | dict.fromkeys(postponed, ReminderStatus.SCHEDULED)
        | moved
    )


def _read(actor: Actor, claimed: Sequence[Claimed], *, waits: bool) -> list[Claim]:
    """Hold what still stands under these claims, and read the plans of whom it is about.

    Follow-ups are held first, as by everyone who changes them, so that nobody waits in a circle.
    """
    claim_ids, mine = {each.claim_id for each in claimed}, set(claimed)
    standing = queries.follow_ups_claimed(actor.service_id, claim_ids)
    wanted = {standing[one.reminder_id] for one in claimed if one.reminder_id in standing}
    held = queries.hold_all(wanted, waits=waits) if wanted else {}
    due = [
        each
        for each in queries.hold_claimed(actor.service_id, claim_ids, held.keys())
        if (each.reminder_id, each.claim_id) in mine
    ]
    people = {held[d.follow_up_id].case.person_id for d in due if _goes_on(held[d.follow_up_id])}
    readings = windows.read_plans(actor, people, purpose="remind") if people else {}
    return [
        Claim(d, held[d.follow_up_id], readings.get(held[d.follow_up_id].case.person_id))
        for d in due
    ]


def _goes_on(follow_up: FollowUp) -> bool:
    return follow_up.state is FollowUpState.SCHEDULED and follow_up.case.status is CaseStatus.OPEN


def _busy(cases: Iterable[Claim], at: datetime) -> set[UUID]:
    """Name the reminders about people, or about numbers, somebody is on the phone with (R33)."""
    phones = {
        case.due.reminder_id: {case.follow_up.case.person_id} | case.reading.sharer_ids
        for case in cases
        if case.reading is not None
    }
    called = queries.being_called(frozenset().union(*phones.values()), at)
    return {reminder_id for reminder_id, people in phones.items() if people & called}


def _verdict(case: Claim, at: datetime, *, is_busy: bool) -> Verdict:
    """Decide about one reminder from what was read just now (R5, R10)."""
    follow_up, reading = case.follow_up, case.reading
    if not _goes_on(follow_up):
        return Verdict.CANCEL
    if reading is None:
        return Verdict.UNREADABLE
    if reading.consent_until is None or (
        case.due.rung is not Rung.OWNER and windows.will_call_us(follow_up, reading)
    ):
        return Verdict.CANCEL
    if is_busy:
        return Verdict.BUSY
    if case.due.rung is Rung.OWNER:
        is_now = follow_up.due_at <= at and reading.status(at).is_callable
    else:
        # It tells that a call is overdue, at any hour; it never says to call now.
        is_now = follow_up.latest_at <= at
    return Verdict.SHOW if is_now else Verdict.MOVE


def _show(actor: Actor, cases: Sequence[Claim], at: datetime) -> None:
    if not cases:
        return
    reminders.mark(_ids(cases), ReminderStatus.SHOWN, at)
    owners = {owner for case in cases if (owner := owner_of(case.follow_up)) is not None}
    staff = Staff(actor, at, owners=owners)
    lines, letters = [], dict[UUID, str]()
    for case in cases:
        is_prompt = case.due.rung is Rung.OWNER
        kind = KIND_OF_NOTICE[case.follow_up.kind] if is_prompt else NoticeKind.CALL_OVERDUE
        for account_id in audience(case.follow_up, case.due.rung, staff):
            key = f"{case.due.occurrence_key}:{account_id}"
            table = FollowUp.__tablename__
            lines.append(notices.Line(account_id, kind, table, case.follow_up.id, key))
            if is_prompt:
                letters.setdefault(account_id, key)
    notices.tell_many(actor, lines)
    notices.queue_letters(actor, LetterKind.CALL_BACKS_DUE, letters)
    _climb(actor, [(case.follow_up, case.due.rung) for case in cases], at)
    for case in cases:
        shown = (Reminder.__tablename__, case.due.reminder_id)
        audit.record(
            actor, "followup:reminder:shown", shown, subjects=(case.follow_up.case.person_id,)
        )


def _climb(actor: Actor, steps: Sequence[tuple[FollowUp, Rung]], at: datetime) -> None:
    ladders = queries.ladders_of(actor.service_id, {follow_up.series for follow_up, _ in steps})
    reminders.climb(steps, ladders, at=at)


def _move(actor: Actor, cases: Sequence[Claim], at: datetime) -> Done:
    """Lay each into its next agreed hours; one that is refused stops no other, and keeps its lease."""
    if not cases:
        return {}
    try:
        with database.attempt():
            _move_together(actor, cases, at)
    except database.Refused as error:
        if len(cases) == 1:
            log.error("reminder.not_moved", error=type(error).__name__)
            return {}
        return {key: status for case in cases for key, status in _move(actor, [case], at).items()}
    return queries.statuses_of(_ids(cases))


def _move_together(actor: Actor, cases: Sequence[Claim], at: datetime) -> None:
    prompts = [case for case in cases if case.due.rung is Rung.OWNER]
    windows.replan_all(actor, [(c.follow_up, c.reading) for c in prompts if c.reading is not None])
    # The deadline of the others was moved since: their rungs wait for the new one.
    rungs = [case for case in cases if case.due.rung is not Rung.OWNER]
    if rungs:
        reminders.mark(_ids(rungs), ReminderStatus.CANCELLED, None)
        _climb(actor, [(case.follow_up, Rung(case.due.rung - 1)) for case in rungs], at)
    db.session.flush()


def _count(actor: Actor, by_verdict: dict[Verdict, list[Claim]], at: datetime) -> None:
    """Count what was done, and how late what was shown was."""
    counts: Counter[str] = Counter({str(v): len(cases) for v, cases in by_verdict.items()})
    for case in by_verdict[Verdict.SHOW]:
        late = max(int((at - case.due.due_at).total_seconds()), 0)
        counts["late.seconds"] += late
        counts[f"late.{next((s for s in LATE_STEPS if late <= s), 'more')}"] += 1
    pulse.count(actor.service_id, counts)


def _ids(cases: Iterable[Claim]) -> list[UUID]:
    return [case.due.reminder_id for case in cases]
