"""One real PostgreSQL and one real Redis per run; most tests roll back, some get a database of their own."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from playwright.sync_api import Playwright, sync_playwright
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool
from xdist.scheduler.loadscope import LoadScopeScheduling

from casework import create_app, database, memory
from casework.commands.servers import (
    APP,
    OWNER,
    READER,
    create_database,
    create_roles,
    drop_database,
    embedded,
)
from casework.config import Settings, read_settings
from casework.extensions import db as database_extension
from casework.extensions import limiter
from casework.security import passwords
from casework.vault import fresh_ring, write_new_file
from tests.visitors import Visitor
from tests.world import World, people_the_world

TEMPLATE = "casework_template"
# One database of invented people is looked at by several files.
MADE_ONCE = {"tests/seed"}


class CompiledOnce(BytecodeCache):
    """Keeps the code of templates for every application of the run; each would compile its own."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code of a template that another application has compiled."""
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        self._code[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledOnce()}


class ByFile(LoadScopeScheduling):
    """Gives each file to one process, and a folder whose files share what is costly to make."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::")[0]
        folder = path.rpartition("/")[0]
        return folder if folder in MADE_ONCE else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Spread the tests ourselves: the plugin's marks for groups do nothing with this pytest."""
    return ByFile(config, log)


@pytest.fixture(autouse=True)
def without_throttling(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the cast sign in a hundred times a minute; tests of the throttle ask for it."""
    limiter.enabled = "throttled" in request.keywords
    yield
    limiter.enabled = True


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Hash passphrases with as little work as argon2 allows: the cast signs in a thousand times."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "hasher", PasswordHasher(1, 8, 1))
        yield


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Start the driver of browsers once for the run: a thread can have no second one."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start PostgreSQL and Redis once for the whole run, on private sockets."""
    with embedded(
        tmp_path_factory.mktemp("servers"),
        durable=False,
        admin_url=os.environ.get("TEST_ADMIN_DATABASE_URL"),
        redis_url=os.environ.get("TEST_REDIS_URL"),
    ) as running:
        create_roles(running)
        yield running


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Make a key ring for this run."""
    path = tmp_path_factory.mktemp("keys") / "keyring.json"
    write_new_file(path, fresh_ring())
    return f"file:{path}"


def environment_for(
    servers: Any, keys: str, name: str, mail_url: str, **more: str
) -> dict[str, str]:
    """Give the environment of an application, or of a process, on one database of the run."""
    return {
        "CASEWORK_ENV": "test",
        "SECRET_KEY": "tests-only-" + "s" * 32,
        "CASEWORK_KEYS": keys,
        "DATABASE_URL": servers.url(APP, name),
        "MIGRATION_DATABASE_URL": servers.url(OWNER, name),
        "READER_DATABASE_URL": servers.url(READER, name),
        "REDIS_URL": servers.redis_url,
        "MAIL_URL": mail_url,
        "PUBLIC_URL": "http://localhost",
    } | more


def settings_for(servers: Any, keys: str, name: str, mail: Path, **more: str) -> Settings:
    """Give the settings of an application on one database of the run."""
    more = {"UPLOADS": f"{mail}-uploads"} | more
    return read_settings(environment_for(servers, keys, name, f"file:{mail}", **more))


@pytest.fixture(scope="session")
def template(servers: Any, keys: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Migrate one database and put the cast in it; every other database is a clone of it."""
    create_database(servers, TEMPLATE)
    app = create_app(settings_for(servers, keys, TEMPLATE, tmp_path_factory.mktemp("mail")))
    with app.app_context():
        flask_migrate.upgrade()
        people_the_world()
        database_extension.session.remove()
        for engine in database_extension.engines.values():
            engine.dispose()
    return TEMPLATE


@pytest.fixture(scope="session")
def app(
    servers: Any, keys: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """Give the application of the tests that roll back, on a clone of the template."""
    create_database(servers, "casework_rolled_back", template=template)
    made = create_app(
        settings_for(servers, keys, "casework_rolled_back", tmp_path_factory.mktemp("mail"))
    )
    memory.settle()
    yield made
    with made.app_context():
        for engine in database_extension.engines.values():
            engine.dispose()


@contextmanager
def rolled_back(app: Flask) -> Iterator[Connection]:
    """Undo every change of the block, commits included, and give the connection all are made on.

    Flask-SQLAlchemy's session asks db.engines for its bind, so the engine is swapped for one open
    connection; commits inside release savepoints only (house.md section 4, trap 2).
    """
    with app.app_context():
        engines = database_extension.engines
        real = engines[None]
    connection = real.connect()
    outer = connection.begin()
    engines[None] = connection
    database_extension.session.session_factory.configure(join_transaction_mode="create_savepoint")
    context = app.app_context()
    context.push()
    try:
        yield connection
    finally:
        database_extension.session.remove()
        context.pop()
        outer.rollback()
        connection.close()
        engines[None] = real
        database_extension.session.session_factory.configure(
            join_transaction_mode="conditional_savepoint"
        )
        database.clock.freeze(None)


@pytest.fixture
def db(app: Flask) -> Iterator[Any]:
    """Give a database whose every change is undone after the test."""
    with rolled_back(app):
        yield database_extension


@pytest.fixture
def live_db(
    servers: Any, keys: str, template: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Flask]:
    """Give an application on a database of its own: real commits, cloned for this test."""
    name = f"live_{uuid.uuid4().hex[:10]}"
    create_database(servers, name, template=template)
    app = create_app(settings_for(servers, keys, name, tmp_path / "mail"))
    yield app
    with app.app_context():
        database_extension.session.remove()
        for engine in database_extension.engines.values():
            engine.dispose()
    database.clock.freeze(None)
    drop_database(servers, name)


@pytest.fixture
def world(db: Any) -> World:
    """Give the cast: two navigators of one service, one of another, a supervisor, an agency."""
    return World.load()


@pytest.fixture
def visitor(app: Flask, db: Any) -> Any:
    """Give a browser for a member of the cast (None: not signed in), with CSRF on."""

    def visit(member: Any = None) -> Visitor:
        browser = Visitor(app)
        if member is not None:
            browser.sign_in(member)
        return browser

    return visit


class TestClock:
    """Freezes and moves Casework's one clock."""

    __test__ = False

    def freeze(self, at: datetime) -> datetime:
        """Stop the clock at this instant."""
        database.clock.freeze(at)
        return at

    def advance(self, by: timedelta) -> datetime:
        """Move the stopped clock forward."""
        at = (database.clock.frozen or database.now()) + by
        database.clock.freeze(at)
        return at


@pytest.fixture
def clock() -> Iterator[TestClock]:
    """Give the clock, handed back to PostgreSQL after the test."""
    yield TestClock()
    database.clock.freeze(None)


@pytest.fixture
def as_owner(servers: Any) -> Any:
    """Run SQL as the superuser on a database, behind the application's back."""

    def run(name: str, statement: str, **values: Any) -> list[Any]:
        engine = create_engine(servers.admin_url(name), poolclass=NullPool)
        with engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return list(result.all()) if result.returns_rows else []

    return run
