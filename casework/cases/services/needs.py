"""Adds needs to a case and records how each ended."""

from casework import audit
from casework.cases import policy, queries
from casework.cases.models import Case, CaseNeed, EventKind, NeedOutcome, Reason, Source
from casework.cases.services.events import record_event
from casework.database import now
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.people import services as people
from casework.security import Actor


def add_need(actor: Actor, case: Case, *, code: NeedCode) -> CaseNeed:
    """Add a need said later; a violence need makes the case sensitive from now on (R19)."""
    policy.check_open(case)
    position = len(queries.needs_of(actor, case))
    need = CaseNeed(
        service_id=case.service_id,
        case_id=case.id,
        code=code,
        position=position,
        created_at=now(),
    )
    db.session.add(need)
    if policy.is_sensitive([code]) and not case.is_sensitive:
        case.is_sensitive = True
        people.mark_sensitive(actor, case.person)
    db.session.flush()
    db.session.refresh(case, ["needs"])
    record_event(actor, case, EventKind.NEED_ADDED, subject_id=need.id, code=code.value)
    audit.record(actor, "case:need:added", case, subjects=(case.person_id,), fields=("needs",))
    return need


def record_outcome(
    actor: Actor,
    case: Case,
    need: CaseNeed,
    *,
    outcome: NeedOutcome,
    reason: Reason | None = None,
    source: Source,
    was_referred: bool = True,
    version: int | None = None,
) -> CaseNeed:
    """Record how a need ended and who says so; raise StaleVersion when somebody else was first.

    version is the one the page was opened with. An unmet need carries its reason and its kind: A
    when no referral could be made (was_referred False), B when help was not received.
    """
    policy.check_open(case)
    policy.check_reason(outcome, reason)
    people.lock_version(need, version)
    need.outcome = outcome
    need.reason = reason if outcome in policy.NEEDS_REASON else None
    need.unmet_kind = policy.unmet_kind(outcome, was_referred=was_referred)
    need.source = source
    need.outcome_at = now()
    need.version += 1
    record_event(actor, case, EventKind.NEED_OUTCOME, subject_id=need.id, code=outcome.value)
    audit.record(
        actor,
        "case:need:outcome",
        case,
        subjects=(case.person_id,),
        fields=("outcome", "reason", "source"),
        detail={"need": need.id, "outcome": outcome, "reason": need.reason},
    )
    return need
