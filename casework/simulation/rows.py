"""What stands in the database, read as raw rows: the judge trusts no query of the engine."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from casework import database
from casework.extensions import db

PROMPTS = ("call_back_due", "tell_person")


class Told(NamedTuple):
    """One line in somebody's list."""

    account_id: UUID
    kind: str
    subject_id: UUID
    at: datetime


class Planned(NamedTuple):
    """One planned call as it stands."""

    id: UUID
    case_id: UUID
    referral_id: UUID | None
    kind: str
    state: str
    local_wall: str
    time_zone: str
    due_at: datetime
    latest_at: datetime
    assigned_to: UUID | None
    ended_at: datetime | None
    attempts: int


_PLANNED = ", ".join(Planned._fields)


def unseen_notices(service_id: UUID) -> list[Told]:
    """Take what staff have not been told before, and mark it as seen."""
    found = _all(
        "UPDATE notice SET seen_at = at WHERE service_id = :service AND seen_at IS NULL"
        " RETURNING account_id, kind, subject_id, at",
        service=service_id,
    )
    return [Told(*row) for row in found]


def shown_reminders(service_id: UUID, after: int) -> list[tuple[int, str]]:
    """List the reminders that were shown since an entry of the audit trail, by number and id."""
    found = _all(
        "SELECT seq, object_id FROM audit_entry WHERE service_id = :service AND seq > :after"
        " AND action = 'followup:reminder:shown' ORDER BY seq",
        service=service_id,
        after=after,
    )
    return [(row[0], row[1]) for row in found]


def newest_entry() -> int:
    """Give the number of the newest entry of the audit trail."""
    return int(_all("SELECT coalesce(max(seq), 0) FROM audit_entry")[0][0])


def planned_of(case_id: UUID) -> list[Planned]:
    """List everything that is or was planned for a case."""
    found = _all(f"SELECT {_PLANNED} FROM follow_up WHERE case_id = :id", id=case_id)  # noqa: S608
    return [Planned(*row) for row in found]


def planned(ids: Iterable[UUID]) -> dict[UUID, Planned]:
    """Read planned calls by their ids."""
    found = _all(
        f"SELECT {_PLANNED} FROM follow_up WHERE id = ANY(:ids)",  # noqa: S608
        ids=list(ids),
    )
    return {row[0]: Planned(*row) for row in found}


def due(service_id: UUID, at: datetime) -> list[Planned]:
    """List all that is planned and due in open cases."""
    columns = ", ".join(f"f.{name}" for name in Planned._fields)
    found = _all(
        f'SELECT {columns} FROM follow_up f JOIN "case" c ON c.id = f.case_id'  # noqa: S608
        " WHERE f.service_id = :service AND f.state = 'scheduled' AND c.status = 'open'"
        " AND f.due_at <= :at",
        service=service_id,
        at=at,
    )
    return [Planned(*row) for row in found]


def released_places(case_id: UUID) -> list[tuple[UUID, datetime, str]]:
    """List the held places of a case that were given back as withdrawn: referral, when, whose word."""
    found = _all(
        "SELECT referral_id, at, source FROM referral_event WHERE case_id = :id"
        " AND from_state IN ('accepted', 'in_progress') AND to_state = 'withdrawn'",
        id=case_id,
    )
    return [(row[0], row[1], row[2]) for row in found]


def held_places(case_id: UUID) -> dict[UUID, datetime | None]:
    """Give the places held for a case, each with the end of its hold."""
    found = _all(
        "SELECT id, hold_until FROM referral WHERE case_id = :id AND state = 'accepted'",
        id=case_id,
    )
    return {row[0]: row[1] for row in found}


class Waiting(NamedTuple):
    """When the rows of each kind next have something to be done about them."""

    reminders: datetime | None
    letters: datetime | None
    referrals: datetime | None
    consents: datetime | None
    windows: datetime | None

    @property
    def first(self) -> datetime | None:
        """The earliest of them."""
        return min((moment for moment in self if moment is not None), default=None)


def waiting(service_id: UUID) -> Waiting:
    """Tell when any sweep next has something to do."""
    found = _all(
        """SELECT
        (SELECT min(wake_at) FROM reminder WHERE service_id = :service AND status = 'scheduled'),
        (SELECT min(wake_at) FROM letter
          WHERE service_id = :service AND status IN ('queued', 'sending')),
        (SELECT min(wake_at) FROM referral WHERE service_id = :service),
        (SELECT min(expires_at) FROM consent WHERE service_id = :service AND ended_at IS NULL),
        (SELECT min(window_closes_at) FROM follow_up
          WHERE service_id = :service AND state = 'scheduled')""",
        service=service_id,
    )
    return Waiting(*found[0])


def case_of_message(job: str, claim_id: str) -> UUID | None:
    """Tell which case a batch begins with, so that its fate comes from that case's own dice."""
    if job != "followups.deliver_reminders":
        return None
    found = _all(
        "SELECT f.case_id FROM reminder r JOIN follow_up f ON f.id = r.follow_up_id"
        ' JOIN "case" c ON c.id = f.case_id WHERE r.claim = :id ORDER BY r.wake_at, c.opened_at'
        " LIMIT 1",
        id=claim_id,
    )
    return found[0][0] if found else None


def planned_now(service_id: UUID, ids: Iterable[UUID]) -> dict[UUID, Planned]:
    """Read planned calls by their ids, in a session that has just begun."""
    database.enter_service(service_id)
    try:
        return planned(ids)
    finally:
        db.session.remove()


def began_for_a_reason(service_id: UUID, follow_up_id: UUID) -> datetime | None:
    """Tell when a call under way began, if it began for a recorded reason."""
    database.enter_service(service_id)
    try:
        found = _all(
            "SELECT started_at FROM attempt WHERE follow_up_id = :id AND ended_at IS NULL"
            " AND override_reason IS NOT NULL",
            id=follow_up_id,
        )
        return found[0][0] if found else None
    finally:
        db.session.remove()


def has_cases(service_id: UUID) -> bool:
    """Tell whether a service has any case at all."""
    found = _all(
        'SELECT EXISTS (SELECT FROM "case" WHERE service_id = :service)', service=service_id
    )
    return bool(found[0][0])


def open_calls(service_id: UUID) -> set[UUID]:
    """Name the planned calls somebody is making at this moment."""
    found = _all(
        "SELECT follow_up_id FROM attempt WHERE service_id = :service AND ended_at IS NULL",
        service=service_id,
    )
    return {row[0] for row in found}


def _all(statement: str, **values: Any) -> list[Any]:
    return list(db.session.execute(text(statement), values).all())
