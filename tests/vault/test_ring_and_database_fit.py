"""A ring that lacks a key in use, or is another installation's, is said so at start and by /readyz."""

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from casework.background import TICK_KEY, broker_client
from casework.extensions import db
from casework.vault import RingRefused, fresh_ring, refuse_misfit
from casework.vault.changes import Part, retire_key
from casework.vault.reloading import Reloader
from tests.house.source import ROOT
from tests.vault.installation import Installation


def without_old_key(installation: Installation, part: Part) -> None:
    """Lose the key that everything is under, as a half-copied ring would."""
    installation.rotate_at_once(part)
    installation.source.store(retire_key(installation.source.load(), part, 1).ring)


def without_kek(installation: Installation) -> None:
    without_old_key(installation, Part.KEKS)


def without_index_key(installation: Installation) -> None:
    without_old_key(installation, Part.INDEX)


def of_another_installation(installation: Installation) -> None:
    installation.source.store(fresh_ring())


FAULTS = pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (without_kek, "lacks key 1, under which"),
        (without_index_key, "lacks index key 1, by which"),
        (of_another_installation, "the ring of another installation"),
    ],
)


def restart(installation: Installation) -> None:
    """Let the application read its ring as a new process does."""
    extensions = installation.app.extensions
    extensions["vault_reloader"] = Reloader(extensions, installation.source)


def test_a_ring_that_fits_is_accepted(installation: Installation) -> None:
    refuse_misfit(installation.app)
    installation.add_owner()
    refuse_misfit(installation.app)
    installation.rotate_at_once()
    installation.rotate_at_once(Part.INDEX)
    installation.add_owner()
    refuse_misfit(installation.app)


@FAULTS
def test_a_ring_that_does_not_fit_refuses_to_start(
    installation: Installation, spoil: Callable[[Installation], None], says: str
) -> None:
    installation.add_owner()
    spoil(installation)
    restart(installation)
    with pytest.raises(RingRefused, match=says) as refusal:
        refuse_misfit(installation.app)
    assert str(refusal.value).endswith(".")


@FAULTS
def test_readyz_names_the_keys(
    installation: Installation, spoil: Callable[[Installation], None], says: str
) -> None:
    broker_client(installation.app).set(TICK_KEY, int(time.time()))
    installation.add_owner()
    client = installation.app.test_client()
    assert client.get("/readyz").status_code == 200
    spoil(installation)
    restart(installation)
    response = client.get("/readyz")
    assert [name for name, fine in response.json["checks"].items() if not fine] == ["keys"]


def test_all_keys_in_use_are_seen_in_all_services(installation: Installation) -> None:
    installation.add_owner()
    for _ in range(3):
        installation.rotate_at_once()
        installation.add_owner()
    with installation.app.app_context():
        rows = db.session.execute(text("SELECT kek_id FROM casework_keys_in_use()")).scalars()
        assert sorted(rows) == [1, 2, 3, 4]
        versions = db.session.execute(
            text("SELECT version FROM casework_index_versions_in_use(ARRAY['phone'])")
        )
        assert versions.scalars().all() == [1]
        db.session.remove()


def test_one_damaged_key_keeps_nobody_out(installation: Installation, as_owner: Any) -> None:
    damaged, _ = installation.add_owner(), installation.add_owner()
    with installation.app.app_context():
        name = db.engine.url.database
    as_owner(name, "UPDATE data_key SET wrapped = '\\x01' WHERE owner_id = :id", id=damaged)
    refuse_misfit(installation.app)


def test_a_database_without_tables_is_left_to_readyz(
    installation: Installation, as_owner: Any
) -> None:
    with installation.app.app_context():
        name = db.engine.url.database
    as_owner(name, "DROP FUNCTION casework_keys_in_use()")
    refuse_misfit(installation.app)


@pytest.mark.processes
@pytest.mark.parametrize("entry", ["app", "celery_worker"])
def test_neither_web_nor_worker_start_with_a_half_rotated_ring(
    installation: Installation, entry: str
) -> None:
    installation.add_owner()
    command = [sys.executable, "-c", f"import {entry}"]
    started = subprocess.run(command, cwd=ROOT, env=installation.environment, check=False)
    assert started.returncode == 0
    without_kek(installation)
    refused = subprocess.run(
        command, cwd=ROOT, env=installation.environment, check=False, capture_output=True, text=True
    )
    assert refused.returncode == 1
    assert "The key ring lacks key 1" in refused.stderr.splitlines()[-1]
