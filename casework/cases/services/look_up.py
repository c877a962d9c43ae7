"""Somebody calls back: which case is theirs, decided by what was agreed with them (R32, R33)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from casework import audit
from casework.accounts import queries as accounts
from casework.cases import policy, queries
from casework.cases.models import Case, EventKind
from casework.cases.services.access import admit
from casework.cases.services.events import record_event
from casework.database import now
from casework.extensions import db
from casework.notices import services as notices
from casework.notices.models import NoticeKind
from casework.people import services as people
from casework.people.models import AccessReason
from casework.security import Actor, Role

FAILURES = 5  # failed identity steps for one case
WITHIN = timedelta(hours=1)
# How long a navigator may see the case of somebody who called: the rest of a shift.
SHIFT = timedelta(hours=12)


@dataclass(frozen=True)
class Recognition:
    """Whose case it is, or nobody's: it never says how many were asked about."""

    case: Case | None


def find_cases(actor: Actor, *, phone: str = "", email: str = "", handle: str = "") -> list[Case]:
    """Find the open cases of everybody who gave this phone, email or handle, for the next step.

    Whatever comes back, a page may only say that a case exists: a couple on one phone must never
    learn of each other's (R33).
    """
    found = people.find_people(actor, phone=phone, email=email, handle=handle)
    return [case for person in found for case in queries.open_cases_of(actor, person.id)]


def recognise(
    actor: Actor,
    cases: Sequence[Case],
    *,
    code_word: str = "",
    answers: Mapping[str, str] | None = None,
) -> Recognition:
    """Let the voice's own words decide which of these cases is theirs, and admit the actor (R32).

    An inbound failure never locks the person's plan (R13 is about calls we make): it is counted,
    and after five in an hour the look-up refuses this case and its supervisors are told. Words
    that fit two people decide nothing; the reference does. Raises TooManyFailures.
    """
    since = now() - WITHIN
    open_to_try = [c for c in cases if queries.failed_identities(actor, c, since) < FAILURES]
    if not open_to_try:
        raise policy.TooManyFailures
    newest = {case.person_id: case for case in sorted(open_to_try, key=lambda c: c.opened_at)}
    right = [
        case
        for case in newest.values()
        if people.verify_identity(
            actor, case.person, code_word=code_word, answers=dict(answers or {})
        ).ok
    ]
    if len(right) == 1:
        admit(actor, right[0], reason=AccessReason.PERSON_CALLED, until_at=now() + SHIFT)
        return Recognition(right[0])
    if not right:
        for case in open_to_try:
            count_failed_identity(actor, case)
    return Recognition(None)


def open_for_reason(actor: Actor, case: Case, *, reason: AccessReason) -> None:
    """Open a colleague's case without the person on the line, for a reason of one's role (R29)."""
    if reason not in policy.reasons_for(actor.role):
        raise policy.ReasonMissing
    admit(actor, case, reason=reason, until_at=now() + SHIFT)


def count_failed_identity(actor: Actor, case: Case) -> None:
    """Record a failed identity step on a look-up; the fifth within an hour tells the supervisors."""
    record_event(actor, case, EventKind.IDENTITY_FAILED, code=queries.LOOK_UP)
    db.session.flush()
    audit.record(actor, "case:identity:failed", case, subjects=(case.person_id,))
    at = now()
    if queries.failed_identities(actor, case, at - WITHIN) < FAILURES:
        return
    for member in accounts.colleagues(actor):
        if member.role is Role.SUPERVISOR:
            key = f"identity:{case.id}:{at:%Y%m%d%H}:{member.account_id}"
            notices.tell(actor, member.account_id, NoticeKind.IDENTITY_LOCKED, case, key)
