"""Broken engines: each has one fault that other projects shipped, and the judge must see it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from casework import people
from casework.database import now
from casework.extensions import db
from casework.followups import queries, safe_time
from casework.followups import services as followups
from casework.followups.models import Reminder, ReminderStatus, Rung
from casework.followups.queries import Due
from casework.followups.safe_time import Span
from casework.followups.services import Claimed, endings
from casework.people.contact_plan import Plan
from casework.people.dates import OneOff
from casework.people.week import Window
from casework.simulation import lives

SERVER_ZONE = "America/Toronto"
# A Monday of the winter, on which some engines would lay the first window and then count days.
MONDAY = date(2026, 1, 5)
WEEK = timedelta(days=7)
LONG = timedelta(days=400)


def windows_in_the_servers_zone(patch: pytest.MonkeyPatch) -> None:
    """Read agreed hours on the server's clock instead of the person's."""
    real = safe_time._agreed

    def agreed(plan: Plan, start: datetime, until: datetime) -> list[Span]:
        return real(replace(plan, time_zone=SERVER_ZONE), start, until)

    patch.setattr(safe_time, "_agreed", agreed)


def a_day_is_24_hours(patch: pytest.MonkeyPatch) -> None:
    """Lay the first window, and every later one by adding days of 24 hours."""
    real = safe_time.hours_around

    def hours_around(
        zone: ZoneInfo,
        windows: Iterable[Window],
        one_offs: Iterable[OneOff],
        start: datetime,
        until: datetime,
    ) -> list[Span]:
        firsts = [
            Span(
                _on_monday(day, window.start, zone),
                _on_monday(day + (window.end < window.start), window.end, zone),
            )
            for window in windows
            for day in window.days
        ]
        weeks = (start - datetime(2026, 1, 5, tzinfo=UTC)) // WEEK
        spans = [
            Span(first.opens_at + n * WEEK, first.closes_at + n * WEEK)
            for first in firsts
            for n in range(weeks - 1, weeks + (until - start) // WEEK + 3)
        ]
        return safe_time._merged(spans + real(zone, (), one_offs, start, until))

    patch.setattr(safe_time, "hours_around", hours_around)


def _on_monday(day: int, at: time, zone: ZoneInfo) -> datetime:
    return safe_time.local_to_utc(MONDAY + timedelta(days=day), at, str(zone))


def consent_is_asked_once(patch: pytest.MonkeyPatch) -> None:
    """Keep the yes that was found at planning, and neither ask again nor hear that it ended.

    Everybody takes their yes back here: that one fault is then met in the first few lives.
    """
    patch.setattr(lives, "TURNS", {lives.END_CALLS: 1})
    real, known = people.queries.agreed_until, set[UUID]()

    def agreed_until(
        viewer: Any, person_ids: Collection[UUID], purposes: Any, at: datetime
    ) -> dict[UUID, datetime]:
        known.update(real(viewer, person_ids, purposes, at))
        return {person_id: at + LONG for person_id in person_ids if person_id in known}

    patch.setattr(people.queries, "agreed_until", agreed_until)
    patch.setattr(endings, "cancel_for_person", lambda *_args, **_more: 0)


def a_claim_is_no_compare_and_set(patch: pytest.MonkeyPatch) -> None:
    """Take what is due without marking it, and deliver it whoever else has it."""
    taken, begun = dict[UUID, list[UUID]](), set[UUID]()

    def claim(service_id: UUID, **_more: int) -> list[Claimed]:
        due = select(Reminder.id).where(
            Reminder.service_id == service_id,
            Reminder.status == ReminderStatus.SCHEDULED,
            Reminder.wake_at <= now(),
        )
        claim_id = uuid4()
        taken[claim_id] = list(db.session.scalars(due))
        return [Claimed(reminder_id, claim_id) for reminder_id in taken[claim_id]]

    def claimed_under(_service: UUID, claim_ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
        # Whoever has it looks once; what was left is the next sweep's.
        fresh = set(claim_ids) - begun
        begun.update(fresh)
        return _pairs(fresh)

    def _pairs(claim_ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
        return [(one, claim_id) for claim_id in claim_ids for one in taken.get(claim_id, ())]

    def under(claim_ids: Collection[UUID]) -> list[Due]:
        found = []
        for reminder_id, claim_id in _pairs(claim_ids):
            row = db.session.get(Reminder, reminder_id)
            if row is not None:
                rung, key = Rung(row.rung), row.occurrence_key
                found.append(Due(row.id, claim_id, row.follow_up_id, rung, key, row.due_at))
        return found

    patch.setattr(followups, "claim", claim)
    patch.setattr(queries, "claimed_under", claimed_under)
    patch.setattr(
        queries,
        "follow_ups_claimed",
        lambda _service, claim_ids: {d.reminder_id: d.follow_up_id for d in under(claim_ids)},
    )
    patch.setattr(
        queries,
        "hold_claimed",
        lambda _service, claim_ids, held: [d for d in under(claim_ids) if d.follow_up_id in held],
    )


# The fault, and the rules that the judge may name first: what is shown too early is also lost later on.
IN_ARITHMETIC: Sequence[Any] = (windows_in_the_servers_zone, a_day_is_24_hours)
IN_FULL: Sequence[Any] = (
    (windows_in_the_servers_zone, ("R10", "engine 3")),
    (a_day_is_24_hours, ("R10", "engine 3")),
    (consent_is_asked_once, ("R2",)),
    (a_claim_is_no_compare_and_set, ("engine 3",)),
)
