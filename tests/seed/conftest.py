"""Databases filled with invented people: one of a few cases for all tests that only look."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import make_url

from casework import create_app, database
from casework.accounts.queries import service_by_code
from casework.commands.seed import fill
from casework.commands.seed.staffing import Staffed, staff
from casework.commands.seed.words import SERVICES
from casework.commands.servers import create_database, drop_database
from casework.extensions import db as database_extension
from tests.conftest import settings_for

# A Tuesday, ten in the morning in Toronto: within the agreed hours of both stories.
PRESENT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
CASES = 40


@contextmanager
def seeded_app(
    servers: Any, keys: str, template: str, mail: Path, *, cases: int, at: datetime, seed: int = 211
) -> Iterator[Flask]:
    """Give an application on a database of its own, filled with cases."""
    name = f"seeded_{uuid.uuid4().hex[:10]}"
    create_database(servers, name, template=template)
    app = create_app(settings_for(servers, keys, name, mail))
    with app.app_context():
        fill(cases, seed, at=at)
        database_extension.session.remove()
    yield app
    with app.app_context():
        database_extension.session.remove()
        for engine in database_extension.engines.values():
            engine.dispose()
    drop_database(servers, name)


@pytest.fixture(scope="session")
def seeded(
    servers: Any, keys: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """Give a database of few cases; whoever uses it only looks."""
    mail = tmp_path_factory.mktemp("mail")
    with seeded_app(servers, keys, template, mail, cases=CASES, at=PRESENT) as app:
        yield app


@pytest.fixture
def counted(as_owner: Any) -> Callable[..., dict[Any, int]]:
    """Count rows by one column, over both services, behind the application’s back."""

    def run(app: Flask, table: str, column: str, where: str = "true") -> dict[Any, int]:
        name = make_url(app.config["CASEWORK"].database_url).database
        query = f'SELECT {column}, count(*) FROM "{table}" WHERE {where} GROUP BY 1'
        return {row[0]: row[1] for row in as_owner(name, query)}

    return run


@pytest.fixture
def river(seeded: Flask) -> Iterator[Staffed]:
    """Enter the first service as it stands in these cases, at the present of its people."""
    with seeded.app_context():
        database.clock.freeze(PRESENT)
        service = service_by_code(SERVICES[0].code)
        assert service is not None
        yield staff(SERVICES[0])
        database.rollback()
        database_extension.session.remove()
        database.clock.freeze(None)
