"""The administrator's page of keys: numbers only, a run with its progress, and its buttons."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from casework import database
from casework.keys import queries, services, tasks
from casework.keys.models import KeyRun, RunKind
from tests.keys.conftest import KEYS


@pytest.fixture
def marc(visitor: Any, world: Any) -> Any:
    """Seat the administrator, who reads English here."""
    browser = visitor(world.marc)
    browser.post("/language", {"page_language": "en_CA", "next": "/keys"})
    return browser


def begin(world: Any) -> KeyRun:
    run = services.start_run(world.marc.actor, kind=RunKind.REWRAP)
    database.commit()
    return run


def page(browser: Any) -> str:
    return str(browser.get("/keys").get_data(as_text=True))


def test_the_page_says_what_stands_under_each_key(marc: Any, rotated: Any) -> None:
    shown = page(marc)
    for words in ("Key 1", "Key 2", "Only opens", "Current", "Rewrap now", f">{KEYS}<"):
        assert words in shown


def test_no_key_is_on_the_page(marc: Any, rotated: Any) -> None:
    shown = page(marc)
    for part in ("keks", "index"):
        assert all(key not in shown for key in rotated[part].values())


def test_the_button_begins_a_run_and_gives_way_to_its_progress(
    marc: Any, world: Any, rotated: Any
) -> None:
    page(marc)
    shown = marc.follow(marc.post("/keys/rewrap")).get_data(as_text=True)
    assert "<progress" in shown
    assert "Running" in shown
    assert "Rewrap now" not in shown
    assert queries.active_run(world.north.id, RunKind.REWRAP) is not None


def test_pausing_resuming_and_cancelling(marc: Any, world: Any, rotated: Any) -> None:
    run = begin(world)
    page(marc)
    for act, words in (("pause", "Paused"), ("resume", "Running"), ("cancel", "Cancelled")):
        answer = marc.post(f"/keys/runs/{run.id}/{act}")
        assert words in marc.follow(answer).get_data(as_text=True)
    refused = marc.post(f"/keys/runs/{run.id}/pause")
    assert refused.status_code == 409
    assert "paused or ended this run" in refused.get_data(as_text=True)


def test_a_page_that_is_open_learns_how_far_it_is(
    marc: Any, world: Any, rotated: Any, small_batches: None
) -> None:
    run = begin(world)
    tasks.take_batch(run.service_id, run.id)
    told = marc.get("/keys/progress").get_json()[str(run.id)]
    assert told | {"time_left": ""} == {
        "state": "running",
        "percent": 28,
        "done": "2",
        "failed": "0",
        "left": "5",
        "time_left": "",
    }
    assert told["time_left"] == "Less than a minute"


def test_what_the_page_asks_by_itself_keeps_no_session_alive(
    marc: Any, world: Any, clock: Any, db: Any
) -> None:
    page(marc)
    seen = text("SELECT max(seen_at) FROM web_session")
    before = db.session.scalar(seen)
    clock.freeze(database.now() + timedelta(minutes=5))
    marc.get("/keys/progress")
    assert db.session.scalar(seen) == before
    marc.get("/keys")
    assert db.session.scalar(seen) > before


def test_failures_are_said_with_what_to_do(marc: Any, world: Any, rotated: Any, db: Any) -> None:
    db.session.execute(text("UPDATE data_key SET wrapped = set_byte(wrapped, 60, 0)"))
    run = begin(world)
    for _ in range(2):
        tasks.take_batch(run.service_id, run.id)
    shown = page(marc)
    assert "Done, with failures" in shown
    assert "Some data keys could not be opened" in shown


def test_a_key_that_the_ring_lacks_is_named(marc: Any, world: Any, rotated: Any, db: Any) -> None:
    db.session.execute(text("UPDATE data_key SET kek_id = 9"))
    assert "Missing from the key ring" in page(marc)


def test_the_page_in_french(visitor: Any, world: Any, rotated: Any) -> None:
    shown = page(visitor(world.marc))
    assert "Rechiffrer maintenant" in shown
    assert "Clés de données" in shown
