"""From signing in to a saved case without the mouse, in at most sixty key presses (screens.md)."""

from typing import Any

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.keyboard import Keyboard
from tests.browser.places import enter, set_stage
from tests.security.scene import Scene
from tests.world import PASSWORD

pytestmark = pytest.mark.browser
MOST = 60
# Long pages with a bar or a banner that sticks, and the page with the most rows.
LONG_PAGES = (
    "/my-day",
    "/cases/new",
    "/cases/{ref}",
    "/people/{person_id}/contact-plan",
    "/people/{person_id}/details",
    "/people/{person_id}/consents",
    "/cases/{ref}/referrals/new",
    "/emergency",
)


@pytest.fixture(scope="module")
def scene(shared_site: Site) -> Scene:
    return set_stage(shared_site)


def sign_in(keys: Keyboard) -> None:
    keys.watched.open("/sign-in")
    keys.tab_to("email")
    keys.type("amina@north.example")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.go("Enter")


def choose(keys: Keyboard, name: str, value: str) -> None:
    """Choose one answer of a group: Tab reaches the group, arrows go on from its first answer."""
    keys.tab_to(name)
    keys.press("Space")
    while keys.focused["value"] != value:
        keys.press("ArrowRight")


def tick(keys: Keyboard, name: str, *values: str) -> None:
    for value in values:
        keys.tab_to(name, value)
        keys.press("Space")


def fill(keys: Keyboard, name: str, text: str) -> None:
    keys.tab_to(name)
    keys.type(text)


def test_a_new_case_takes_at_most_sixty_key_presses(watch_shared: Any) -> None:
    keys = Keyboard(watch_shared())
    sign_in(keys)
    keys.go("n")
    assert keys.page.url.endswith("/cases/new")
    keys.to_the_content()
    for name, answer in (("keep", "yes"), ("call_back", "yes"), ("share", "needs")):
        choose(keys, name, answer)
    fill(keys, "phone", "613 555 0187")
    fill(keys, "safe_name", "Mado")
    choose(keys, "voicemail", "never")
    tick(keys, "times", "morning")
    choose(keys, "days", "any_day")
    tick(keys, "needs", "food")
    keys.save()
    assert "C-" in keys.watched.text, keys.watched.text
    assert keys.page.locator(".errors").count() == 0
    assert keys.hidden == []
    assert keys.pressed <= MOST


def test_a_case_that_may_not_be_kept_is_counted_from_the_keyboard(watch_shared: Any) -> None:
    keys = Keyboard(enter(watch_shared(), "louis"))
    keys.watched.open("/cases/new")
    keys.to_the_content()
    keys.tab_to("keep")
    keys.press("Space", "ArrowRight")
    assert keys.focused["value"] == "no"
    assert keys.page.get_by_role("button", name="Count anonymously").is_visible()
    assert keys.page.locator("input[name=phone]").is_disabled()
    tick(keys, "needs", "food")
    keys.save()
    assert keys.page.locator(".errors").count() == 0
    assert keys.pressed <= MOST


@pytest.mark.parametrize(
    "viewport", [DESKTOP, pytest.param(PHONE, marks=pytest.mark.soak)], ids=["1280", "390"]
)
def test_the_focus_goes_where_the_eye_goes_and_is_always_seen(
    watch_shared: Any, scene: Scene, viewport: Any
) -> None:
    watched = enter(watch_shared(viewport=viewport), "amina")
    wrong = {}
    for path in LONG_PAGES:
        watched.go(path.format_map(scene.arguments))
        watched.page.evaluate(
            "document.querySelectorAll('main details').forEach(d => d.open = true)"
        )
        found = Keyboard(watched).walk()
        if found:
            wrong[path] = found
    assert wrong == {}
