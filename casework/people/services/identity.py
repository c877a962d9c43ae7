"""Recognising a person by what was agreed with them, never by their number alone (R32)."""

from collections.abc import Mapping

from casework import audit, vault
from casework.people import queries
from casework.people.models import Person, PhoneKind
from casework.people.policy import FACTS, IdentityCheck, judge, may_use_facts
from casework.people.services.finding import open_sharers
from casework.security import Actor


def verify_identity(
    actor: Actor,
    person: Person,
    *,
    code_word: str = "",
    answers: Mapping[str, str] | None = None,
) -> IdentityCheck:
    """Check what a voice said against what was agreed, and record it either way (R13, R32).

    The code word decides when one is said; else the agreed question (`answers["agreed"]`); and
    where neither was ever agreed, two household facts by column name (full_name, children_ages,
    pets, area, email), but never in a sensitive record, on a phone that is not the person's own,
    or on a number that somebody else gave too.
    """
    plan = queries.plan_of(actor, person.id)
    opened = vault.open_fields(plan, "code_word", "agreed_questions", "phone_kind")
    has_agreed = opened["code_word"] or opened["agreed_questions"]
    kind = opened["phone_kind"]
    is_allowed = not has_agreed and may_use_facts(
        is_sensitive=person.is_sensitive,
        phone_kind=PhoneKind(kind) if kind else None,
        others_on_number=open_sharers(actor, person),
    )
    facts = vault.open_fields(person, *FACTS) if is_allowed else None
    check = judge(code_word=code_word, answers=answers or {}, opened=opened, facts=facts)
    audit.record(
        actor,
        "person:verify",
        person,
        subjects=(person.id,),
        fields=("code_word", "agreed_questions", *(FACTS if facts else ())),
        detail={"ok": check.ok, "means": check.means},
    )
    return check
