"""A site with people in it, a pair of backup keys, empty databases, and the command line to use on them."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from casework import create_app, database, vault
from casework.__main__ import cli
from casework.commands.servers import OWNER, create_database, drop_database
from casework.extensions import db
from tests.cases.openings import open_case
from tests.conftest import environment_for, settings_for
from tests.world import World

MARK = "Zqxjkvbw"  # a word that occurs nowhere else


def forget(app: Flask) -> None:
    """Close every connection of an application."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@dataclass
class Site:
    """One deployment: its servers, its key ring, its database, and where its files go."""

    servers: Any
    keys: str
    name: str
    folder: Path
    public: str = ""
    identity: Path = Path()
    apps: list[Flask] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def run(self, *words: str | Path, **environment: str) -> Result:
        """Run a command of casework with the environment of this site."""
        env = environment_for(self.servers, self.keys, self.name, "console:") | environment
        return CliRunner().invoke(cli, [str(word) for word in words], env=env)

    def backup(self, name: str = "copy.age", **environment: str) -> Path:
        """Make a backup of the site, and give its file."""
        path = self.folder / name
        done = self.run("backup", "--to", path, "--recipient", self.public, **environment)
        assert done.exit_code == 0, done.output
        return path

    def restore(self, path: Path, into: str, *more: str | Path, **environment: str) -> Result:
        """Restore a backup into a database of this server, as the owner of its tables.

        With today's list of erasures, where no word says otherwise.
        """
        if not {"--erasures", "--without-erasures"} & {str(word) for word in more}:
            more = ("--erasures", self.export(), *more)
        target = {"MIGRATION_DATABASE_URL": self.servers.url(OWNER, into)} | environment
        return self.run("restore", path, "--identity", self.identity, *more, **target)

    def export(self) -> Path:
        """Write the list of the erasures as it is now to a new file."""
        path = self.folder / f"erasures-{uuid.uuid4().hex[:8]}.jsonl"
        done = self.run("erasures", "export", "--to", path)
        assert done.exit_code == 0, done.output
        return path

    def new_database(self) -> str:
        """Make an empty database, dropped after the test."""
        name = f"restored_{uuid.uuid4().hex[:10]}"
        create_database(self.servers, name)
        self.names.append(name)
        return name

    def app_on(self, name: str, keys: str | None = None) -> Flask:
        """Start the application on a database of this server."""
        app = create_app(settings_for(self.servers, keys or self.keys, name, self.folder / "mail"))
        self.apps.append(app)
        return app

    def rows(self, name: str, statement: str, **values: Any) -> list[Any]:
        """Run SQL on a database as the superuser, behind the application's back."""
        engine = create_engine(self.servers.admin_url(name), poolclass=NullPool)
        with engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return list(result.all()) if result.returns_rows else []

    def table_names(self, name: str) -> list[str]:
        """List the tables that stand in a database."""
        question = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        return [row[0] for row in self.rows(name, question)]


@pytest.fixture
def site(servers: Any, keys: str, template: str, tmp_path: Path) -> Iterator[Site]:
    """Give a deployment with two open cases of two people."""
    name = f"site_{uuid.uuid4().hex[:10]}"
    create_database(servers, name, template=template)
    identity = pyrage.x25519.Identity.generate()
    made = Site(servers, keys, name, tmp_path, public=str(identity.to_public()))
    made.identity = tmp_path / "identity.txt"
    made.identity.write_text(f"# as age-keygen writes it\n{identity}\n")
    made.identity.chmod(0o600)
    with made.app_on(name).app_context():
        world = World.load()
        for number in (1, 2):
            details = {"safe_name": f"{MARK} {number}", "phone": f"613-555-010{number}"}
            open_case(world.amina.actor, details=details)
    yield made
    for app in made.apps:
        forget(app)
    for each in (*made.names, name):
        drop_database(servers, each)
    database.clock.freeze(None)


@pytest.fixture
def backup(site: Site) -> Path:
    """Give a backup of the site as it stands."""
    return site.backup()


def ring_source(folder: Path, text_of_ring: str) -> str:
    """Keep a key ring in a file of its own, and give the setting that names it."""
    path = folder / f"ring-{uuid.uuid4().hex[:6]}.json"
    vault.write_new_file(path, text_of_ring)
    return f"file:{path}"
