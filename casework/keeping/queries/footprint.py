"""What an erasure would take, counted by table: found through the schema, not through a list."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Table, func, or_, select

from casework.cases import queries as cases
from casework.cases.models import Case
from casework.database import Model
from casework.extensions import db
from casework.people.models import Person
from casework.security import Actor

# Tables that name a row without a foreign key, by these columns.
NAMING = ("owner_id", "subject_id")


def footprint(viewer: Actor, case: Case) -> dict[str, int]:
    """Count the rows that go with a case, and with its person when it is their last one."""
    ids: dict[str, list[Any]] = {Case.__tablename__: [case.id]}
    if len(cases.cases_of(viewer, case.person_id)) == 1:
        ids[Person.__tablename__] = [case.person_id]
    for table in Model.metadata.sorted_tables:
        below = _ids_below(table, ids)
        if below:
            ids[table.name] = below
    counts = {name: len(rows) for name, rows in ids.items()}
    every = [row_id for rows in ids.values() for row_id in rows]
    for table, column in _naming_tables():
        named = db.session.scalar(select(func.count()).select_from(table).where(column.in_(every)))
        if named:
            counts[table.name] = named
    return dict(sorted(counts.items()))


def _ids_below(table: Table, ids: dict[str, list[Any]]) -> list[UUID]:
    """Give the rows of a table that go with rows already found, by the keys that cascade."""
    keys = [
        element.parent.in_(ids[constraint.referred_table.name])
        for constraint in _cascading(table)
        if constraint.referred_table.name in ids
        for element in constraint.elements
        if element.column.name == "id"
    ]
    if not keys:
        return []
    return list(db.session.scalars(select(table.c.id).where(or_(*keys))))


def _cascading(table: Table) -> Iterable[ForeignKeyConstraint]:
    return (key for key in table.foreign_key_constraints if key.ondelete == "CASCADE")


def _naming_tables() -> Iterator[tuple[Table, Any]]:
    for table in Model.metadata.sorted_tables:
        for name in NAMING:
            column = table.columns.get(name)
            # An owner or subject that has a foreign key is somebody of the staff.
            if column is not None and not column.foreign_keys and "case_id" not in table.columns:
                yield table, column
