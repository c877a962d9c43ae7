"""Writes and opens a case's notes, sealed under the case's own key."""

from casework import audit, vault
from casework.cases import policy, queries
from casework.cases.models import Case, CaseNote, EventKind
from casework.cases.services.events import record_event
from casework.database import now
from casework.extensions import db
from casework.security import Actor


def add_note(actor: Actor, case: Case, *, body: str) -> CaseNote:
    """Seal a note into an open case; raise NoteMissing or NoteTooLong (8,000 characters)."""
    policy.check_open(case)
    policy.check_note(body)
    note = CaseNote(
        service_id=case.service_id, case_id=case.id, written_by=actor.id, written_at=now()
    )
    vault.seal(note, body=body)
    db.session.add(note)
    record_event(actor, case, EventKind.NOTE_ADDED, subject_id=note.id)
    audit.record(
        actor,
        "case:note:added",
        case,
        subjects=(case.person_id,),
        fields=("body",),
        detail={"note": note.id, "digest": vault.digest(note, "body")},
    )
    return note


def open_notes(actor: Actor, case: Case, *, purpose: str) -> list[tuple[CaseNote, str]]:
    """Open all notes of a case for a purpose, newest first; one audit entry tells of it (R21)."""
    notes = queries.notes_of(actor, case)
    if not notes:
        return []
    opened = vault.open_many(list(notes), "body")
    audit.record(
        actor,
        "case:notes:read",
        case,
        subjects=(case.person_id,),
        fields=("body",),
        purpose=purpose,
    )
    return [
        (note, str(fields["body"] or ""))
        for note, fields in zip(notes, opened, strict=True)
        if fields is not None
    ]
