"""Closes a case, because it is done or because consent to keep it has ended (R1)."""

import uuid

from flask_babel.speaklater import LazyString

from casework import audit
from casework.cases import policy, queries
from casework.cases.models import (
    Case,
    CaseStatus,
    ClosureCode,
    EventKind,
    NeedOutcome,
    Source,
)
from casework.cases.services.events import record_event
from casework.cases.signals import case_closed, case_closing
from casework.database import Refused, attempt, now
from casework.extensions import db
from casework.people import services as people
from casework.people.models import ConsentEnd, Purpose
from casework.security import Actor


class _Rehearsed(Exception):
    """Nothing stood in the way: the rehearsal ends here, and its savepoint is undone."""


def close_case(
    actor: Actor, case: Case, *, closure: ClosureCode, version: int | None = None
) -> Case:
    """Close a case for a reason; open referrals refuse it, planned follow-ups end with it.

    A need still in process becomes unknown: nobody will ask any more. Raises AlreadyClosed, or
    StaleVersion when somebody else changed the case since the page with this version was opened.
    """
    people.lock_version(case, version)
    policy.check_open(case)
    case_closing.send(case_closing, case=case, actor=actor)
    for need in queries.needs_of(actor, case):
        if need.outcome is NeedOutcome.PENDING:
            need.outcome, need.source, need.outcome_at = NeedOutcome.UNKNOWN, Source.SYSTEM, now()
            need.version += 1
    case.status = CaseStatus.CLOSED
    case.closure = closure
    case.closed_at = now()
    case.version += 1
    record_event(actor, case, EventKind.CLOSED, code=closure.value)
    audit.record(
        actor,
        "case:closed",
        case,
        subjects=(case.person_id,),
        fields=("status", "closure"),
        detail={"closure": closure},
    )
    case_closed.send(case_closed, case=case, actor=actor)
    db.session.flush()
    return case


def obstacle(actor: Actor, case: Case) -> LazyString | str | None:
    """Tell what still stands in the way of closing a case, without changing anything; None is nothing."""
    try:
        with attempt():
            case_closing.send(case_closing, case=case, actor=actor)
            raise _Rehearsed
    except _Rehearsed:
        return None
    except Refused as refusal:
        return refusal.message


def when_consent_ends(
    person_id: uuid.UUID, *, purpose: Purpose, end: ConsentEnd, actor: Actor
) -> None:
    """Write it in the timeline; with the consent to keep it, the case closes at once (R1, R5)."""
    for case in queries.open_cases_of(actor, person_id):
        record_event(actor, case, EventKind.CONSENT_ENDED, code=purpose.value)
        if purpose is Purpose.KEEP_CASE:
            close_case(actor, case, closure=policy.CLOSURE_OF[end])


def when_person_changes(person_id: uuid.UUID, *, what: str, actor: Actor) -> None:
    """Write a changed plan or a new consent in the timeline of the person's open cases.

    Once the person is in danger from violence, each of their cases is sensitive, also a closed one:
    it says where they went as well (R16, R19).
    """
    if what == "sensitive":
        queries.hold_of_person(actor, person_id)
        for case in queries.cases_of(actor, person_id):
            case.is_sensitive = True
        db.session.flush()
    kinds = {"plan": EventKind.PLAN_CHANGED, "consent": EventKind.CONSENT_GIVEN}
    if what in kinds:
        for case in queries.open_cases_of(actor, person_id):
            record_event(actor, case, kinds[what])
