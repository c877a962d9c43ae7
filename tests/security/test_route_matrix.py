"""Every route x every kind of visitor: who gets in, who finds no such page, who is asked to sign in."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from casework import database
from casework.extensions import db as database_extension
from casework.security import Role
from tests.conftest import rolled_back
from tests.security.doors import ADMINISTRATOR, AGENCY, DOORS, NOBODY, OUTSIDER, VISITORS, Door
from tests.security.scene import Scene, browser_of, set_scene
from tests.world import World

IN = "in"
NO_SUCH_PAGE = "404"
SIGN_IN = "sign in"
NEUTRAL = "neutral page"
# A refusal in words (409, 422) comes from behind the door; 400 does not.
ANSWERS_FROM_INSIDE = {200, 302, 303, 409, 422}
# Whatever names something of a case, or of a person.
OF_A_CASE = {"ref", "person_id", "need_id", "referral_id", "follow_up_id", "call_id"}


@pytest.fixture(scope="module")
def stage(app: Flask) -> Iterator[tuple[Connection, Scene]]:
    """Set a case of amina's with all that hangs on it, once for every route."""
    with rolled_back(app) as connection:
        scene = set_scene(World.load())
        database.commit()
        yield connection, scene


@pytest.fixture
def db(stage: tuple[Connection, Scene]) -> Iterator[Any]:
    """Undo after each test what it changed of the stage."""
    changes = stage[0].begin_nested()
    yield database_extension
    database_extension.session.remove()
    changes.rollback()
    database.clock.freeze(None)


@pytest.fixture
def scene(stage: tuple[Connection, Scene], db: Any) -> Scene:
    """Give the case and its addresses, as they stood when the stage was set."""
    return stage[1]


def outcome(answer: TestResponse) -> str:
    """Say in a word what an answer means to whoever asked."""
    location = answer.headers.get("Location", "")
    if answer.status_code == 401 or location.startswith("/sign-in?next="):
        return SIGN_IN
    if answer.status_code == 404:
        return NO_SUCH_PAGE
    if answer.status_code in ANSWERS_FROM_INSIDE:
        return IN
    if answer.status_code == 503 and answer.mimetype == "application/json":
        return IN  # readyz, while no beat turns in the tests
    return str(answer.status_code)


def expected(door: Door, name: str) -> str:
    """Say what the table expects for a visitor."""
    if door.is_link:
        return NO_SUCH_PAGE
    if name in door.who:
        return IN
    return SIGN_IN if name == NOBODY else NO_SUCH_PAGE


def ask(app: Flask, world: Any, name: str, method: str, url: str) -> TestResponse:
    """Let a visitor send one request, with a valid CSRF token and an empty form."""
    browser = browser_of(app, None if name == NOBODY else getattr(world, name))
    send = browser.get if method == "GET" else browser.post
    return send(url, buffered=True)


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def test_every_route_stands_in_the_table(app: Flask) -> None:
    routes = {rule.endpoint for rule in rules(app)}
    assert routes - set(DOORS) == set(), "these routes say nowhere who may enter them"
    assert set(DOORS) - routes == set(), "these routes are gone"


@pytest.mark.parametrize("endpoint", sorted(DOORS))
def test_who_gets_in(app: Flask, world: Any, scene: Scene, endpoint: str) -> None:
    door = DOORS[endpoint]
    # Those who get in come last: what they do may change what the others would meet.
    order = sorted(VISITORS, key=lambda name: name in door.who)
    wrong = []
    for rule in rules(app):
        if rule.endpoint != endpoint:
            continue
        for method, url in scene.urls(app, rule):
            for name in order:
                met = outcome(ask(app, world, name, method, url))
                if met != expected(door, name):
                    wrong.append(f"{name}: {method} {url}: {met}, not {expected(door, name)}")
    assert wrong == []


def test_another_services_navigator_finds_nothing_of_a_case(
    app: Flask, world: Any, scene: Scene
) -> None:
    """Read from the routes, not from the table: whatever names a case or a person is no page."""
    asked = []
    for rule in rules(app):
        if not OF_A_CASE & set(rule.arguments):
            continue
        for method, url in scene.urls(app, rule):
            asked.append(url)
            answer = ask(app, world, OUTSIDER, method, url)
            assert answer.status_code == 404, f"{method} {url}"
    assert len(asked) > 30


@pytest.mark.parametrize("name", [ADMINISTRATOR, AGENCY])
def test_administrators_and_agencies_never_see_a_case(
    app: Flask, world: Any, scene: Scene, name: str
) -> None:
    for rule in rules(app):
        if OF_A_CASE & set(rule.arguments):
            for method, url in scene.urls(app, rule):
                assert ask(app, world, name, method, url).status_code == 404, f"{method} {url}"


def test_nothing_of_the_person_stands_on_a_page_that_refuses(
    app: Flask, world: Any, scene: Scene
) -> None:
    for name in (NOBODY, "louis", OUTSIDER, "sophie", ADMINISTRATOR, AGENCY):
        page = ask(app, world, name, "GET", f"/cases/{scene.arguments['ref']}").get_data(
            as_text=True
        )
        for private in ("Zyxwvut", "5550142", "blue heron", scene.arguments["ref"].lower()):
            assert private not in page


def test_what_does_not_exist_and_what_is_not_for_you_look_the_same(
    app: Flask, world: Any, scene: Scene
) -> None:
    browser = browser_of(app, world.outsider)
    refused = browser.get(f"/cases/{scene.arguments['ref']}")
    missing = browser.get("/no-such-page")
    assert refused.status_code == missing.status_code == 404
    assert refused.get_data(as_text=True).count("<") == missing.get_data(as_text=True).count("<")


def test_a_method_that_a_route_does_not_know_is_refused(
    app: Flask, world: Any, scene: Scene
) -> None:
    """ASVS 4.1.4."""
    browser = browser_of(app, world.amina)
    for url in ("/settings", "/my-day", f"/cases/{scene.arguments['ref']}"):
        for method in ("PUT", "PATCH", "DELETE", "TRACE"):
            assert browser._ask(method, url).status_code == 405


def test_the_cast_has_every_role(world: Any) -> None:
    roles = {getattr(world, name).role for name in VISITORS if name != NOBODY}
    # The agency of the cast is its coordinator; what a plain member lacks is in tests/agencies.
    assert roles | {Role.PARTNER} == set(Role)
