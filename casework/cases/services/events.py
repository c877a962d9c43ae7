"""Writes a line of a case's timeline."""

import uuid

from casework.cases.models import Case, CaseEvent, EventKind
from casework.database import now
from casework.extensions import db
from casework.security import Actor


def record_event(
    actor: Actor,
    case: Case,
    kind: EventKind,
    *,
    subject_id: uuid.UUID | None = None,
    code: str | None = None,
) -> CaseEvent:
    """Write one line of the timeline: a kind, who, when, and the id or code it is about."""
    event = CaseEvent(
        service_id=case.service_id,
        case_id=case.id,
        kind=kind,
        at=now(),
        actor_id=actor.id,
        subject_id=subject_id,
        code=code,
    )
    db.session.add(event)
    return event
