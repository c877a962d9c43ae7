"""Importing again updates and doubles nothing; what vanished becomes inactive; a killed import goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from casework import database, directory
from casework.database import NotFound
from casework.directory.needs import NeedCode
from casework.extensions import db as database_extension
from casework.importing import policy, queries, services, tasks
from casework.importing.models import ImportFormat
from casework.security import Actor
from tests.conftest import environment_for
from tests.importing.conftest import EXAMPLES, organization, places_of, service
from tests.world import World

Written = Callable[..., Path]
TABLES = "organization directory_service location service_at_location schedule phone capacity"


def counts(db: Any) -> dict[str, int]:
    """Count the rows of the directory."""
    return {
        name: db.session.scalars(text(f"SELECT count(*) FROM {name}")).one()
        for name in TABLES.split()
    }


def nested(id_: str, **more: Any) -> dict[str, Any]:
    """Make a nested service with a place, hours and a phone."""
    place = {
        "id": f"L{id_}",
        "location_type": "physical",
        "addresses": [{"address_1": "1 Open Street", "city": "Guelph", "state_province": "ON"}],
    }
    return {
        "id": id_,
        "name": f"Service {id_}",
        "organization": {"id": f"O{id_}", "name": "Kitchen"},
        "phones": [{"number": "519-555-0130"}],
        "schedules": [{"freq": "DAILY", "opens_at": "09:00", "closes_at": "17:00"}],
        "service_at_locations": [{"location": place}],
    } | more


@pytest.mark.parametrize(
    ("format_", "name"),
    [
        ("hsds-json", "hsds.json"),
        ("hsds-csv", "hsds_csv"),
        ("icarol", "icarol.csv"),
        ("airs-xml", "airs.xml"),
    ],
)
def test_the_same_source_twice_is_the_same_directory(
    imported: Any, db: Any, format_: str, name: str
) -> None:
    first = imported(format_, EXAMPLES / name)
    written, before = first.written, counts(db)
    second = imported(format_, EXAMPLES / name)
    assert counts(db) == before
    assert (second.written, second.vanished, second.refused) == (written, 0, 0)


def test_what_changed_is_updated(imported: Any, written: Written) -> None:
    imported("hsds-json", written("a.json", json.dumps([nested("1")])))
    row_id = service("1").id
    changed = nested("1", name="Renamed", phones=[])
    imported("hsds-json", written("a.json", json.dumps([changed])))
    row = service("1")
    assert (row.id, row.name_en) == (row_id, "Renamed")


def test_what_vanished_becomes_inactive_and_is_there_again_when_it_returns(
    imported: Any, written: Written, world: Any
) -> None:
    both = json.dumps([nested("1"), nested("2")])
    imported("hsds-json", written("a.json", both))
    run = imported("hsds-json", written("a.json", json.dumps([nested("1")])))
    assert run.vanished == 1
    assert not service("2").is_active
    assert not organization("O2").is_active
    assert not places_of(service("2"))[0].is_active
    # What the cast and another source put in is none of this source’s business.
    assert directory.queries.search(world.amina.actor, words="bridge house")
    imported("hsds-json", written("a.json", both))
    assert service("2").is_active
    assert organization("O2").is_active


def test_another_source_is_left_alone(imported: Any, written: Written) -> None:
    imported("hsds-json", written("a.json", json.dumps([nested("1")])), source="east")
    run = imported("hsds-json", written("b.json", json.dumps([nested("2")])), source="west")
    assert run.vanished == 0
    assert service("1").is_active


def test_an_address_that_becomes_confidential_is_gone(imported: Any, written: Written) -> None:
    """R20: the update takes it away, it does not only hide it."""
    imported("hsds-json", written("a.json", json.dumps([nested("1")])))
    assert places_of(service("1"))[0].address_1 == "1 Open Street"
    hidden = nested("1")
    hidden["service_at_locations"][0]["location"]["location_type"] = "redacted"
    imported("hsds-json", written("a.json", json.dumps([hidden])))
    [place] = places_of(service("1"))
    assert (place.address_1, place.city, place.is_confidential) == ("", "", True)


def test_the_database_itself_refuses_an_address_of_a_confidential_place(
    imported: Any, db: Any
) -> None:
    imported("hsds-json", EXAMPLES / "hsds.json")
    with pytest.raises(Exception, match="confidential_keeps_no_address"), db.session.begin_nested():
        db.session.execute(
            text("UPDATE location SET address_1 = '1 Any Street' WHERE is_confidential")
        )


def test_an_older_number_of_places_never_replaces_a_newer_one(
    imported: Any, written: Written, db: Any
) -> None:
    for available, day in ((5, "2026-11-20"), (9, "2026-11-10")):
        given = [{"available": available, "updated": f"{day}T10:00:00Z"}]
        imported("hsds-json", written("a.json", json.dumps([nested("1", capacities=given)])))
    assert db.session.scalars(text("SELECT available FROM capacity")).one() == 5


def test_another_service_never_sees_an_import(imported: Any, world: Any) -> None:
    run = imported("hsds-json", EXAMPLES / "hsds.json")
    with pytest.raises(NotFound):
        queries.run(world.outsider.actor, run.id)
    assert not directory.queries.search(world.outsider.actor, words="harbour east")


def test_only_one_import_at_a_time(world: Any) -> None:
    actor, kind = world.marc.actor, ImportFormat.HSDS_JSON
    services.start_import(actor, format_=kind, source="a", language="en")
    with pytest.raises(policy.AlreadyRunning):
        services.start_import(actor, format_=kind, source="b", language="en")


@pytest.mark.parametrize("source", ["", "two words", "é", "x" * 41, "a/b"])
def test_a_source_has_a_plain_name(world: Any, source: str) -> None:
    with pytest.raises(policy.NoSource):
        services.start_import(
            world.marc.actor, format_=ImportFormat.ICAROL, source=source, language="en"
        )


def test_a_paused_import_goes_on_where_it_stopped(
    world: Any, written: Written, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "BATCH", 3)
    path = written("a.json", json.dumps([nested(str(number)) for number in range(10)]))
    actor = world.marc.actor
    run = services.start_import(actor, format_=ImportFormat.HSDS_JSON, source="a", language="en")
    database.commit()
    assert tasks.work_on(world.north.id, run.id, path, seconds=0)
    run = queries.run(actor, run.id)
    assert (run.position, run.written) == (3, 3)
    services.pause_import(actor, run)
    database.commit()
    assert not tasks.work_on(world.north.id, run.id, path)
    assert queries.run(actor, run.id).position == 3
    services.resume_import(actor, run)
    database.commit()
    tasks.work_on(world.north.id, run.id, path)
    run = queries.run(actor, run.id)
    assert (run.state, run.position, run.written, run.refused) == ("done", 10, 10, 0)


def test_a_cancelled_import_keeps_what_it_wrote_and_retires_nothing(
    world: Any, imported: Any, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [nested(str(number)) for number in range(6)]
    path = written("a.json", json.dumps(rows))
    imported("hsds-json", path)
    monkeypatch.setattr(policy, "BATCH", 2)
    actor = world.marc.actor
    run = services.start_import(
        actor, format_=ImportFormat.HSDS_JSON, source="hsds-json", language="en"
    )
    database.commit()
    tasks.work_on(world.north.id, run.id, path, seconds=0)
    services.cancel_import(actor, queries.run(actor, run.id))
    database.commit()
    assert not tasks.work_on(world.north.id, run.id, path)
    assert service("5").is_active


def test_killed_in_the_middle_and_begun_again_doubles_nothing(
    servers: Any, keys: str, live_db: Any, tmp_path: Path
) -> None:
    """A real process, a real SIGKILL between its batches, and the command once more."""
    path = tmp_path / "a.json"
    path.write_text(json.dumps([nested(str(number)) for number in range(1_600)]))
    url = live_db.config["CASEWORK"].database_url
    name = url.rsplit("/", 1)[1].split("?")[0]
    env = os.environ | environment_for(servers, keys, name, "memory:")
    command = [sys.executable, "-m", "casework", "directory", "import", str(path)]
    command += ["--format", "hsds-json", "--service", "north"]
    with (
        subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) as process,
        live_db.app_context(),
    ):
        seen = _wait_for_a_batch(process)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        assert seen > 0
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
    assert "1600 services imported, 0 rows refused" in done.stdout
    with live_db.app_context():
        world = World.load()
        for table, wanted in (("directory_service", 1_608), ("location", 1_600), ("phone", 1_600)):
            found = database_extension.session.scalars(text(f"SELECT count(*) FROM {table}"))
            assert (table, found.one()) == (table, wanted)
        assert directory.queries.offers(
            Actor.command(world.north.id), organization("O7").id, NeedCode.OTHER
        )
        states = [run.state.value for run in queries.latest(world.north.id)]
        assert states == ["done", "cancelled"]


def _wait_for_a_batch(process: subprocess.Popen[bytes]) -> int:
    """Wait until something is written and not yet all, and tell how much."""
    service_id = World.load().north.id
    ends_at = time.monotonic() + 200
    while process.poll() is None and time.monotonic() < ends_at:
        database.rollback()
        database.enter_service(service_id)
        written = database_extension.session.scalar(
            text("SELECT max(written) FROM directory_import")
        )
        if written:
            return int(written)
        time.sleep(0.01)
    return 0
