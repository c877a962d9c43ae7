"""A database of its own for each simulation, with the mail kept in memory."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from casework import create_app
from casework.commands.servers import create_database, drop_database
from casework.config import read_settings
from casework.extensions import db
from tests.conftest import environment_for


@pytest.fixture
def town(servers: Any, keys: str, template: str) -> Iterator[Flask]:
    """Give an application on a database without cases, inside its context."""
    name = f"town_{uuid.uuid4().hex[:10]}"
    create_database(servers, name, template=template)
    app = create_app(read_settings(environment_for(servers, keys, name, "memory:")))
    with app.app_context():
        yield app
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    drop_database(servers, name)
