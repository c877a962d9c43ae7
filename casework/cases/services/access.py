"""Who sees a case: admission for a reason, and handing over."""

import uuid
from datetime import datetime

from casework import audit
from casework.accounts import queries as accounts
from casework.cases import policy, queries
from casework.cases.models import Case, EventKind
from casework.cases.services.events import record_event
from casework.database import now
from casework.extensions import db
from casework.notices import services as notices
from casework.notices.models import NoticeKind
from casework.people import queries as consents
from casework.people import services as people
from casework.people.models import AccessReason, Purpose
from casework.security import Actor


def admit(
    actor: Actor, case: Case, *, reason: AccessReason, until_at: datetime | None = None
) -> None:
    """Let the actor see a case from now on: an access row says why, and until when.

    A quality review needs the person's consent to it: raises ReviewNotAgreed (R2).
    """
    is_review = reason is AccessReason.QUALITY_REVIEW
    if is_review and not consents.active_consent(
        actor, case.person_id, Purpose.QUALITY_REVIEW, now()
    ):
        raise policy.ReviewNotAgreed
    if actor.id is not None:
        people.grant_access(actor, case.person_id, actor.id, reason, until_at=until_at)
    audit.record(
        actor, "case:admitted", case, subjects=(case.person_id,), detail={"reason": reason.value}
    )


def assign(
    actor: Actor, case: Case, *, owner_id: uuid.UUID | None, version: int | None = None
) -> Case:
    """Hand a case to a colleague, or to nobody (unassigned): the old owner can no longer open it.

    The new owner may see it at once and is told in the app. An old owner who still looks after
    another open case of the same person keeps seeing them. Raises AlreadyClosed, NotColleague, or
    StaleVersion when somebody else handed it over first.
    """
    people.lock_version(case, version)
    policy.check_open(case)
    if owner_id == case.owner_id:
        return case
    if owner_id is not None:
        if owner_id not in {member.account_id for member in accounts.colleagues(actor)}:
            raise policy.NotColleague
        people.grant_access(actor, case.person_id, owner_id, AccessReason.ASSIGNED)
    if case.owner_id is not None and not _has_another(actor, case):
        people.end_access(actor, case.person_id, case.owner_id)
    case.owner_id = owner_id
    case.version += 1
    db.session.flush()
    if owner_id is not None and owner_id != actor.id:
        key = f"assigned:{case.id}:{case.version}"
        notices.tell(actor, owner_id, NoticeKind.CASE_ASSIGNED, case, key)
    record_event(actor, case, EventKind.OWNER_CHANGED, subject_id=owner_id)
    audit.record(
        actor,
        "case:assigned",
        case,
        subjects=(case.person_id,),
        fields=("owner",),
        detail={"to": owner_id},
    )
    return case


def take(actor: Actor, case: Case) -> Case:
    """Take an unassigned case; raise AlreadyTaken when a colleague was a moment faster."""
    people.lock_version(case, None)
    if case.owner_id is not None and case.owner_id != actor.id:
        raise policy.AlreadyTaken
    return assign(actor, case, owner_id=actor.id)


def _has_another(actor: Actor, case: Case) -> bool:
    """Tell whether the owner of a case owns another open one of the same person."""
    return any(
        other.owner_id == case.owner_id and other.id != case.id
        for other in queries.open_cases_of(actor, case.person_id)
    )
