"""The plans of many people at once, each the strictest on its number, with one query for each question."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from casework import audit, vault
from casework.database import now
from casework.people import queries
from casework.people.contact_plan import SEALED, Plan, from_row, strictest
from casework.people.detail_checks import INDEXED, WAYS
from casework.people.models import Person
from casework.security import Actor

Reach = dict[UUID, frozenset[tuple[str, str]]]


@dataclass(frozen=True, repr=False)
class OpenedPlan:
    """The plan that a call to one person obeys, its version, and whoever shares their number."""

    plan: Plan
    version: int
    sharer_ids: frozenset[UUID]


def open_plans(
    actor: Actor, person_ids: Collection[UUID], *, purpose: str
) -> dict[UUID, OpenedPlan]:
    """Open the plans that calls to these people obey: the strictest on each number (R9, R33).

    As open_plan does for one, with one entry for all that are opened and one for all they are
    compared with. A person whose plan, or whose number, cannot be read is left out: nobody calls.
    """
    people = queries.with_ids(actor, person_ids)
    reach = _reach(people)
    candidates = _candidates(actor, reach)
    other_ids = {other for found in candidates.values() for other in found} - reach.keys()
    others = queries.with_ids(actor, other_ids)
    sharers = _sharers(reach, reach | _reach(others), candidates)
    kept = queries.kept(actor, other_ids | reach.keys(), now())
    wanted = reach.keys() | ({other for found in sharers.values() for other in found} & kept)
    rows = {row.person_id: row for row in queries.plans_of(actor, wanted)}
    plans = _plans(rows)
    # What others were compared with is not said: no record links them (R33).
    for action, kind, about, fields in (
        ("person:compare", "person", {person.id for person in people}, WAYS),
        ("person:compare", "person", {person.id for person in others}, WAYS),
        ("person:plan:open", "contact_plan", rows.keys() & reach.keys(), SEALED),
        ("person:plan:compare", "contact_plan", rows.keys() - reach.keys(), SEALED),
    ):
        if about:
            audit.record(
                actor, action, (kind, None), subjects=about, fields=fields, purpose=purpose
            )
    return {
        person_id: OpenedPlan(strict, rows[person_id].version, frozenset(sharers[person_id]))
        for person_id in reach.keys() & plans.keys()
        if (strict := _strictest(person_id, sharers[person_id] & rows.keys() & kept, plans))
    }


def _strictest(person_id: UUID, sharers: Collection[UUID], plans: dict[UUID, Plan]) -> Plan | None:
    """Give what all on a number allow; None when one cannot be read, since it may be the strictest."""
    if not plans.keys() >= set(sharers):
        return None
    return strictest([plans[person_id], *(plans[other] for other in sorted(sharers))])


def _reach(people: Sequence[Person]) -> Reach:
    """Open by which phone, email or handle each can be reached; the unreadable are left out."""
    opened = vault.open_many(people, *WAYS)
    return {
        person.id: frozenset((way, INDEXED[way](fields[way])) for way in WAYS if fields[way])
        for person, fields in zip(people, opened, strict=True)
        if fields is not None
    }


def _candidates(actor: Actor, reach: Reach) -> dict[tuple[str, str], list[UUID]]:
    """Find by index terms who may have the same phone, email or handle; some only seem to."""
    by_way: dict[str, set[str]] = defaultdict(set)
    for way, value in frozenset().union(*reach.values()):
        by_way[way].add(value)
    return {
        (way, value): owners
        for way, values in by_way.items()
        for value, owners in vault.index_candidates_many(actor.service_id, way, values).items()
    }


def _sharers(
    reach: Reach, everyone: Reach, candidates: dict[tuple[str, str], list[UUID]]
) -> dict[UUID, set[UUID]]:
    """Confirm by the opened values who really shares a number with whom."""
    return {
        person_id: {
            other
            for place in places
            for other in candidates.get(place, ())
            if other != person_id and place in everyone.get(other, ())
        }
        for person_id, places in reach.items()
    }


def _plans(rows: dict[UUID, Any]) -> dict[UUID, Plan]:
    ordered = list(rows.values())
    opened = vault.open_many(ordered, *SEALED)
    return {
        row.person_id: from_row(row, fields)
        for row, fields in zip(ordered, opened, strict=True)
        if fields is not None
    }
