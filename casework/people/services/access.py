"""Seeing is a row: who may see a person, why, from when until when (house.md section 1)."""

import uuid
from datetime import datetime

from casework import audit
from casework.database import now
from casework.extensions import db
from casework.people import queries
from casework.people.models import AccessReason, PersonAccess
from casework.security import Actor


def grant_access(
    actor: Actor,
    person_id: uuid.UUID,
    account_id: uuid.UUID,
    reason: AccessReason,
    until_at: datetime | None = None,
) -> PersonAccess:
    """Let a member of staff see a person for a reason, until a moment or until it is ended."""
    at = now()
    for running in queries.accesses_to(actor, person_id, at):
        is_same = running.account_id == account_id and running.reason is reason
        if is_same and running.until_at is None:
            return running
    access = PersonAccess(
        service_id=actor.service_id,
        person_id=person_id,
        account_id=account_id,
        reason=reason,
        from_at=at,
        until_at=until_at,
    )
    db.session.add(access)
    db.session.flush()
    audit.record(
        actor,
        "person:access:grant",
        access,
        subjects=(person_id,),
        purpose=reason,
        detail={"account": account_id, "until": until_at},
    )
    return access


def end_access(actor: Actor, person_id: uuid.UUID, account_id: uuid.UUID) -> int:
    """End every access of one account to a person at once; tell how many there were."""
    at = now()
    ended = [
        access
        for access in queries.accesses_to(actor, person_id, at)
        if access.account_id == account_id
    ]
    for access in ended:
        access.until_at = at
        audit.record(actor, "person:access:end", access, subjects=(person_id,))
    db.session.flush()
    return len(ended)
