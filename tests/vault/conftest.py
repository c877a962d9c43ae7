"""People and notes to seal: rows with sealed columns, each with the key of its owner."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from casework.cases.models import Case, CaseNote
from casework.people.models import Person
from casework.vault import create_key, seal
from tests.vault.installation import Installation, installed

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


@pytest.fixture
def make_person(db: Any, world: Any) -> Callable[..., Person]:
    """Give a maker of people of the first service, with a key and the values sealed."""

    def make(**values: Any) -> Person:
        person = Person(service_id=world.north.id, created_at=AT)
        create_key(world.north.id, person.id)
        seal(person, **values)
        db.session.add(person)
        db.session.flush()
        return person

    return make


@pytest.fixture
def make_note(db: Any, make_person: Callable[..., Person]) -> Callable[[Case, str], CaseNote]:
    """Give a maker of notes, sealed under the key of their case."""

    def make(case: Case, body: str) -> CaseNote:
        note = CaseNote(service_id=case.service_id, case_id=case.id, written_at=AT)
        seal(note, body=body)
        db.session.add(note)
        db.session.flush()
        return note

    return make


@pytest.fixture
def case(db: Any, make_person: Callable[..., Person]) -> Case:
    """Give a case with a key of its own."""
    person = make_person()
    case = Case(service_id=person.service_id, ref="C-222222", person_id=person.id, opened_at=AT)
    create_key(case.service_id, case.id)
    db.session.add(case)
    db.session.flush()
    return case


@pytest.fixture
def installation(servers: Any, template: str, tmp_path: Path) -> Iterator[Installation]:
    """Give an installation of its own: ring, database, application and command line."""
    with installed(servers, template, tmp_path) as made:
        yield made
