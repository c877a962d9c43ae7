"""Lets somebody see a case, hands it over, and counts failed identity steps."""

import uuid
from datetime import datetime, timedelta

from casework import audit
from casework.accounts import queries as accounts
from casework.cases import policy, queries
from casework.cases.models import Case, EventKind
from casework.cases.services.events import record_event
from casework.database import now
from casework.people import services as people
from casework.people.models import AccessReason
from casework.security import Actor

FAILURES = 5  # failed identity steps
WITHIN = timedelta(hours=1)


def admit(
    actor: Actor, case: Case, *, reason: AccessReason, until_at: datetime | None = None
) -> None:
    """Let the actor see a case from now on: an access row says why, and until when."""
    if actor.id is not None:
        people.grant_access(actor, case.person_id, actor.id, reason, until_at=until_at)
    audit.record(
        actor, "case:admitted", case, subjects=(case.person_id,), detail={"reason": reason.value}
    )


def assign(actor: Actor, case: Case, *, owner_id: uuid.UUID | None) -> Case:
    """Hand a case to a colleague, or to nobody (unassigned); the new owner may see it at once."""
    policy.check_open(case)
    if owner_id is not None:
        if owner_id not in {member.account_id for member in accounts.colleagues(actor)}:
            raise policy.NotColleague
        people.grant_access(actor, case.person_id, owner_id, AccessReason.ASSIGNED)
    case.owner_id = owner_id
    case.version += 1
    record_event(actor, case, EventKind.OWNER_CHANGED, subject_id=owner_id)
    audit.record(
        actor,
        "case:assigned",
        case,
        subjects=(case.person_id,),
        fields=("owner",),
        detail={"to": str(owner_id) if owner_id else None},
    )
    return case


def count_failed_identity(actor: Actor, case: Case) -> None:
    """Record a failed identity step on a look-up (R32); it never locks the person's own plan."""
    record_event(actor, case, EventKind.IDENTITY_FAILED)
    audit.record(actor, "case:identity:failed", case, subjects=(case.person_id,))


def check_failures(actor: Actor, case: Case) -> None:
    """Raise TooManyFailures when the last hour saw too many failed steps for this case."""
    if queries.failed_identities(actor, case, now() - WITHIN) >= FAILURES:
        raise policy.TooManyFailures
