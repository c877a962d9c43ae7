"""The contact plan: opened as the strictest on its number, changed, confirmed, marked unsafe."""

from collections.abc import Mapping
from typing import Any

from casework import audit, vault
from casework.database import now
from casework.extensions import db
from casework.people import queries
from casework.people.contact_plan import SEALED, Plan, from_row, strictest
from casework.people.models import ContactPlan, Person
from casework.people.plan_checks import clean_plan
from casework.people.services.details import digests
from casework.people.services.finding import open_sharers
from casework.people.services.locking import lock_version
from casework.people.signals import person_changed
from casework.security import Actor


def open_plan(actor: Actor, person: Person, *, purpose: str) -> Plan:
    """Open the plan that a call to this person obeys: the strictest on their number (R9, R33).

    Others count while their case may be kept. Nothing in the result tells that there are others.
    """
    others = {other.id for other in open_sharers(actor, person)}
    rows = queries.plans_of(actor, queries.kept(actor, others, now())) if others else []
    own = queries.plan_of(actor, person.id)
    # A plan that cannot be read may be the strictest: opening it raises, and nobody calls.
    opened = [vault.open_fields(row, *SEALED) for row in (own, *rows)]
    audit.record(
        actor, "person:plan:open", own, subjects=(person.id,), fields=SEALED, purpose=purpose
    )
    if rows:
        audit.record(
            actor,
            "person:plan:compare",
            ("contact_plan", None),
            subjects=[row.person_id for row in rows],
            fields=SEALED,
        )
    return strictest(
        [from_row(row, fields) for row, fields in zip((own, *rows), opened, strict=True)]
    )


def open_own_plan(actor: Actor, person: Person, *, purpose: str) -> Plan:
    """Open the plan as this person said it, for the page that changes it; calls obey open_plan."""
    row = queries.plan_of(actor, person.id)
    opened = vault.open_fields(row, *SEALED)
    audit.record(
        actor, "person:plan:open", row, subjects=(person.id,), fields=SEALED, purpose=purpose
    )
    return from_row(row, opened)


def open_questions(actor: Actor, person: Person, *, purpose: str) -> list[str]:
    """Open the agreed questions without their answers (R32)."""
    row = queries.plan_of(actor, person.id)
    opened = vault.open_fields(row, "agreed_questions")["agreed_questions"] or []
    audit.record(
        actor,
        "person:plan:open",
        row,
        subjects=(person.id,),
        fields=("agreed_questions",),
        purpose=purpose,
    )
    return [entry["question"] for entry in opened]


def change_plan(
    actor: Actor,
    person: Person,
    *,
    plan: Mapping[str, Any],
    version: int | None = None,
    is_safe_again: bool = True,
) -> ContactPlan:
    """Change what is said of the plan; it counts as confirmed, and as safe again (R13, R14).

    Who changes it without having looked at the plan lifts no “not safe” that somebody else has said
    meanwhile: `is_safe_again` is then False. Raises StaleVersion when somebody else saved first, or a Refused with its field.
    """
    said = clean_plan(plan)
    row = queries.plan_of(actor, person.id)
    lock_version(row, version)
    row.when = said.get("when", row.when)
    row.time_zone = said.get("time_zone", row.time_zone)
    sealed = {name: value for name, value in said.items() if name in SEALED}
    if sealed:
        vault.seal(row, **sealed)
    if is_safe_again:
        row.is_unsafe = False
    row.last_confirmed_at = now()
    row.version += 1
    db.session.flush()
    audit.record(
        actor,
        "person:plan:write",
        row,
        subjects=(person.id,),
        fields=list(said),
        detail={"digests": digests(row, sealed)},
    )
    person_changed.send(person.id, what="plan", actor=actor)
    return row


def confirm_plan(actor: Actor, person: Person) -> None:
    """Write down that the person confirmed the plan just now (R14)."""
    row = queries.plan_of(actor, person.id)
    row.last_confirmed_at = now()
    db.session.flush()
    audit.record(actor, "person:plan:confirm", row, subjects=(person.id,))


def mark_unsafe(actor: Actor, person: Person) -> None:
    """Stop every call to this person until a navigator has made the plan again (R13)."""
    row = queries.plan_of(actor, person.id)
    lock_version(row, None)
    row.is_unsafe = True
    row.version += 1
    db.session.flush()
    audit.record(actor, "person:plan:mark_unsafe", row, subjects=(person.id,))
    person_changed.send(person.id, what="plan", actor=actor)
