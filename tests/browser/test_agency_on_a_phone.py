"""An agency answers from its letter: in French, on a phone, with one thumb, without an account."""

from typing import Any

import pytest

from casework import database
from casework.extensions import db
from casework.referrals import queries, services
from casework.referrals.models import Referral, ReferralState
from tests.browser.conftest import PHONE, Site, Watched
from tests.browser.faces import look
from tests.browser.post import open_letters
from tests.referrals import scenes
from tests.world import World

pytestmark = pytest.mark.browser
HOLD = "Nous réservons une place"
# The name, the number, the alias and the words of the agency's file: none is on the link (R28).
UNSEEN = (scenes.MARKED, "Zyxwvut", "555", "0142", "Mado", "fauteuil", "Foyer du Pont")
FINGER = 44
THUMB = 52


def ask(site: Site, name: str = "Foyer du Pont") -> tuple[Any, str]:
    """Ask a French-speaking agency for a place, and give the request and the link in its letter."""
    with site.app.app_context():
        referral_id = scenes.ask(World.load(), name).id
        database.commit()
        db.session.remove()
    return referral_id, open_letters(site)[-1]


def state(site: Site, referral_id: Any) -> tuple[ReferralState, int]:
    """Tell how a request stands, and its version: any change of it counts."""
    with site.app.app_context():
        referral: Referral = queries.get(World.load().amina.actor, referral_id)
        found = referral.state, referral.version
        db.session.remove()
    return found


def on_a_phone(watch: Any) -> Watched:
    phone: Watched = watch(locale="fr-CA", viewport=PHONE)
    return phone


def targets(agency: Watched) -> dict[str, float]:
    """Give the height of everything that can be pressed on the page and can be seen."""
    script = """
        () => [...document.querySelectorAll("main button, main summary, main a, .tools button")]
            .filter(e => e.checkVisibility()).map(e => [
                e.innerText.trim(), Math.min(e.getBoundingClientRect().height,
                                             e.getBoundingClientRect().width)])
    """
    return dict(agency.page.evaluate(script))


def thumb(agency: Watched, name: str) -> None:
    """Press a button as a thumb does, then check the page it leads to."""
    with agency.page.expect_navigation():
        agency.page.get_by_role("button", name=name, exact=True).first.click()
    agency.check()


def test_a_place_is_held_with_one_thumb_and_taken_back(
    watch_shared: Any, shared_site: Site
) -> None:
    referral_id, link = ask(shared_site)
    agency = on_a_phone(watch_shared).open(link)
    assert agency.page.locator("html").get_attribute("lang") == "fr-CA"
    assert not [word for word in UNSEEN if word in agency.text + agency.page.content()]
    assert "1 adulte + 3 enfants" in agency.text
    assert list(look(agency, "fr_CA")) == []
    agency.page.set_viewport_size(PHONE)
    heights = targets(agency)
    assert heights[HOLD] >= THUMB
    assert [name for name, height in heights.items() if height < FINGER] == []
    box = agency.page.get_by_role("button", name=HOLD).bounding_box()
    assert box is not None and box["y"] + box["height"] <= PHONE["height"], "one must scroll first"

    thumb(agency, HOLD)
    assert "Merci" in agency.text
    assert state(shared_site, referral_id)[0] is ReferralState.ACCEPTED
    assert list(look(agency, "fr_CA")) == []
    agency.page.set_viewport_size(PHONE)
    assert agency.page.locator("[role=status]", has_text="Annuler ma réponse").is_visible()
    assert min(targets(agency).values()) >= FINGER

    thumb(agency, "Annuler ma réponse")
    assert state(shared_site, referral_id)[0] is ReferralState.REQUESTED
    assert agency.page.get_by_role("button", name=HOLD).is_visible()
    nothing_in_titles(agency)


def nothing_in_titles(agency: Watched) -> None:
    title = agency.page.title()
    assert not [word for word in (*UNSEEN, "Hébergement", "enfants") if word in title], title


