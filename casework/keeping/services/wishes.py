"""Erasing because the person asks for it: only once it is certain who asks (R31, R32)."""

from datetime import datetime

from casework import audit
from casework.accounts import queries as accounts
from casework.cases import queries as case_queries
from casework.cases import services as cases
from casework.cases.erasure_models import Erasure, ErasureReason
from casework.cases.models import Case
from casework.database import Refused, now
from casework.followups import queries as followups
from casework.keeping import policy
from casework.notices import services as notices
from casework.notices.models import NoticeKind
from casework.people import queries as people
from casework.people.models import AccessReason, IdentityMeans
from casework.security import Actor, Role
from casework.web.references import parse_reference

# What a voice is recognised by, as columns of the contact plan.
AGREED = ("code_word", "agreed_questions")


def is_recognised(actor: Actor, case: Case) -> bool:
    """Tell whether the actor heard the person prove who they are within the hour (R32)."""
    return bool(_recognitions(actor, case))


def is_by_own_word(actor: Actor, case: Case) -> bool:
    """Tell whether the actor changed what was agreed within the day before every recognition (R32)."""
    recognitions = _recognitions(actor, case)
    if not recognitions:
        return False
    changes = _own_changes(actor, case, since=min(recognitions) - policy.OWN_WORD_FOR)
    return all(
        any(moment - policy.OWN_WORD_FOR <= changed <= moment for changed in changes)
        for moment in recognitions
    )


def _own_changes(actor: Actor, case: Case, *, since: datetime) -> list[datetime]:
    """Ask the audit: it names the fields of every writing, so that nothing need be opened."""
    plan = people.plan_of(actor, case.person_id)
    written = audit.EntryFilter(
        action="person:plan:write",
        object_type=plan.__tablename__,
        object_id=plan.id,
        actor_id=actor.id,
        is_refused=False,
    )
    return audit.rewritten(actor, written, AGREED, since=since)


def _recognitions(actor: Actor, case: Case) -> list[datetime]:
    """List when the actor heard the person prove who they are: within the hour, and not doubted since.

    Inbound that is the look-up's identity step; outbound the identity step of a call for this case.
    A later identity step that failed, whoever heard it, undoes the earlier ones: the voice on the
    line may be another one by now.
    """
    at = now()
    called = [
        access.from_at
        for access in people.accesses_to(actor, case.person_id, at)
        if access.account_id == actor.id and access.reason is AccessReason.PERSON_CALLED
    ]
    reached = [
        attempt.started_at
        for attempt in followups.attempts_of(actor, case)
        if attempt.by_account == actor.id and attempt.identity not in (None, IdentityMeans.FAILED)
    ]
    since = at - policy.RECOGNISED_FOR
    failed_at = case_queries.last_failed_identity(actor, case.person_id)
    return [
        moment
        for moment in (*called, *reached)
        if moment >= since and (failed_at is None or moment > failed_at)
    ]


def erase_for_person(
    actor: Actor, case: Case, *, typed_ref: str, was_asked_in_writing: bool = False
) -> Erasure:
    """Erase a case because its person asks; the reference was typed to confirm.

    A supervisor may answer for a request in writing whose sender they checked. Raises
    OtherReference, IdentityFirst, OwnWord, and what cases.services.erase_case refuses.
    """
    if parse_reference(typed_ref) != case.ref:
        raise policy.OtherReference
    in_writing = was_asked_in_writing and actor.role is Role.SUPERVISOR
    if not in_writing:
        _check_who_asks(actor, case)
    audit.record(
        actor,
        "case:erasure:asked",
        case,
        subjects=(case.person_id,),
        purpose="in_writing" if in_writing else "by_voice",
    )
    tombstone = cases.erase_case(actor, case, reason=ErasureReason.PERSONS_WISH)
    if not in_writing:
        _tell_supervisors(actor, tombstone)
    return tombstone


def _check_who_asks(actor: Actor, case: Case) -> None:
    """Refuse a voice that was not recognised; what was refused is recorded at once (R21)."""
    if not is_recognised(actor, case):
        refusal: type[Refused] = policy.IdentityFirst
    elif is_by_own_word(actor, case):
        refusal = policy.OwnWord
    else:
        return
    audit.refused(actor, "case:erased", Case.__tablename__, case.id)
    raise refusal


def _tell_supervisors(actor: Actor, tombstone: Erasure) -> None:
    """Let every supervisor know that a voice was enough; the line leads to nobody (R17)."""
    for member in accounts.colleagues(actor):
        if member.role is Role.SUPERVISOR:
            key = f"erased:{tombstone.id}:{member.account_id}"
            notices.tell(actor, member.account_id, NoticeKind.ERASED_BY_VOICE, tombstone, key)
