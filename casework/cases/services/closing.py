"""Closes a case."""

from casework import audit
from casework.cases import policy
from casework.cases.models import Case, CaseStatus, ClosureCode, EventKind
from casework.cases.services.events import record_event
from casework.cases.signals import case_closed, case_closing
from casework.database import StaleVersion, now
from casework.security import Actor


def close_case(
    actor: Actor, case: Case, *, closure: ClosureCode, version: int | None = None
) -> Case:
    """Close a case for a reason; open referrals refuse it, planned follow-ups end with it."""
    policy.check_open(case)
    if version is not None and case.version != version:
        raise StaleVersion
    case_closing.send(case_closing, case=case, actor=actor)
    case.status = CaseStatus.CLOSED
    case.closure = closure
    case.closed_at = now()
    case.version += 1
    record_event(actor, case, EventKind.CLOSED, code=closure.value)
    audit.record(
        actor, "case:closed", case, subjects=(case.person_id,), fields=("status", "closure")
    )
    case_closed.send(case_closed, case=case, actor=actor)
    return case
