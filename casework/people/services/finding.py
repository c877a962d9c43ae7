"""Finding people by an exact phone, email or handle: the blind index, confirmed by opening (R16)."""

import uuid

from flask_babel import lazy_gettext as _l

from casework import audit, vault
from casework.database import Refused
from casework.people import queries
from casework.people.detail_checks import INDEXED, WAYS
from casework.people.models import Person
from casework.security import Actor

MOST_CANDIDATES = 50


class TooManyFound(Refused):
    """So many share this that a list would show people who did not call."""

    message = _l("Too many records share this. Use the case reference.")


def find_people(
    actor: Actor, *, phone: str = "", email: str = "", handle: str = ""
) -> list[Person]:
    """Find the people of this service who gave one of these, exactly, and record the search (R21).

    Nobody may learn from this who else was found: a page asks for the code word first (R32, R33).
    Raises a Refused with its field for an impossible phone or email.
    """
    said = {"phone": phone, "email": email, "handle": handle}
    wanted = {kind: INDEXED[kind](text) for kind, text in said.items() if text.strip()}
    people = queries.with_ids(actor, candidates(actor, wanted))
    opened = vault.open_many(people, *wanted)
    found = [
        person
        for person, fields in zip(people, opened, strict=True)
        if fields and any(_is_same(kind, fields[kind], value) for kind, value in wanted.items())
    ]
    audit.record(
        actor,
        "person:find",
        ("person", None),
        subjects=[person.id for person in people],
        fields=list(wanted),
        detail={"found": len(found)},
    )
    return found


def candidates(actor: Actor, wanted: dict[str, str]) -> set[uuid.UUID]:
    """Give the owners whose index terms match; raise TooManyFound at the cap."""
    found: set[uuid.UUID] = set()
    for kind, value in wanted.items():
        matching = vault.index_candidates(actor.service_id, kind, value, MOST_CANDIDATES)
        if len(matching) >= MOST_CANDIDATES:
            raise TooManyFound
        found.update(matching)
    return found


def open_sharers(actor: Actor, person: Person) -> list[Person]:
    """Find who else can be reached by this person's phone, email or handle (R33).

    The entry about the others does not name the person they share with: no record links them.
    """
    own = vault.open_fields(person, *WAYS)
    wanted = {kind: INDEXED[kind](own[kind]) for kind in WAYS if own[kind]}
    others = queries.with_ids(actor, candidates(actor, wanted) - {person.id})
    opened = vault.open_many(others, *WAYS)
    audit.record(actor, "person:compare", person, subjects=(person.id,), fields=WAYS)
    if others:
        audit.record(
            actor,
            "person:compare",
            ("person", None),
            subjects=[other.id for other in others],
            fields=WAYS,
        )
    return [
        other
        for other, fields in zip(others, opened, strict=True)
        if fields and any(_is_same(kind, fields[kind], value) for kind, value in wanted.items())
    ]


def _is_same(kind: str, value: str | None, wanted: str) -> bool:
    return bool(value) and INDEXED[kind](str(value)) == wanted
