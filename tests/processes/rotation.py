"""A house whose key ring has just been rotated, and whose many owners still stand under key 1."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

from sqlalchemy import text

from casework import database, vault
from casework.extensions import db
from casework.vault import write_new_file
from tests.house.source import ROOT
from tests.people.records import keep_person
from tests.processes.conftest import House
from tests.vault import rings
from tests.world import World

MAKE = text(
    "INSERT INTO data_key (owner_id, service_id, kek_id, wrapped, created_at)"
    " SELECT owner_id, :service_id, 1, wrapped, now()"
    " FROM unnest(CAST(:owner_ids AS uuid[]), CAST(:wrapped AS bytea[])) AS t (owner_id, wrapped)"
)
STANDING = "SELECT count(*) FROM data_key WHERE kek_id = :kek"


def make_owners(house: House, count: int) -> uuid.UUID:
    """Give so many owners a data key under key 1; give their service."""
    with house.app.app_context():
        service_id = World.load().north.id
        owner_ids = [uuid.uuid4() for _ in range(count)]
        wrapped = [vault.ring().wrap(owner_id, os.urandom(32))[1] for owner_id in owner_ids]
        values = {"service_id": service_id, "owner_ids": owner_ids, "wrapped": wrapped}
        db.session.execute(MAKE, values)
        database.commit()
    return service_id


def keep_people(house: House, count: int) -> dict[uuid.UUID, str]:
    """Keep so many people, each with a name and a number of their own; give their names."""
    names = {}
    with house.app.app_context():
        actor = World.load().amina.actor
        for number in range(count):
            details = {"full_name": f"Maya Torres {number}", "phone": phone_of(number)}
            names[keep_person(actor, details=details).id] = details["full_name"]
        database.commit()
    return names


def phone_of(number: int) -> str:
    """Give the number of one of these people."""
    return f"514-555-{1000 + number:04d}"


def rotate(house: House, keys: str, folder: Path, *, index: bool = False) -> dict[str, Any]:
    """Let the application and every later process go on with a ring whose key 2 is current."""
    after = rings.rotated(rings.document(keys), index=index)
    path = folder / "rotated.json"
    write_new_file(path, json.dumps(after))
    house.environment["CASEWORK_KEYS"] = f"file:{path}"
    rings.use(house.app, rings.ring_of(after))
    return after


def start_command(house: House, *words: str) -> subprocess.Popen[str]:
    """Start a `casework` command as an operator would, without a broker."""
    return subprocess.Popen(
        [sys.executable, "-m", "casework", *words],
        cwd=ROOT,
        env=os.environ | house.environment | {"REDIS_URL": "redis://127.0.0.1:1/0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run_command(house: House, *words: str, status: int = 0) -> str:
    """Run a command to its end and give what it said."""
    done = start_command(house, *words)
    said, errors = done.communicate(timeout=120)
    assert done.returncode == status, errors
    return said + errors


def run_row(house: House) -> Any:
    """Give the state, the total and the counts of the newest run, or None."""
    rows = house.rows("SELECT state, total, done, failed FROM key_run ORDER BY started_at DESC")
    return rows[0] if rows else None
