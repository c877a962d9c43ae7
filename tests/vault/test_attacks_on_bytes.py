"""Every bit, every length and every extension of a sealed value and of a wrapped key, in PostgreSQL."""

from typing import Any

import pytest
from sqlalchemy import text

from casework import cases, people
from casework.cases.models import Case, CaseNote
from casework.database import now
from casework.people.models import Person
from casework.vault import create_key, seal
from tests.people.records import keep_person
from tests.vault.thief import MARK, forget, refused

BYTES = 61  # 1 format, 12 nonce, 32 padded or the data key, 16 tag: a short value, or a wrapped key
BITS = 8 * BYTES

FLIP = (
    "UPDATE {table} AS t SET {column} = set_bit(t.{column}, n.at, 1 - get_bit(t.{column}, n.at))"
    " FROM (SELECT {id} AS id, row_number() OVER (ORDER BY {id})::int - 1 AS at FROM {table}"
    " WHERE {id} = ANY(:ids)) AS n WHERE t.{id} = n.id"
)
CUT = (
    "UPDATE {table} AS t SET {column} = substring(t.{column} FOR n.length)"
    " FROM (SELECT {id} AS id, row_number() OVER (ORDER BY {id})::int - 1 AS length FROM {table}"
    " WHERE {id} = ANY(:ids)) AS n WHERE t.{id} = n.id"
)
BEHEAD = CUT.replace("FOR n.length", "FROM n.length + 2")
EXTEND = (
    "UPDATE {table} AS t SET {column} = CASE n.at % 4 WHEN 0 THEN t.{column} || '\\x00'"
    " WHEN 1 THEN '\\x01' || t.{column} WHEN 2 THEN t.{column} || t.{column}"
    " ELSE t.{column} || '\\x8000' END"
    " FROM (SELECT {id} AS id, row_number() OVER (ORDER BY {id})::int AS at FROM {table}"
    " WHERE {id} = ANY(:ids)) AS n WHERE t.{id} = n.id"
)
DAMAGES = [(FLIP, BITS), (CUT, BYTES), (BEHEAD, BYTES), (EXTEND, 4)]
NAMES = ["every bit flipped", "every length", "every beginning cut off", "extended"]


def damage(db: Any, statement: str, ids: list[Any], **names: str) -> None:
    done = db.session.execute(text(statement.format(**names)), {"ids": ids})
    assert done.rowcount == len(ids)
    forget(db)


@pytest.fixture
def case(world: Any) -> Case:
    person = keep_person(world.amina.actor)
    return cases.services.open_case(
        world.amina.actor, person, needs=["food"], adults=1, children=0, language="en"
    )


@pytest.mark.parametrize(("statement", "count"), DAMAGES, ids=NAMES)
def test_no_damaged_value_opens(
    db: Any, world: Any, caplog: Any, case: Case, statement: str, count: int
) -> None:
    notes = [
        CaseNote(service_id=case.service_id, case_id=case.id, written_at=now())
        for _ in range(count + 1)
    ]
    for note in notes:
        seal(note, body=f"{MARK} note")
    db.session.add_all(notes)
    db.session.flush()
    *damaged, whole = notes
    damage(db, statement, [n.id for n in damaged], table="case_note", column="body", id="id")
    read: list[Any] = []

    def open_notes() -> None:
        read.extend(cases.services.open_notes(world.amina.actor, case, purpose="case_page"))

    refused(world, caplog, open_notes, "tag", "format")
    assert read == [(whole, f"{MARK} note")]


@pytest.mark.parametrize(("statement", "count"), DAMAGES, ids=NAMES)
def test_no_damaged_key_opens(db: Any, world: Any, caplog: Any, statement: str, count: int) -> None:
    rows = [Person(service_id=world.north.id, created_at=now()) for _ in range(count + 1)]
    for person in rows:
        create_key(world.north.id, person.id)
        seal(person, safe_name=MARK)
    db.session.add_all(rows)
    db.session.flush()
    *damaged, whole = rows
    ids = [person.id for person in damaged]
    damage(db, statement, ids, table="data_key", column="wrapped", id="owner_id")
    names: dict[Any, str] = {}

    def open_names() -> None:
        names.update(people.services.open_names(world.amina.actor, rows, purpose="my_day"))

    refused(world, caplog, open_names, "key_tag", "key_format")
    assert [person_id for person_id, name in names.items() if name == MARK] == [whole.id]
    assert len(names) == count + 1
