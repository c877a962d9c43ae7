"""Records a hand-off to 911, 988 or child protection, after it was made (R34)."""

from casework import audit
from casework.cases.models import Case, EmergencyHandOff, EmergencyKind, EventKind
from casework.cases.services.events import record_event
from casework.database import now
from casework.extensions import db
from casework.security import Actor


def record_emergency(
    actor: Actor, *, kind: EmergencyKind, case: Case | None = None
) -> EmergencyHandOff:
    """Record that an emergency was handed over, with or without a case; nothing waits for it."""
    row = EmergencyHandOff(
        service_id=actor.service_id,
        kind=kind,
        at=now(),
        by_account=actor.id,
        case_id=case.id if case else None,
    )
    db.session.add(row)
    subjects = (case.person_id,) if case else ()
    audit.record(
        actor, "emergency:handed_over", row, subjects=subjects, detail={"kind": kind.value}
    )
    if case is not None:
        record_event(actor, case, EventKind.EMERGENCY, code=kind.value)
    return row
