"""Small scenes for the tests of follow-ups: somebody who agreed to be called, and the time of day."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from casework import cases, database, people
from casework.cases.models import Case
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.followups import services
from casework.followups.models import FollowUp, Reminder, ReminderStatus, Rung
from casework.notices.models import Notice
from casework.people.models import Purpose
from casework.people.services import ConsentAnswer
from casework.security import Actor

TORONTO = ZoneInfo("America/Toronto")
CODE_WORD = "blue heron"
_numbers = count()
MORNINGS = [{"days": [0, 1, 2, 3, 4, 5, 6], "start": "09:00", "end": "11:30"}]


def at(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    """Give a moment of 2026 on Toronto's wall clock; 23 November is a Monday."""
    return datetime(2026, month, day, hour, minute, tzinfo=TORONTO)


def a_number() -> str:
    """Give a number nobody else in the tests has: shared numbers obey the strictest plan (R33)."""
    number = next(_numbers)
    return f"+1514{200 + number // 1000 % 700}{number % 1000:04d}"


def case_of(
    actor: Actor,
    *,
    needs: Iterable[NeedCode] = (NeedCode.FOOD,),
    purposes: Iterable[Purpose] = (Purpose.KEEP_CASE, Purpose.CALL_BACK),
    details: dict[str, Any] | None = None,
    consent_days: int | None = None,
    **plan: Any,
) -> Case:
    """Open a case for a person with daily mornings, unless the plan says otherwise."""
    person = people.services.register_person(
        actor,
        details={"safe_name": "Maya", "phone": a_number()} | (details or {}),
        plan={
            "when": "windows",
            "windows": MORNINGS,
            "time_zone": "America/Toronto",
            "code_word": CODE_WORD,
        }
        | plan,
    )
    expires_at = database.now() + timedelta(days=consent_days) if consent_days else None
    # Calls end with the case at the latest: who may be called for long keeps it as long (R1).
    lasting = {Purpose.CALL_BACK} | ({Purpose.KEEP_CASE} if (consent_days or 0) > 45 else set())
    people.services.record_consents(
        actor,
        person,
        [ConsentAnswer(p, True, expires_at=expires_at if p in lasting else None) for p in purposes],
    )
    return cases.services.open_case(actor, person, needs=list(needs), adults=1, children=0)


def call_at(actor: Actor, case: Case, moment: datetime) -> FollowUp:
    """Plan one call at a moment, written on Toronto's clock."""
    local = moment.astimezone(TORONTO)
    return services.plan_call_back(actor, case, local_day=local.date(), local_time=local.time())


def reminders_of(
    follow_up: FollowUp, status: ReminderStatus | None = None, rung: Rung = Rung.OWNER
) -> list[Reminder]:
    """List the reminders of a follow-up at one rung as they stand in the database."""
    db.session.flush()
    wanted = select(Reminder).where(Reminder.follow_up_id == follow_up.id, Reminder.rung == rung)
    if status is not None:
        wanted = wanted.where(Reminder.status == status)
    ordered = wanted.order_by(Reminder.due_at).execution_options(populate_existing=True)
    return list(db.session.scalars(ordered))


def notices_about(follow_up: FollowUp) -> list[Notice]:
    """List what staff were told about a follow-up."""
    found = select(Notice).where(Notice.subject_id == follow_up.id).order_by(Notice.at)
    return list(db.session.scalars(found))


def deliver_all(service_id: Any) -> list[ReminderStatus | None]:
    """Claim everything that is due and deliver it, as a sweep and its workers do."""
    return [
        services.deliver(service_id, claimed.reminder_id, claimed.claim_id)
        for claimed in services.claim(service_id)
    ]
