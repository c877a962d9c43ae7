"""A person's sealed details: written, changed, opened with an audit entry, and findable (R16)."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _

from casework import audit, vault
from casework.accounts import queries as accounts
from casework.database import now
from casework.extensions import db
from casework.people import queries
from casework.people.contact_plan import SEALED as PLAN_SEALED
from casework.people.detail_checks import CLEAR, INDEXED, SEALED, AreaNotKept, clean_details
from casework.people.models import ContactPlan, Person, WhenToCall
from casework.people.plan_checks import clean_plan
from casework.people.services.locking import lock_version
from casework.people.signals import person_changed
from casework.security import Actor


def register_person(actor: Actor, *, details: Mapping[str, Any], plan: Mapping[str, Any]) -> Person:
    """Keep a person under a key of their own, with their contact plan (R9, R16).

    Their consent must be recorded in the same transaction: the database refuses a person without
    (R1). Raises a Refused with its field for details or a plan that cannot be.
    """
    said = clean_details(details)
    said_plan = {"time_zone": accounts.service_of(actor).time_zone} | clean_plan(plan)
    at = now()
    person = Person(service_id=actor.service_id, created_at=at, version=1)
    db.session.add(person)
    vault.create_key(actor.service_id, person.id)
    _write(actor, person, said)
    db.session.flush()
    row = ContactPlan(
        service_id=actor.service_id,
        person_id=person.id,
        time_zone=said_plan["time_zone"],
        when=said_plan.get("when", WhenToCall.ASK_FIRST),
        last_confirmed_at=at,
        version=1,
    )
    vault.seal(row, **{name: said_plan.get(name) for name in PLAN_SEALED})
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor,
        "person:register",
        person,
        subjects=(person.id,),
        fields=[name for name in SEALED if said.get(name) is not None],
        detail={"digests": digests(person, said)},
    )
    audit.record(
        actor,
        "person:plan:write",
        row,
        subjects=(person.id,),
        fields=[name for name in PLAN_SEALED if said_plan.get(name) is not None],
        detail={"digests": digests(row, said_plan)},
    )
    return person


def change_details(
    actor: Actor, person: Person, *, details: Mapping[str, Any], version: int | None = None
) -> None:
    """Change the details that are given, and what the person is found by (R37).

    Raises StaleVersion when somebody else saved first, AreaNotKept for an area in a sensitive
    record (R19), or a Refused with its field.
    """
    said = clean_details(details)
    lock_version(person, version)
    _write(actor, person, said)
    person.version += 1
    db.session.flush()
    audit.record(
        actor,
        "person:change",
        person,
        subjects=(person.id,),
        fields=list(said),
        detail={"digests": digests(person, said)},
    )
    person_changed.send(person.id, what="details", actor=actor)


def mark_sensitive(actor: Actor, person: Person) -> None:
    """Mark a record as one of violence: its area is destroyed and none is kept from now on (R19).

    All cases of the person become sensitive with it, and what their requests hold in clear is
    sealed, by whoever hears of it in this transaction (R16).
    """
    if not queries.hold_sensitivity(actor, person.id):
        person.is_sensitive = True
        person.area = None
        db.session.flush()
        about = ("area",)
        audit.record(actor, "person:mark_sensitive", person, subjects=(person.id,), fields=about)
    person_changed.send(person.id, what="sensitive", actor=actor)


def open_details(actor: Actor, person: Person, *fields: str, purpose: str) -> dict[str, Any]:
    """Open the named details of a person, and record who, which and why (R21)."""
    opened = vault.open_fields(person, *fields)
    audit.record(
        actor, "person:open", person, subjects=(person.id,), fields=fields, purpose=purpose
    )
    return opened


def open_names(actor: Actor, people: Iterable[Person], *, purpose: str) -> dict[uuid.UUID, str]:
    """Open the safe names of the people of a list, with one audit entry for all (R21).

    Who gave no safe name is called so: the full name is opened by name and purpose only.
    """
    listed = list({person.id: person for person in people}.values())
    if not listed:
        return {}
    opened = vault.open_many(listed, "safe_name")
    audit.record(
        actor,
        "person:list",
        ("person", None),
        subjects=[person.id for person in listed],
        fields=("safe_name",),
        purpose=purpose,
    )
    return {
        person.id: (names or {}).get("safe_name") or _("No name given")
        for person, names in zip(listed, opened, strict=True)
    }


def digests(row: Any, said: Iterable[str]) -> dict[str, str | None]:
    """Give the digest of each sealed field that was written, so that an old one put back is seen."""
    return {name: vault.digest(row, name) for name in said if name in (*SEALED, *PLAN_SEALED)}


def _write(actor: Actor, person: Person, said: Mapping[str, Any]) -> None:
    if person.is_sensitive and said.get("area"):
        raise AreaNotKept
    for name in CLEAR:
        if name in said:
            setattr(person, name, said[name])
    sealed = {name: value for name, value in said.items() if name in SEALED}
    if sealed:
        vault.seal(person, **sealed)
    for kind, normalise in INDEXED.items():
        if kind in said:
            vault.index_delete(person.id, kind)
            if said[kind]:
                vault.index_put(actor.service_id, person.id, kind, normalise(said[kind]))
