"""Adds needs to a case and records how each ended."""

import uuid
from collections.abc import Callable, Sequence

from casework import audit
from casework.cases import policy, queries
from casework.cases.models import Case, CaseNeed, EventKind, NeedOutcome, Reason, Source
from casework.cases.services.events import record_event
from casework.database import now
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.people import services as people
from casework.security import Actor

WasReferred = Callable[[Actor, uuid.UUID], bool]


def _nothing_referred(actor: Actor, need_id: uuid.UUID) -> bool:
    return False


_was_referred: WasReferred = _nothing_referred


def tell_referred_with(was_referred: WasReferred) -> None:
    """Say how to tell whether a need was ever referred: the room above knows, this one counts."""
    global _was_referred
    _was_referred = was_referred


def add_needs(actor: Actor, case: Case, *, codes: Sequence[NeedCode]) -> list[CaseNeed]:
    """Add the needs that were said, all or nothing; raise NoNeed when there are none."""
    if not codes:
        raise policy.NoNeed
    return [add_need(actor, case, code=code) for code in dict.fromkeys(codes)]


def add_need(actor: Actor, case: Case, *, code: NeedCode) -> CaseNeed:
    """Add a need said later; a violence need makes all cases of the person sensitive (R19).

    Raises NeedStillOpen when the case already holds this need and it is in process.
    """
    policy.check_open(case)
    if queries.is_in_process(actor, case, code):
        raise policy.NeedStillOpen
    if policy.is_sensitive([code]):
        people.mark_sensitive(actor, case.person)
    position = len(queries.needs_of(actor, case))
    need = CaseNeed(
        service_id=case.service_id,
        case_id=case.id,
        code=code,
        position=position,
        created_at=now(),
    )
    db.session.add(need)
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
    was_referred: bool | None = None,
    version: int | None = None,
) -> CaseNeed:
    """Record how a need ended and who says so; raise StaleVersion when somebody else was first.

    version is the one the page was opened with. An unmet need carries its reason and its kind: A
    when no referral could be made, B when help was not received; was_referred None asks which.
    """
    policy.check_open(case)
    policy.check_reason(outcome, reason)
    people.lock_version(need, version)
    need.outcome = outcome
    need.reason = reason if outcome in policy.NEEDS_REASON else None
    if was_referred is None:
        was_referred = _was_referred(actor, need.id)
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
