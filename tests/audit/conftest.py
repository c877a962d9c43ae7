"""A chain to tamper with, and a reader who verifies."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from casework.audit import VerifyResult, verify
from casework.audit.chain import Act
from casework.audit.writing import append

SERVICE = UUID(int=211)
EMPTY = (
    "SET LOCAL session_replication_role = replica",
    "DELETE FROM audit_entry",
    "DELETE FROM audit_subject",
    "UPDATE audit_head SET seq = 0, hash = decode(repeat('00', 32), 'hex')",
)


@pytest.fixture
def verified() -> Callable[[Flask], VerifyResult]:
    """Verify an application's chain as the reader does, in small batches."""

    def run(app: Flask) -> VerifyResult:
        engine = create_engine(app.config["CASEWORK"].reader_database_url, poolclass=NullPool)
        with engine.connect() as connection:
            return verify(connection, batch=4)

    return run


@pytest.fixture
def empty_ledger(app: Flask, servers: Any) -> Iterator[Connection]:
    """Give the database's superuser, triggers off, an empty chain; all is undone after the test."""
    name = make_url(app.config["CASEWORK"].database_url).database
    engine = create_engine(servers.admin_url(name), poolclass=NullPool)
    with engine.connect() as connection, connection.begin() as transaction:
        for statement in EMPTY:
            connection.execute(text(statement))
        yield connection
        transaction.rollback()


@pytest.fixture
def ledger(empty_ledger: Connection) -> Connection:
    """Give the superuser's connection with twelve entries in the chain, each about two people."""
    for number in range(6):
        acts = [
            Act(
                at_us=1_795_000_000_000_000 + number,
                service_id=SERVICE,
                actor_kind="staff",
                actor_id=uuid4(),
                action=action,
                object_type="case",
                object_id=str(uuid4()),
                fields=("full_name", "phone"),
                detail={"number": number, "digest": "ab" * 32},
                subjects=tuple(sorted((uuid4(), uuid4()))),
            )
            for action in ("case:read", "person:reveal")
        ]
        append(empty_ledger, acts)
    return empty_ledger
