"""Nobody who sits down afterwards sees anything: after signing out, on tab hide, after two minutes."""

from typing import Any

import pytest
from playwright.sync_api import Error

from tests.browser.conftest import Site, Watched
from tests.browser.places import enter, set_stage
from tests.security.scene import Scene

pytestmark = pytest.mark.browser
PRIVATE = ("Zyxwvut", "Qponmlk", "514-555-0142", "5550142", "blue heron")
# A hidden tab, as far as the page can tell.
HIDE = """
    Object.defineProperty(document, "hidden", {value: true, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
"""


@pytest.fixture(scope="module")
def scene(shared_site: Site) -> Scene:
    return set_stage(shared_site)


def shown(watched: Watched) -> list[str]:
    """List what of the person stands anywhere in the page, seen or not."""
    content = watched.page.content()
    return [word for word in PRIVATE if word in content]


def reveal(watched: Watched, scene: Scene) -> None:
    """Show the person's details on the page of the case."""
    watched.open(f"/cases/{scene.arguments['ref']}")
    assert shown(watched) == []
    watched.page.locator("#reveal summary").click()
    watched.page.locator("input[name=purpose]").first.check()
    watched.click("Show", exact=True)
    assert "514-555-0142" in watched.text


def go_back(watched: Watched) -> None:
    """Press Back; where a form was sent the browser has nothing kept to show, and says so."""
    try:
        watched.page.go_back()
    except Error as error:
        if "ERR_CACHE_MISS" not in error.message:
            raise
        watched.page.wait_for_url("chrome-error://**")


def test_after_signing_out_the_back_button_shows_nothing(watch_shared: Any, scene: Scene) -> None:
    amina = enter(watch_shared(), "amina")
    amina.open("/my-day").open(f"/cases/{scene.arguments['ref']}")
    reveal(amina, scene)
    amina.page.locator(".menu summary").click()
    amina.click("Sign out")
    assert "/sign-in" in amina.page.url
    for _ in range(4):
        go_back(amina)
        assert shown(amina) == []
        assert scene.arguments["ref"] not in amina.page.locator("body").inner_text()
    amina.go(f"/sign-in?next=/cases/{scene.arguments['ref']}")
    assert shown(amina) == []


def test_details_leave_the_page_when_the_tab_is_hidden(watch_shared: Any, scene: Scene) -> None:
    amina = enter(watch_shared(), "amina")
    reveal(amina, scene)
    amina.page.evaluate(HIDE)
    assert shown(amina) == []
    amina.check()


def test_details_leave_the_page_after_two_minutes(watch_shared: Any, scene: Scene) -> None:
    amina = enter(watch_shared(), "amina")
    amina.page.clock.install()
    reveal(amina, scene)
    amina.page.clock.run_for(110_000)
    assert "514-555-0142" in amina.text
    amina.page.clock.run_for(11_000)
    assert shown(amina) == []


def test_details_do_not_come_back_with_the_back_button(watch_shared: Any, scene: Scene) -> None:
    amina = enter(watch_shared(), "amina")
    reveal(amina, scene)
    amina.open("/my-day")
    go_back(amina)
    assert shown(amina) == []
