"""Somebody calls back: which case is theirs, decided by what was agreed with them (R32, R33)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from casework import audit
from casework.accounts import queries as accounts
from casework.accounts.models import Account
from casework.cases import policy, queries
from casework.cases.models import Case, CaseStatus, EventKind
from casework.cases.searching import Search
from casework.cases.services.access import admit
from casework.cases.services.events import record_event
from casework.cases.services.tries import check_tries, count_try
from casework.database import now
from casework.extensions import db
from casework.notices import services as notices
from casework.notices.models import NoticeKind
from casework.people import services as people
from casework.people.models import AccessReason, Person
from casework.security import Actor, Role

FAILURES = 5  # failed identity steps for one case
WITHIN = timedelta(hours=1)
# How long a navigator may see the case of somebody who called: the rest of a shift.
SHIFT = timedelta(hours=12)


@dataclass(frozen=True)
class Said:
    """What the voice on the line said: the code word, or answers by people.verify_identity's names."""

    code_word: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to compare."""
        return not any(text.strip() for text in (self.code_word, *self.answers.values()))


@dataclass(frozen=True)
class Recognition:
    """Whose case it is, or nobody's: it never says how many were asked about."""

    case: Case | None


def recognise(actor: Actor, case: Case, *, said: Said) -> Recognition:
    """Let a voice that gave a reference prove that the case is theirs, and admit the actor (R32).

    An inbound failure never locks the person's plan (R13 is about calls we make): it is counted,
    and after five in an hour the look-up refuses this case and the supervisors are told. Raises
    NothingSaid or TooManyFailures.
    """
    if said.is_nothing:
        raise policy.NothingSaid
    people.lock_version(case, None)
    if queries.failed_identities(actor, case, now() - WITHIN) >= FAILURES:
        raise policy.TooManyFailures
    if _is_theirs(actor, case.person, said):
        return _admit_caller(actor, case)
    _count_failure(actor, case)
    return Recognition(None)


def recognise_by(actor: Actor, search: Search, *, said: Said) -> Recognition:
    """Let the words decide whose case opens among all who gave this phone, email or handle (R33).

    The answer is the same whether nobody gave it, or nobody's words fit, or those of two people
    did: a reference decides then. Nothing is written in the cases of those it was not, since a
    line there would tell one person of a couple about the other. Raises NothingSaid or
    TooManyFailures, which counts this value whoever gave it.
    """
    if said.is_nothing:
        raise policy.NothingSaid
    check_tries(actor, search)
    found = people.find_people(actor, **{search.way.value: search.value})
    # Whoever was found by it cannot prove anything with it.
    heard = Said(
        said.code_word,
        {name: text for name, text in said.answers.items() if name != search.way.value},
    )
    right = [person for person in found if _is_theirs(actor, person, heard)]
    case = _latest_case(actor, right[0]) if len(right) == 1 else None
    if case is not None:
        return _admit_caller(actor, case)
    audit.record(actor, "case:identity:failed", ("case", None), detail={"by": search.way})
    if count_try(actor, search):
        _tell_supervisors(actor, accounts.account_of(actor))
    return Recognition(None)


def open_for_reason(actor: Actor, case: Case, *, reason: AccessReason) -> None:
    """Open a colleague's case without the person on the line, for a reason of one's role (R29)."""
    if reason not in policy.reasons_for(actor.role):
        raise policy.AccessReasonMissing
    admit(actor, case, reason=reason, until_at=now() + SHIFT)


def _is_theirs(actor: Actor, person: Person, said: Said) -> bool:
    check = people.verify_identity(
        actor, person, code_word=said.code_word, answers=dict(said.answers)
    )
    return check.ok


def _latest_case(actor: Actor, person: Person) -> Case | None:
    """Give a person's newest open case, or their newest one when all are closed."""
    cases = queries.cases_of(actor, person.id)
    still_open = (case for case in cases if case.status is CaseStatus.OPEN)
    return next(still_open, next(iter(cases), None))


def _admit_caller(actor: Actor, case: Case) -> Recognition:
    admit(actor, case, reason=AccessReason.PERSON_CALLED, until_at=now() + SHIFT)
    return Recognition(case)


def _count_failure(actor: Actor, case: Case) -> None:
    """Record a failed identity step on a look-up; the fifth within an hour tells the supervisors."""
    record_event(actor, case, EventKind.IDENTITY_FAILED, code=queries.LOOK_UP)
    db.session.flush()
    audit.record(actor, "case:identity:failed", case, subjects=(case.person_id,))
    if queries.failed_identities(actor, case, now() - WITHIN) >= FAILURES:
        _tell_supervisors(actor, case)


def _tell_supervisors(actor: Actor, subject: Case | Account) -> None:
    for member in accounts.colleagues(actor):
        if member.role is Role.SUPERVISOR:
            key = f"identity:{subject.id}:{now():%Y%m%d%H}:{member.account_id}"
            notices.tell(actor, member.account_id, NoticeKind.IDENTITY_LOCKED, subject, key)
