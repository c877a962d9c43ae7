"""The page of keys tells how far a run is without reloading, and draws itself anew at its end."""

import uuid
from typing import Any

import pytest
from playwright.sync_api import expect

from casework import database, vault
from casework.extensions import db
from casework.keys import services, tasks
from casework.keys.models import KeyRun, RunKind
from tests.browser.conftest import Site
from tests.browser.places import enter
from tests.vault import rings
from tests.world import World

pytestmark = pytest.mark.browser
OWNERS = 9


@pytest.fixture
def run(site: Site, keys: str, monkeypatch: pytest.MonkeyPatch) -> tuple[uuid.UUID, uuid.UUID]:
    """Begin a run over nine keys, three at a time, that nobody works on yet."""
    monkeypatch.setattr("casework.keys.policy.BATCH", {RunKind.REWRAP: 3})
    with site.app.app_context():
        world = World.load()
        for _ in range(OWNERS):
            vault.create_key(world.north.id, uuid.uuid4())
        database.commit()
        rings.use(site.app, rings.ring_of(rings.rotated(rings.document(keys))))
        begun = services.start_run(world.marc.actor, kind=RunKind.REWRAP)
        database.commit()
        return begun.service_id, begun.id


def work(site: Site, run: tuple[uuid.UUID, uuid.UUID]) -> None:
    """Do one batch, as a worker would."""
    with site.app.app_context():
        database.enter_service(run[0])
        tasks.take_batch(*run)


def test_the_numbers_move_by_themselves_and_the_end_is_shown(
    watch: Any, site: Site, run: tuple[uuid.UUID, uuid.UUID]
) -> None:
    watched = enter(watch(), "marc")
    page = watched.open("/keys").page
    page.evaluate("window.isTheSamePage = true")
    done = page.locator("[data-live=done]")
    expect(done).to_have_text("0")
    for counted in (3, 6, 9):
        work(site, run)
        expect(done).to_have_text(str(counted))
    expect(page.locator("progress")).to_have_js_property("value", 99)
    assert page.evaluate("window.isTheSamePage")
    with page.expect_navigation():
        work(site, run)
    expect(page.locator("progress")).to_have_js_property("value", 100)
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    watched.check()


def is_question(url: str) -> bool:
    """Whatever else the browser fetches in its own time, such as an icon, is no question of the page."""
    return url.endswith("/keys/progress")


def test_a_hidden_page_asks_nothing(
    watch: Any, site: Site, run: tuple[uuid.UUID, uuid.UUID]
) -> None:
    watched = enter(watch(), "marc")
    page = watched.go("/keys").page
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if is_question(request.url) else None
    )
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})"
    )
    asked.clear()
    page.wait_for_timeout(4_500)
    assert asked == []
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => false})")
    with page.expect_request("**/keys/progress"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_pausing_and_resuming_work_without_scripts(
    watch: Any, site: Site, run: tuple[uuid.UUID, uuid.UUID]
) -> None:
    watched = enter(watch(has_scripts=False), "marc")
    watched.go("/keys")
    page = watched.page
    for name, state in (("Pause", "paused"), ("Resume", "running"), ("Cancel", "cancelled")):
        page.get_by_role("button", name=name).first.click()
        expect(page.locator("[data-run]")).to_have_attribute("data-state", state)
    with site.app.app_context():
        database.enter_service(run[0])
        ended = db.session.get(KeyRun, run[1])
        assert ended is not None
        assert ended.ended_at is not None
