"""An application on a database of its own, with the cast of the tests, to measure on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask
from sqlalchemy import make_url

from casework import create_app, database, memory
from casework.commands.servers import connect_as_admin, create_database, create_roles, drop_database
from casework.extensions import db
from casework.vault import fresh_ring, write_new_file
from tests.conftest import settings_for
from tests.world import people_the_world


@contextmanager
def application(servers: Any, folder: Path, name: str) -> Iterator[Flask]:
    """Give an application; the database is dropped afterwards, and the clock given back."""
    folder.mkdir(parents=True, exist_ok=True)
    write_new_file(folder / f"{name}.json", fresh_ring())
    create_roles(servers)
    create_database(servers, name)
    app = create_app(settings_for(servers, f"file:{folder / name}.json", name, folder / "mail"))
    try:
        with app.app_context():
            flask_migrate.upgrade()
            people_the_world()
            db.session.remove()
        # As the web's processes do.
        memory.settle()
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
        database.clock.freeze(None)
        drop_database(servers, name)


def copy_rows(servers: Any, app: Flask, table: str, columns: str, rows: Any) -> None:
    """Write many rows by COPY, as a restore does, and let PostgreSQL look at them."""
    with connect_as_admin(servers, _name(app)) as connection:
        with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        connection.execute(f"ANALYZE {table}")


def run_as_admin(servers: Any, app: Flask, statements: str) -> None:
    """Run statements of ours as the superuser."""
    with connect_as_admin(servers, _name(app)) as connection:
        for statement in statements.split(";"):
            connection.execute(statement)


def open_as_admin(servers: Any, app: Flask) -> Any:
    """Open a connection to the application's database as the superuser."""
    return connect_as_admin(servers, _name(app))


def _name(app: Flask) -> str:
    return str(make_url(app.config["CASEWORK"].database_url).database)
