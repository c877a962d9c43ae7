"""Pages that no address leads to: they come after a button, or instead of the page asked for."""

from typing import Any

import pytest

from tests.browser.conftest import Site, Watched
from tests.browser.faces import look
from tests.browser.places import enter, set_stage
from tests.security.scene import Scene

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def scene(shared_site: Site) -> Scene:
    return set_stage(shared_site)


def looked_at(watched: Watched, locale: str) -> None:
    """Find nothing wrong with this page in the faces of a language."""
    found = list(look(watched, locale))
    assert found == [], (watched.page.url, found)


def test_a_link_for_a_passphrase_is_handed_over_and_used(watch_shared: Any, scene: Scene) -> None:
    marc = enter(watch_shared(locale="fr-CA"), "marc", "fr_CA")
    marc.open(f"/staff/{scene.arguments['membership_id']}")
    marc.click("Créer un lien")
    looked_at(marc, "fr_CA")
    link = marc.page.locator("main code").inner_text().removeprefix(marc.site.address)
    louis = watch_shared()
    louis.open(link)
    looked_at(louis, "en_CA")
    louis.page.locator("input[name=password]").fill("short")
    louis.save(status=422)
    looked_at(louis, "en_CA")
    assert louis.page.locator("input[name=password]").input_value() == ""
    louis.page.locator("input[name=password]").fill("four words only louis knows")
    louis.save()
    assert "/sign-in" in louis.page.url
    louis.open(link, status=404)


def test_somebody_calls_back_and_is_asked_who_they_are(watch_shared: Any, scene: Scene) -> None:
    amina = enter(watch_shared(), "amina")
    for given in ("514-555-0142", "514-555-0199"):
        amina.open("/look-up")
        amina.page.locator("input[name=find]").fill(given)
        amina.save()
        looked_at(amina, "en_CA")
        assert scene.arguments["ref"] not in amina.text
    amina.page.locator("input[name=code_word]").fill("goose")
    amina.save()
    looked_at(amina, "en_CA")


def test_an_agency_and_what_was_told_are_shown_after_a_press(
    watch_shared: Any, scene: Scene
) -> None:
    amina = enter(watch_shared(locale="fr-CA"), "amina", "fr_CA")
    amina.open(f"/referrals/{scene.arguments['referral_id']}")
    amina.page.locator("form[action$='/reveal'] button").click()
    amina.page.wait_for_url("**/reveal")
    looked_at(amina, "fr_CA")


def test_what_is_not_there_says_so_and_leads_back(watch_shared: Any, scene: Scene) -> None:
    outsider = enter(watch_shared(), "outsider")
    outsider.open(f"/cases/{scene.arguments['ref']}", status=404)
    looked_at(outsider, "en_CA")
    outsider.click("Go to the first page", role="link")
    assert outsider.page.url.endswith("/my-day")


def test_a_locked_screen_keeps_the_place_and_shows_nothing(watch_shared: Any, scene: Scene) -> None:
    amina = enter(watch_shared(), "amina")
    path = f"/cases/{scene.arguments['ref']}"
    amina.open(path)
    with amina.page.expect_navigation():
        amina.page.keyboard.press("l")
    looked_at(amina, "en_CA")
    assert scene.arguments["ref"] not in amina.text
    amina.page.locator("input[type=password]").fill("quiet river under green bridge")
    with amina.page.expect_navigation():
        amina.page.keyboard.press("Enter")
    assert amina.page.url.endswith(path)
    amina.check()
