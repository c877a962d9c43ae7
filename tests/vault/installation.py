"""A whole installation for tests of its keys: a ring of its own, a database of its own, the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select

from casework import create_app, database
from casework.__main__ import cli
from casework.commands.servers import create_database, drop_database
from casework.config import read_settings
from casework.extensions import db
from casework.vault import create_key, fresh_ring, index_put, ring
from casework.vault.changes import Part, add_and_activate_key
from casework.vault.models import DataKey
from casework.vault.providers import KeyFile
from tests.conftest import environment_for
from tests.world import World

PHONE = "+14165550142"


@dataclass
class Installation:
    """One host: its settings, its running application and its key ring."""

    app: Flask
    environment: dict[str, str]
    source: KeyFile

    def run(self, *words: str, answers: str = "", **more: str) -> Result:
        """Run `casework` as a shell would."""
        return CliRunner().invoke(cli, list(words), env=self.environment | more, input=answers)

    def add_owner(self) -> UUID:
        """Make the data key of a new owner, in the running application."""
        owner = uuid4()
        with self.app.app_context():
            service = World.load().north
            database.enter_service(service.id)
            create_key(service.id, owner)
            index_put(service.id, owner, "phone", PHONE)
            database.commit()
        return owner

    def rewrap_all(self) -> None:
        """Bring every data key of the service under the current key."""
        with self.app.app_context():
            database.enter_service(World.load().north.id)
            for key in db.session.scalars(select(DataKey)):
                plain = ring().unwrap(key.owner_id, key.kek_id, key.wrapped)
                key.kek_id, key.wrapped = ring().wrap(key.owner_id, plain)
            database.commit()

    def rotate_at_once(self, part: Part = Part.KEKS) -> None:
        """Change the ring behind everybody's back."""
        self.source.store(add_and_activate_key(self.source.load(), part).ring)


@contextmanager
def installed(servers: Any, template: str, folder: Path) -> Iterator[Installation]:
    """Make an installation, and remove it at the end of the block."""
    name = f"keys_{uuid4().hex[:10]}"
    create_database(servers, name, template=template)
    source = KeyFile(folder / "keyring.json")
    source.store(fresh_ring(), is_new=True)
    environment = environment_for(servers, f"file:{source.path}", name, f"file:{folder / 'mail'}")
    app = create_app(read_settings(environment))
    try:
        yield Installation(app, environment, source)
    finally:
        with app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
        drop_database(servers, name)