def test_declining_takes_one_tap_and_ends_the_link_for_everybody_else(
    watch_shared: Any, shared_site: Site
) -> None:
    referral_id, link = ask(shared_site)
    agency = on_a_phone(watch_shared).open(link)
    thumb(agency, "Complet")
    assert state(shared_site, referral_id)[0] is ReferralState.DECLINED
    assert "Complet" in agency.text

    somebody_else = on_a_phone(watch_shared).open(link, status=404)
    assert "Ce lien ne fonctionne plus" in somebody_else.text
    assert "This link no longer works" in somebody_else.text
    assert somebody_else.page.locator("form").count() == 0
    assert "R-" not in somebody_else.text
    used = somebody_else.page.content()
    somebody_else.open("/r/" + "A" * 43, status=404)
    assert somebody_else.page.content() == used


def test_opening_the_link_twice_or_by_a_scanner_changes_nothing(
    watch_shared: Any, shared_site: Site
) -> None:
    referral_id, link = ask(shared_site)
    before = state(shared_site, referral_id)
    scanner = on_a_phone(watch_shared)
    for _ in range(2):
        assert scanner.page.request.head(shared_site.address + link).status == 200
        assert scanner.page.request.get(shared_site.address + link).status == 200
    first, second = on_a_phone(watch_shared), on_a_phone(watch_shared)
    for agency in (first, second, first):
        agency.open(link)
    assert state(shared_site, referral_id) == before
    thumb(second, HOLD)
    assert state(shared_site, referral_id)[0] is ReferralState.ACCEPTED


def test_the_answer_can_be_given_from_a_keyboard_and_the_focus_shows(
    watch_shared: Any, shared_site: Site
) -> None:
    referral_id, link = ask(shared_site)
    agency = on_a_phone(watch_shared).open(link)
    page = agency.page
    outline = "getComputedStyle(document.activeElement).outline"
    seen = []
    while HOLD not in seen:
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.innerText.trim()"))
        assert "3px" in page.evaluate(outline), seen
        assert len(seen) < 8, seen
    with page.expect_navigation():
        page.keyboard.press("Enter")
    agency.check()
    assert state(shared_site, referral_id)[0] is ReferralState.ACCEPTED


def test_enter_behind_a_rank_answers_nothing_and_keeps_it(
    watch_shared: Any, shared_site: Site
) -> None:
    referral_id, link = ask(shared_site)
    agency = on_a_phone(watch_shared).open(link)
    page = agency.page
    before = state(shared_site, referral_id)
    page.locator("summary", has_text="rang").click()
    page.locator("input[name=rank]").fill("3")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert state(shared_site, referral_id) == before
    assert "Touchez la réponse voulue." in agency.text
    assert page.locator("input[name=rank]").input_value() == "3"
    assert page.locator("input[name=rank]").is_visible()
    thumb(agency, "Liste d’attente")
    assert state(shared_site, referral_id)[0] is ReferralState.WAITLISTED


def test_what_was_told_opens_with_a_press_and_the_arrival_has_its_own_page(
    watch_shared: Any, shared_site: Site
) -> None:
    referral_id, link = ask(shared_site)
    agency = on_a_phone(watch_shared).open(link)
    thumb(agency, "Voir les précisions")
    assert "fauteuil roulant" in agency.text
    assert "Mado" not in agency.page.content()
    thumb(agency, HOLD)

    with shared_site.app.app_context():
        world = World.load()
        services.ask_again(world.amina.actor, queries.get(world.amina.actor, referral_id))
        database.commit()
        db.session.remove()
    later = on_a_phone(watch_shared).open(open_letters(shared_site)[-1])
    assert list(look(later, "fr_CA")) == []
    assert targets(later)["La personne est arrivée"] >= THUMB
    thumb(later, "La personne est arrivée")
    assert state(shared_site, referral_id)[0] is ReferralState.CONFIRMED
