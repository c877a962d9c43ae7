"""Cases that the services wrote, read as rows, so that they can be told again of other people."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, or_, select
from sqlalchemy.orm import lazyload

from casework import audit, vault
from casework.audit.chain import Act
from casework.audit.models import AuditEntry, AuditSubject
from casework.cases.models import Case, CaseStatus
from casework.database import Model
from casework.extensions import db
from casework.people.models import ContactPlan, Person
from casework.security import Actor
from casework.vault import Pattern
from casework.vault.models import DataKey, IndexTerm

# A link is a secret of a letter that left once; a hold is somebody's decision about one case.
LEFT_OUT = frozenset({"referral_link", "legal_hold"})
ROOTS = (Person.__tablename__, Case.__tablename__)
# What is told again in the audit: who opened, asked, called and closed. Reading is not: nobody read.
ACTS_TOLD = ("case:opened", "referral:sent", "followup:call:ended", "case:closed")
LOOKED_UP_BY_VALUE = frozenset({"phone", "email", "handle", "full_name"})


@dataclass(frozen=True)
class OriginalRow:
    """One row: its clear columns by name, and what it holds sealed, which stays closed."""

    row_class: Any
    values: dict[str, Any]
    pattern: Pattern | None
    owner_id: UUID | None


@dataclass
class Original:
    """All rows of one person and their case, parents first, and what the audit told of them."""

    person_id: UUID
    zone: str = "UTC"
    is_closed: bool = False
    rows: list[OriginalRow] = field(default_factory=list)
    owners: list[UUID] = field(default_factory=list)
    # Terms that lead to an agency, the same for whoever is sent there.
    routes: list[tuple[UUID, str, int, int]] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    @property
    def ids(self) -> list[UUID]:
        """The ids of all rows, which every copy has anew."""
        return [row.values["id"] for row in self.rows]


def read_originals(actor: Actor, limit: int) -> list[Original]:
    """Read the first cases of a service that has been entered, of people with one case each (R21)."""
    persons = _people_to_copy(actor.service_id, limit)
    originals: dict[UUID, Original] = {}
    of_person: dict[UUID, UUID] = {}
    for person_id, rows in _by_person(persons).items():
        of_person |= {row.id: person_id for row in rows}
        originals[person_id] = _original(person_id, rows)
    _add_keys(originals, of_person)
    _add_acts(originals, of_person, actor.service_id)
    audit.record(
        actor, "person:copy", ("person", None), subjects=persons, purpose="invented_people"
    )
    return list(originals.values())


def family() -> list[tuple[Any, list[tuple[str, str]]]]:
    """Give every class of rows that hangs on a person, parents first, and by which columns it does.

    Read from the foreign keys, so that a table which a room adds is copied with the others.
    """
    known: dict[str, Any] = {}
    found = []
    mapped = {mapper.local_table.name: mapper.class_ for mapper in Model.registry.mappers}  # type: ignore[attr-defined]
    for table in Model.metadata.sorted_tables:
        hangs_by = _hangs_by(table, known)
        if table.name not in LEFT_OUT and (table.name == ROOTS[0] or hangs_by):
            known[table.name] = mapped[table.name]
            found.append((mapped[table.name], hangs_by))
    return found


def _hangs_by(table: Table, known: Collection[str]) -> list[tuple[str, str]]:
    return [
        (element.parent.name, key.referred_table.name)
        for key in sorted(table.foreign_key_constraints, key=lambda each: str(each.name))
        for element in key.elements
        if element.column.name == "id" and key.referred_table.name in known
    ]


def _people_to_copy(service_id: UUID, limit: int) -> list[UUID]:
    """Name the people of the first cases, each with one case only: a copy has one person and one case."""
    alone = (
        select(Case.person_id)
        .where(Case.service_id == service_id)
        .group_by(Case.person_id)
        .having(func.count() == 1)
        .order_by(func.min(Case.opened_at), Case.person_id)
        .limit(limit)
    )
    return list(db.session.scalars(alone))


def _rows_of(persons: list[UUID]) -> Iterator[tuple[Any, UUID]]:
    """Give each row with the person it hangs on."""
    of_person = {ROOTS[0]: {person_id: person_id for person_id in persons}}
    for row_class, hangs_by in family():
        name = row_class.__tablename__
        columns = row_class.__table__.c
        wanted = (
            [columns[column].in_(list(of_person[parent])) for column, parent in hangs_by]
            if hangs_by
            else [columns.id.in_(persons)]
        )
        found = db.session.scalars(
            select(row_class).where(or_(*wanted)).options(lazyload("*")).order_by(columns.id)
        )
        of_person[name] = of_person.get(name, {})
        for row in found:
            person_id = _person_of(row, hangs_by, of_person)
            of_person[name][row.id] = person_id
            yield row, person_id


def _person_of(row: Any, hangs_by: list[tuple[str, str]], of_person: dict[str, Any]) -> UUID:
    parents = (of_person[parent].get(getattr(row, column)) for column, parent in hangs_by)
    person_id: UUID = next((parent for parent in parents if parent is not None), row.id)
    return person_id


def _by_person(persons: list[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {person_id: [] for person_id in persons}
    for row, person_id in _rows_of(persons):
        found[person_id].append(row)
    return found


def _original(person_id: UUID, rows: list[Any]) -> Original:
    original, patterns = Original(person_id), vault.patterns_of(rows)
    for row in rows:
        pattern = patterns.get(row.id)
        owner_id = None if pattern is None else row.key_owner_id
        original.rows.append(OriginalRow(type(row), _clear_values(row), pattern, owner_id))
        if isinstance(row, ContactPlan):
            original.zone = row.time_zone
        if isinstance(row, Case):
            original.is_closed = row.status is CaseStatus.CLOSED
    return original


def _clear_values(row: Any) -> dict[str, Any]:
    sealed = vault.attribute_columns(type(row))
    columns = row.__mapper__.columns.items()
    return {column.name: getattr(row, name) for name, column in columns if name not in sealed}


def _add_keys(originals: dict[UUID, Original], of_person: dict[UUID, UUID]) -> None:
    owners = select(DataKey.owner_id).where(DataKey.owner_id.in_(of_person))
    for owner_id in db.session.scalars(owners):
        originals[of_person[owner_id]].owners.append(owner_id)
    terms = select(IndexTerm).where(
        IndexTerm.owner_id.in_(of_person), IndexTerm.kind.not_in(LOOKED_UP_BY_VALUE)
    )
    for term in db.session.scalars(terms):
        route = (term.owner_id, term.kind, term.version, term.token)
        originals[of_person[term.owner_id]].routes.append(route)


def _add_acts(
    originals: dict[UUID, Original], of_person: dict[UUID, UUID], service_id: UUID
) -> None:
    by_text = {str(row_id): person_id for row_id, person_id in of_person.items()}
    told = select(AuditEntry).where(
        AuditEntry.service_id == service_id,
        AuditEntry.action.in_(ACTS_TOLD),
        AuditEntry.object_id.in_(by_text),
    )
    entries = list(db.session.scalars(told.order_by(AuditEntry.seq)))
    about: dict[int, list[UUID]] = defaultdict(list)
    for subject in db.session.scalars(
        select(AuditSubject).where(AuditSubject.seq.in_([entry.seq for entry in entries]))
    ):
        about[subject.seq].append(subject.person_id)
    for entry in entries:
        originals[by_text[str(entry.object_id)]].acts.append(_act(entry, about[entry.seq]))


def _act(entry: AuditEntry, subjects: list[UUID]) -> Act:
    return Act(
        at_us=entry.at_us,
        service_id=entry.service_id,
        actor_kind=entry.actor_kind,
        actor_id=entry.actor_id,
        action=entry.action,
        object_type=entry.object_type,
        object_id=entry.object_id,
        purpose=entry.purpose,
        fields=tuple(entry.fields),
        detail=entry.detail,
        subjects=tuple(subjects),
    )
