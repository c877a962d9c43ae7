"""Places and lifts a legal hold, which stops erasure and retention and nothing else (R24, R30)."""

from casework import audit, vault
from casework.cases import hold_queries, policy
from casework.cases.erasure_models import HoldReason, LegalHold
from casework.cases.models import Case
from casework.database import now
from casework.extensions import db
from casework.people import services as people
from casework.security import Actor


def place_hold(actor: Actor, case: Case, *, reason: HoldReason, note: str = "") -> LegalHold:
    """Hold a case back from erasure until somebody lifts it; raise AlreadyHeld.

    The note says who asks for it; it is sealed under the case's key.
    """
    people.lock_version(case, None)
    if hold_queries.of_case(actor, case.id) is not None:
        raise policy.AlreadyHeld
    hold = LegalHold(
        service_id=actor.service_id,
        case_id=case.id,
        reason=reason,
        placed_by=actor.id,
        placed_at=now(),
    )
    vault.seal(hold, note=note.strip() or None)
    db.session.add(hold)
    db.session.flush()
    audit.record(
        actor,
        "case:hold:placed",
        hold,
        subjects=(case.person_id,),
        fields=("note",) if hold.note is not None else (),
        purpose=reason,
        detail={"case": case.id, "note": vault.digest(hold, "note")},
    )
    return hold


def lift_hold(actor: Actor, hold: LegalHold) -> None:
    """Lift a hold: from now on the case may be erased again."""
    people.lock_version(hold.case, None)
    db.session.refresh(hold)
    if hold.lifted_at is not None:
        return
    hold.lifted_at, hold.lifted_by = now(), actor.id
    db.session.flush()
    audit.record(
        actor,
        "case:hold:lifted",
        hold,
        subjects=(hold.case.person_id,),
        detail={"case": hold.case_id},
    )


def open_hold_note(actor: Actor, hold: LegalHold, *, purpose: str) -> str:
    """Open who asked for a hold, and record that it was read (R21)."""
    opened = vault.open_fields(hold, "note")
    audit.record(
        actor,
        "case:hold:read",
        hold,
        subjects=(hold.case.person_id,),
        fields=("note",) if hold.note is not None else (),
        purpose=purpose,
    )
    return str(opened["note"] or "")
