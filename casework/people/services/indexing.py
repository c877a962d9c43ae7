"""What people are found by, made again for the blind index under its current key (R16)."""

import uuid
from collections.abc import Mapping, Sequence

from casework import audit, vault
from casework.database import Refused
from casework.people import queries
from casework.people.detail_checks import INDEXED
from casework.security import Actor


def rebuild_terms(
    service_id: uuid.UUID, owner_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, dict[str, str] | None]:
    """Open what these people are found by, and give it in the form the index compares (R21).

    Somebody who is being changed or erased just now is left out. None for somebody whose record
    cannot be opened; nothing for an owner who is no more.
    """
    actor = Actor.system(service_id)
    known = {person.id for person in queries.with_ids(actor, owner_ids)}
    busy = vault.hold_keys(known)
    people = queries.hold(actor, known - busy)
    opened = vault.open_many(people, *INDEXED)
    if people:
        audit.record(
            actor,
            "person:reindex",
            ("person", None),
            subjects=[person.id for person in people],
            fields=tuple(INDEXED),
            purpose="reindex",
        )
    terms: dict[uuid.UUID, dict[str, str] | None] = {
        owner_id: {} for owner_id in owner_ids if owner_id not in known
    }
    for person, details in zip(people, opened, strict=True):
        terms[person.id] = None if details is None else _normalised(details)
    return terms


def _normalised(details: Mapping[str, str | None]) -> dict[str, str] | None:
    try:
        return {
            kind: normalise(said)
            for kind, normalise in INDEXED.items()
            if (said := details[kind]) is not None and said
        }
    except Refused:
        # Kept under an older rule; the term it has is the only one it can have.
        return None
