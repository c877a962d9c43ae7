"""Erases a case for good: every room erases its own, in one transaction that nothing slips past (R17)."""

import uuid
from time import sleep

from psycopg.errors import LockNotAvailable
from sqlalchemy import delete, update
from sqlalchemy.exc import OperationalError

from casework import audit, vault
from casework.background import forget_messages
from casework.cases import hold_queries, policy, queries
from casework.cases.erasure_models import Erasure, ErasureReason
from casework.cases.models import Case, CaseStatus, ClosureCode, EmergencyHandOff
from casework.cases.services.closing import close_case
from casework.cases.signals import case_erasing
from casework.database import attempt, now
from casework.extensions import db
from casework.notices import services as notices
from casework.people import services as people
from casework.security import Actor

TRIES = 30
PAUSE = 0.1  # seconds


def erase_case(actor: Actor, case: Case, *, reason: ErasureReason) -> Erasure:
    """Erase a case, and its person with their last one; give the tombstone that remains (R17, R31).

    An open case is closed first, as if the person took back their consent to it: agencies hear
    “withdrawn”, links die, planned calls end. Raises OnLegalHold while the case is held (R30),
    NotFound when somebody erased it a moment before, and BeingWorkedOn when somebody else keeps
    writing in it.
    """
    case_id = case.id
    for _ in range(TRIES):
        try:
            with attempt():
                return _erase(actor, case_id, reason)
        except policy.OnLegalHold:
            # On a connection of its own: what was asked for rolls back with the request.
            audit.refused(actor, "case:erased", Case.__tablename__, case_id)
            raise
        except OperationalError as problem:
            if not isinstance(problem.orig, LockNotAvailable):
                raise
        # Whoever writes in this case is never waited for while anything of it is held, so nobody
        # waits in a circle; what they wrote is erased with the rest.
        sleep(PAUSE)
    raise policy.BeingWorkedOn


def _erase(actor: Actor, case_id: uuid.UUID, reason: ErasureReason) -> Erasure:
    case = queries.hold_for_erasing(actor, case_id)
    person = people.hold_for_erasing(actor, case.person_id)
    if hold_queries.of_case(actor, case.id) is not None:
        raise policy.OnLegalHold
    is_last = len(queries.cases_of(actor, person.id)) == 1
    vault.lock_keys([case.id, person.id])
    # Everybody takes hold before anybody erases: then no lock is asked for that could be refused.
    sent = case_erasing.send(case_erasing, case=case, actor=actor)
    gone = {row_id for _receiver, erase_own in sent for row_id in erase_own()}
    if case.status is CaseStatus.OPEN:
        close_case(actor, case, closure=ClosureCode.CONSENT_WITHDRAWN)
    gone.update(_erase_own(actor, case))
    tombstone = _bury(actor, case, reason, is_last=is_last)
    if is_last:
        gone.update(people.erase_person(actor, person))
    forget_messages(*gone)
    db.session.expire_all()
    return tombstone


def _erase_own(actor: Actor, case: Case) -> set[uuid.UUID]:
    """Erase the rows of this room, whose needs, notes, events and holds go with the case."""
    db.session.flush()
    db.session.execute(
        update(EmergencyHandOff).where(EmergencyHandOff.case_id == case.id).values(case_id=None)
    )
    gone = notices.forget_rows(actor, [case.id])
    vault.destroy_key(case.id)
    db.session.execute(
        delete(Case).where(Case.id == case.id).execution_options(synchronize_session=False)
    )
    return gone


def _bury(actor: Actor, case: Case, reason: ErasureReason, *, is_last: bool) -> Erasure:
    """Leave the tombstone, and the entry that tells of it; both hold ids that lead nowhere."""
    tombstone = Erasure(
        service_id=actor.service_id,
        case_id=case.id,
        person_id=case.person_id if is_last else None,
        reason=reason,
        erased_at=now(),
        by_account=actor.id if actor.is_staff else None,
    )
    db.session.add(tombstone)
    audit.record(
        actor,
        "case:erased",
        case,
        subjects=(case.person_id,),
        purpose=reason,
        detail={"tombstone": tombstone.id, "with_person": is_last},
    )
    return tombstone
