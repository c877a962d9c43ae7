"""Consent by purpose: each answer recorded by itself, replaced by the next, withdrawn in one act."""

import uuid
from collections.abc import Callable, Iterable, Sequence

from casework import audit, vault
from casework.accounts import queries as accounts
from casework.database import now
from casework.extensions import db
from casework.people import languages, queries
from casework.people.models import Consent, ConsentEnd, ConsentWording, Person, Purpose
from casework.people.policy import (
    ALL_END,
    ConsentAnswer,
    UnknownLanguage,
    check_answers,
    expiry,
)
from casework.people.services.sharing import open_named_partners
from casework.people.signals import consent_ended, person_changed
from casework.security import Actor

# What ends an answer to these reaches into the person’s cases: they are held before the answers,
# as whoever asks an agency holds its case before it looks for a consent (docs/referrals.md).
REACHING = frozenset({Purpose.SHARE_WITH_PARTNER, Purpose.KEEP_CASE})

HoldCases = Callable[[Actor, uuid.UUID], None]


def _no_cases(actor: Actor, person_id: uuid.UUID) -> None:
    return None


_hold_cases: HoldCases = _no_cases


def hold_cases_with(hold: HoldCases) -> None:
    """Say how the cases of a person are held until the commit: the room above has them."""
    global _hold_cases
    _hold_cases = hold


def hold_cases(actor: Actor, person_id: uuid.UUID, purposes: Iterable[Purpose]) -> None:
    """Let nobody ask an agency for a person while answers to these purposes are changed (R4, R5)."""
    if not REACHING.isdisjoint(purposes):
        _hold_cases(actor, person_id)


def record_consents(
    actor: Actor, person: Person, answers: Sequence[ConsentAnswer]
) -> list[Consent]:
    """Record one answer for each purpose; an answer replaces the earlier one to the same question.

    A no where a yes stood has the effect of withdrawing it (R2, R5). Raises AnsweredTwice,
    SharedWithNobody, EndsInThePast, EndsTooLate or UnknownLanguage.
    """
    check_answers(answers)
    hold_cases(actor, person.id, {answer.purpose for answer in answers})
    earlier = queries.running(actor, person.id, {answer.purpose for answer in answers})
    partners = open_named_partners(actor, earlier, purpose="replace")
    recorded, refused = [], []
    for answer in answers:
        same = [row for row in earlier if _is_same_question(row, partners.get(row.id), answer)]
        if not answer.is_given and any(row.is_given for row in same):
            refused.append(answer.purpose)
        how = ConsentEnd.REPLACED if answer.is_given else ConsentEnd.WITHDRAWN
        _end(actor, same, how)
        recorded.append(_write(actor, person, answer))
    db.session.flush()
    if any(answer.is_given for answer in answers):
        person_changed.send(person.id, what="consent", actor=actor)
    if Purpose.KEEP_CASE in refused:
        end_all(actor, person.id, ConsentEnd.WITHDRAWN)
    else:
        for purpose in dict.fromkeys(refused):
            _announce(actor, person.id, purpose, ConsentEnd.WITHDRAWN)
    return recorded


def withdraw(actor: Actor, person: Person, purpose: Purpose) -> int:
    """Withdraw one purpose, or all when the case itself may no longer be kept (R5, R31).

    Tells how many consents ended; none is no error, since the person's wish already holds.
    """
    if purpose is Purpose.KEEP_CASE:
        return end_all(actor, person.id, ConsentEnd.WITHDRAWN)
    hold_cases(actor, person.id, {purpose})
    given = [row for row in queries.running(actor, person.id, {purpose}) if row.is_given]
    ended = _end(actor, given, ConsentEnd.WITHDRAWN)
    if ended:
        _announce(actor, person.id, purpose, ConsentEnd.WITHDRAWN)
    return ended


def sentence(actor: Actor, purpose: Purpose, language: str) -> ConsentWording | None:
    """Give the sentence to say aloud for a purpose to somebody who speaks this language (R2)."""
    return queries.wordings(actor).get((purpose, _wording_language(actor, language)))


def end_one(actor: Actor, consent: Consent, end: ConsentEnd) -> None:
    """End one answer, with the effect of its purpose if it was a yes (R6).

    The caller holds the person’s cases, and then the answer.
    """
    was_given = consent.is_given
    if was_given and consent.purpose is Purpose.KEEP_CASE:
        end_all(actor, consent.person_id, end)
        return
    _end(actor, [consent], end)
    if was_given:
        _announce(actor, consent.person_id, consent.purpose, end)


def end_all(actor: Actor, person_id: uuid.UUID, end: ConsentEnd) -> int:
    """End every purpose, sharing and calls before the case itself, which closes (R1, R5)."""
    hold_cases(actor, person_id, ALL_END)
    given = [row for row in queries.running(actor, person_id) if row.is_given]
    ended = _end(actor, given, end)
    purposes = {row.purpose for row in given}
    for purpose in ALL_END:
        if purpose in purposes or purpose is Purpose.KEEP_CASE:
            _announce(actor, person_id, purpose, end)
    return ended


def _write(actor: Actor, person: Person, answer: ConsentAnswer) -> Consent:
    if not languages.is_known(answer.language):
        raise UnknownLanguage
    at = now()
    wording = sentence(actor, answer.purpose, answer.language)
    consent = Consent(
        service_id=actor.service_id,
        person_id=person.id,
        purpose=answer.purpose,
        is_given=answer.is_given,
        wording_id=wording.id if wording else None,
        language=answer.language,
        how_given=answer.how_given,
        heard_by=actor.id if actor.is_staff else None,
        given_at=at,
        expires_at=expiry(answer, at),
        category=answer.category,
    )
    if answer.partner_id is not None:
        vault.seal(consent, named_partner=str(answer.partner_id))
    db.session.add(consent)
    audit.record(
        actor,
        "consent:record",
        consent,
        subjects=(person.id,),
        purpose=answer.purpose,
        detail={
            "is_given": answer.is_given,
            "expires_at": consent.expires_at,
            "wording": consent.wording_id,
            "named_partner": vault.digest(consent, "named_partner"),
        },
    )
    return consent


def _wording_language(actor: Actor, language: str) -> str:
    """Choose the language of the sentence: the person's if we have it, else the service's own."""
    if language in ("en", "fr"):
        return language
    return "fr" if accounts.service_of(actor).locale.startswith("fr") else "en"


def _is_same_question(row: Consent, partner: uuid.UUID | None, answer: ConsentAnswer) -> bool:
    if row.purpose is not answer.purpose:
        return False
    asks_all = answer.category is None and answer.partner_id is None
    return asks_all or (row.category == answer.category and partner == answer.partner_id)


def _end(actor: Actor, rows: Iterable[Consent], end: ConsentEnd) -> int:
    """End rows and give the number of those that were a yes."""
    given = 0
    for row in rows:
        if row.ended_at is not None:
            continue
        row.ended_at, row.end = now(), end
        given += row.is_given
        audit.record(
            actor, "consent:end", row, subjects=(row.person_id,), purpose=row.purpose,
            detail={"end": end, "was_given": row.is_given},
        )  # fmt: skip
    db.session.flush()
    return given


def _announce(actor: Actor, person_id: uuid.UUID, purpose: Purpose, end: ConsentEnd) -> None:
    consent_ended.send(person_id, purpose=purpose, end=end, actor=actor)
