"""The tables themselves: the application may add and read, and nobody may change by mistake."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

CHANGES = [
    "UPDATE audit_entry SET action = 'case:other'",
    "UPDATE audit_subject SET seq = seq + 1",
    "DELETE FROM audit_entry",
    "DELETE FROM audit_subject",
    "TRUNCATE audit_entry",
    "TRUNCATE audit_subject",
    "DELETE FROM audit_head",
    "TRUNCATE audit_head",
    "UPDATE audit_head SET seq = seq - 1",
    "UPDATE audit_head SET seq = seq",
    "INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '')",
]


@pytest.mark.parametrize("statement", CHANGES)
def test_the_application_cannot_change_what_is_written(db: Any, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|audit"), db.session.begin_nested():
        db.session.execute(text(statement))


@pytest.mark.parametrize("statement", CHANGES)
def test_the_owner_is_refused_by_the_triggers(ledger: Connection, statement: str) -> None:
    ledger.execute(text("SET LOCAL session_replication_role = origin"))
    with pytest.raises(DBAPIError, match="audit"), ledger.begin_nested():
        ledger.execute(text(statement))


def test_the_application_cannot_add_to_another_service(db: Any, world: Any) -> None:
    statement = text(
        "INSERT INTO audit_subject (seq, at_us, person_id, service_id)"
        " VALUES (1, 1, :person, :service)"
    )
    row = {"person": uuid4(), "service": world.outsider.service_id}
    with pytest.raises(DBAPIError, match="row-level security"), db.session.begin_nested():
        db.session.execute(statement, row)
