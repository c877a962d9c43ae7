"""A key run by a real worker: started on the page's service, killed in a batch, taken over, ended."""

import uuid
from pathlib import Path

import pytest
from sqlalchemy import text

from casework import database
from casework.background import Job
from casework.keys import services
from casework.keys.models import RunKind
from tests.processes import rotation
from tests.processes.conftest import House, wait_until
from tests.world import World

pytestmark = pytest.mark.processes
OWNERS = 3_000


def start_run(house: House) -> uuid.UUID:
    """Start a run as the administrator does; its commit sends the job."""
    with house.app.app_context():
        run_id: uuid.UUID = services.start_run(World.load().marc.actor, kind=RunKind.REWRAP).id
        database.commit()
    return run_id


def test_a_worker_carries_a_run_to_its_end(house: House, keys: str, tmp_path: Path) -> None:
    rotation.make_owners(house, OWNERS)
    rotation.rotate(house, keys, tmp_path)
    house.start_worker()
    start_run(house)
    wait_until(lambda: rotation.run_row(house)[0] == "done", "the run never ended")
    assert rotation.run_row(house) == ("done", OWNERS, OWNERS, 0)
    assert house.rows(rotation.STANDING, kek=1) == [(0,)]


def test_a_worker_killed_in_a_batch_loses_nothing_and_another_goes_on(
    house: House, keys: str, tmp_path: Path
) -> None:
    rotation.make_owners(house, OWNERS)
    rotation.rotate(house, keys, tmp_path)
    run_id = start_run(house)
    first = house.start_worker()
    # The test holds the run's row, so that the worker has moved a batch and waits to count it.
    with house.connect() as holder:
        wait_until(
            lambda: house.rows("SELECT 1 FROM key_run WHERE wake_at > now()"),
            "the worker never took its turn",
        )
        holder.execute(text("SELECT id FROM key_run WHERE id = :id FOR UPDATE"), {"id": run_id})
        wait_until(
            lambda: house.rows(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock'"
            ),
            "the worker never came to count its batch",
        )
        house.kill(first)
        holder.rollback()
    wait_until(
        lambda: house.rows(
            "SELECT 1 FROM key_run WHERE done = :total - (" + rotation.STANDING + ")",
            total=OWNERS,
            kek=1,
        ),
        "what was counted is not what was moved",
    )
    house.flush_broker()
    house.start_worker()
    house.rows("UPDATE key_run SET wake_at = now() - interval '1 second'")
    house.send(Job.CLAIM_KEY_RUNS)
    wait_until(lambda: rotation.run_row(house)[0] == "done", "nobody took the run over")
    assert rotation.run_row(house) == ("done", OWNERS, OWNERS, 0)
    assert house.rows(rotation.STANDING, kek=1) == [(0,)]


@pytest.mark.soak
def test_the_command_line_tells_what_may_be_retired(
    house: House, keys: str, tmp_path: Path
) -> None:
    rotation.make_owners(house, 5)
    assert "key 1: 5 data keys, current" in rotation.run_command(house, "keys", "status")
    rotation.rotate(house, keys, tmp_path, index=True)
    said = rotation.run_command(house, "keys", "status")
    assert "key 1: 5 data keys, only opens; not to be retired: still needed by north" in said
    assert "version 2: 0 terms, current" in said
    assert "south: nothing to do" in rotation.run_command(house, "keys", "rewrap")
    said = rotation.run_command(house, "keys", "status")
    assert "north: 5 data keys brought to key 2, 0 failed, 0 left (done)" in said
    assert "key 1: 0 data keys, only opens; may be retired" in said
    for command in ("rewrap", "reindex"):
        assert "north: nothing to do" in rotation.run_command(house, "keys", command)


def test_a_key_that_cannot_be_opened_ends_the_command_with_a_sentence(
    house: House, keys: str, tmp_path: Path
) -> None:
    rotation.make_owners(house, 5)
    rotation.rotate(house, keys, tmp_path)
    house.rows(
        "UPDATE data_key SET wrapped = set_byte(wrapped, 60, 255 - get_byte(wrapped, 60))"
        " WHERE owner_id = (SELECT min(owner_id::text)::uuid FROM data_key)"
    )
    said = rotation.run_command(house, "keys", "rewrap", status=1)
    assert "north: 4 data keys brought to key 2, 1 failed, 0 left (done)" in said
    assert "Not all data keys stand under the current key" in said
    assert "1 of them could not be opened" in rotation.run_command(house, "keys", "status")
