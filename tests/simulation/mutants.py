"""Broken engines: each has one fault that other projects shipped, and the judge must see it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from casework import people
from casework.database import now
from casework.extensions import db
from casework.followups import safe_time
from casework.followups import services as followups
from casework.followups.models import Reminder, ReminderStatus
from casework.followups.safe_time import Span
from casework.followups.services import Claimed, delivery, endings
from casework.people.contact_plan import Plan
from casework.people.models import WhenToCall
from casework.simulation import lives

SERVER_ZONE = "America/Toronto"
# A Monday of the winter, on which some engines would lay the first window and then count days.
MONDAY = date(2026, 1, 5)
WEEK = timedelta(days=7)
LONG = timedelta(days=400)


def windows_in_the_servers_zone(patch: pytest.MonkeyPatch) -> None:
    """Read agreed hours on the server's clock instead of the person's."""
    real = safe_time.occurrences

    def occurrences(plan: Plan, start: datetime, until: datetime) -> list[Span]:
        return real(replace(plan, time_zone=SERVER_ZONE), start, until)

    patch.setattr(safe_time, "occurrences", occurrences)


def a_day_is_24_hours(patch: pytest.MonkeyPatch) -> None:
    """Lay the first window, and every later one by adding days of 24 hours."""

    def occurrences(plan: Plan, start: datetime, until: datetime) -> list[Span]:
        if plan.is_unsafe or until <= start:
            return []
        if plan.when is WhenToCall.ANY_TIME:
            return [Span(start, until)]
        if plan.when is not WhenToCall.WINDOWS:
            return []
        firsts = [
            Span(
                safe_time.local_to_utc(MONDAY + timedelta(days=day), window.start, plan.time_zone),
                safe_time.local_to_utc(MONDAY + timedelta(days=day), window.end, plan.time_zone),
            )
            for window in plan.windows
            for day in window.days
        ]
        weeks = (start - datetime(2026, 1, 5, tzinfo=UTC)) // WEEK
        spans = sorted(
            Span(first.opens_at + n * WEEK, first.closes_at + n * WEEK)
            for first in firsts
            for n in range(weeks - 1, weeks + (until - start) // WEEK + 2)
        )
        return [span for span in spans if span.opens_at < until and span.closes_at > start]

    patch.setattr(safe_time, "occurrences", occurrences)


def consent_is_asked_once(patch: pytest.MonkeyPatch) -> None:
    """Keep the yes that was found at planning, and neither ask again nor hear that it ended.

    Everybody takes their yes back here: that one fault is then met in the first few lives.
    """
    patch.setattr(lives, "TURNS", {lives.END_CALLS: 1})
    real, known = people.queries.agreed_until, set[UUID]()

    def agreed_until(viewer: Any, person_id: UUID, purposes: Any, at: datetime) -> Any:
        if real(viewer, person_id, purposes, at) is not None:
            known.add(person_id)
        return at + LONG if person_id in known else None

    patch.setattr(people.queries, "agreed_until", agreed_until)
    patch.setattr(endings, "cancel_for_person", lambda *_args, **_more: 0)


def a_claim_is_no_compare_and_set(patch: pytest.MonkeyPatch) -> None:
    """Take what is due without marking it, and deliver it whoever else has it."""

    def claim(service_id: UUID) -> list[Claimed]:
        due = select(Reminder.id).where(
            Reminder.service_id == service_id,
            Reminder.status == ReminderStatus.SCHEDULED,
            Reminder.wake_at <= now(),
        )
        return [Claimed(reminder_id, uuid4()) for reminder_id in db.session.scalars(due)]

    def claimed(reminder_id: UUID, claim_id: UUID) -> Reminder | None:
        return db.session.get(Reminder, reminder_id)

    patch.setattr(followups, "claim", claim)
    patch.setattr(delivery, "_claimed", claimed)


# The fault, and the rules that the judge may name first: what is shown too early is also lost later on.
IN_ARITHMETIC: Sequence[Any] = (windows_in_the_servers_zone, a_day_is_24_hours)
IN_FULL: Sequence[Any] = (
    (windows_in_the_servers_zone, ("R10", "engine 3")),
    (a_day_is_24_hours, ("R10", "engine 3")),
    (consent_is_asked_once, ("R2",)),
    (a_claim_is_no_compare_and_set, ("engine 3",)),
)
