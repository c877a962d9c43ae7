"""A member of an agency, signed in, in French, on a phone: one tap, undo, places, no sideways scroll."""

import os
from typing import Any

import pytest

from casework import database
from casework.extensions import db
from casework.referrals import queries
from casework.referrals.models import Referral, ReferralState
from tests.agencies import scenes as agencies
from tests.browser.conftest import DESKTOP, PHONE, Site, Watched
from tests.browser.faces import look
from tests.browser.places import enter
from tests.browser.post import open_letters
from tests.referrals import scenes
from tests.world import World

pytestmark = pytest.mark.browser
HOLD = "Nous réservons une place"
UNSEEN = (scenes.MARKED, "Zyxwvut", "0142", "Mado", "fauteuil")
FINGER, THUMB = 44, 52


def ask(site: Site) -> Any:
    """Ask louise's agency for a place, and give the request's id."""
    with site.app.app_context():
        referral_id = agencies.ask(World.load()).id
        database.commit()
        db.session.remove()
    return referral_id


def state(site: Site, referral_id: Any) -> ReferralState:
    with site.app.app_context():
        referral: Referral = queries.get(World.load().amina.actor, referral_id)
        found = referral.state
        db.session.remove()
    return found


def louise(watch: Any) -> Watched:
    """Sit louise down with her phone, in French."""
    phone: Watched = enter(watch(locale="fr-CA", viewport=PHONE), "agency", "fr_CA")
    return phone


def heights(agency: Watched) -> dict[str, float]:
    """Give the height of everything that can be pressed on the page and can be seen."""
    script = """
        () => [...document.querySelectorAll("main button, main summary, main a.btn")]
            .filter(e => e.checkVisibility())
            .map(e => [e.innerText.trim(), e.getBoundingClientRect().height])
    """
    return dict(agency.page.evaluate(script))


def thumb(agency: Watched, name: str) -> None:
    """Press a button as a thumb does, then check the page it leads to."""
    with agency.page.expect_navigation():
        agency.page.get_by_role("button", name=name, exact=True).first.click()
    agency.check()


def picture(agency: Watched, name: str) -> None:
    """Keep a picture of the page where somebody asked for pictures."""
    folder = os.environ.get("PICTURES")
    if folder:
        agency.page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def nothing_wrong(agency: Watched) -> None:
    assert list(look(agency, "fr_CA")) == []
    agency.page.set_viewport_size(PHONE)


def test_one_tap_holds_a_place_and_undo_gives_it_back(watch_shared: Any, shared_site: Site) -> None:
    referral_id = ask(shared_site)
    agency = louise(watch_shared).open("/inbox")
    assert "attend votre réponse" in agency.text
    assert not [word for word in UNSEEN if word in agency.text + agency.page.content()]
    picture(agency, "inbox")
    nothing_wrong(agency)
    assert heights(agency)[HOLD] >= THUMB
    assert {name: size for name, size in heights(agency).items() if size < FINGER} == {}
    box = agency.page.get_by_role("button", name=HOLD).bounding_box()
    assert box is not None and box["y"] + box["height"] <= PHONE["height"], "one must scroll first"

    thumb(agency, HOLD)
    assert state(shared_site, referral_id) is ReferralState.ACCEPTED
    assert "Réponse de Louise B." in agency.text
    picture(agency, "answered")
    nothing_wrong(agency)
    thumb(agency, "Annuler ma réponse")
    assert state(shared_site, referral_id) is ReferralState.REQUESTED
    assert agency.page.get_by_role("button", name=HOLD).is_visible()
    picture(agency, "request")
    nothing_wrong(agency)


def test_a_refusal_is_one_tap_behind_its_fold_and_stands_in_the_list(
    watch_shared: Any, shared_site: Site
) -> None:
    referral_id = ask(shared_site)
    agency = louise(watch_shared).open(f"/inbox/{referral_id}")
    thumb(agency, "Complet")
    assert state(shared_site, referral_id) is ReferralState.DECLINED
    nothing_wrong(agency)
    agency.open("/inbox")
    assert "Réponse de Louise B." in agency.text


def test_what_they_agreed_to_tell_opens_with_a_press(watch_shared: Any, shared_site: Site) -> None:
    referral_id = ask(shared_site)
    agency = louise(watch_shared).open(f"/inbox/{referral_id}")
    thumb(agency, "Voir les précisions")
    assert "fauteuil roulant" in agency.text
    assert "Mado" not in agency.page.content()
    thumb(agency, HOLD)
    thumb(agency, "Voir les précisions")
    assert "Mado" in agency.text
    picture(agency, "told")
    nothing_wrong(agency)


def test_places_are_said_in_one_tap_and_show_on_the_card(
    watch_shared: Any, shared_site: Site
) -> None:
    agency = louise(watch_shared).open("/inbox")
    assert "Places inconnues" in agency.text
    agency.page.set_viewport_size(DESKTOP)
    picture(agency, "desk")
    agency.page.set_viewport_size(PHONE)
    with agency.page.expect_navigation():
        agency.page.get_by_role("button", name="3 Hébergement d’urgence").click()
    agency.check()
    assert "3 places libres" in agency.text
    picture(agency, "places")
    nothing_wrong(agency)
    navigator = enter(watch_shared(), "amina").open("/directory")
    assert "3 places free" in navigator.text
    picture(navigator, "directory")
    assert list(look(navigator, "en_CA")) == []
    navigator.page.close()
    # The expected refusal is one sentence, and what was typed is kept.
    agency.page.locator("summary", has_text="Un autre nombre").first.click()
    agency.page.locator("input[type=number]").first.fill("5000")
    with agency.page.expect_navigation():
        agency.page.locator("button", has_text="Le dire").first.click()
    assert "Écrivez un nombre de 0 à 999." in agency.text
    assert agency.page.locator("input[type=number]").first.input_value() == "5000"


def test_a_link_says_places_in_one_tap_too(watch_shared: Any, shared_site: Site) -> None:
    ask(shared_site)
    agency: Watched = watch_shared(locale="fr-CA", viewport=PHONE)
    agency.open(open_letters(shared_site)[-1])
    picture(agency, "link")
    with agency.page.expect_navigation():
        agency.page.get_by_role("button", name="2 Hébergement d’urgence").click()
    agency.check()
    assert "2 places libres" in agency.text
    assert agency.page.get_by_role("button", name=HOLD).is_visible()
    nothing_wrong(agency)


def test_a_coordinator_lets_a_colleague_in(watch_shared: Any, shared_site: Site) -> None:
    agency = louise(watch_shared).open("/inbox/colleagues")
    nothing_wrong(agency)
    picture(agency, "colleagues")
    agency.open("/inbox/colleagues/add")
    nothing_wrong(agency)
    agency.page.locator("input[name=display_name]").fill("Denis C.")
    agency.page.locator("input[name=email]").fill("denis.c@foyer.example")
    agency.save()
    assert "/set-passphrase/" in agency.text
    picture(agency, "handed-over")
    nothing_wrong(agency)
    marc = enter(watch_shared(), "marc").open("/agencies")
    assert "Foyer du Pont" in marc.text
    assert list(look(marc, "en_CA")) == []
    picture(marc, "agencies")
