"""Several agencies chosen on one page, with the consent step where one is missing: phone, French, night."""

from typing import Any

import pytest

from casework import database
from casework.cases.models import Reason
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.referrals import services
from tests.browser.conftest import PHONE, Site
from tests.browser.faces import look
from tests.browser.places import enter
from tests.referrals import scenes
from tests.referrals.test_several import asked, shelters
from tests.world import World

pytestmark = pytest.mark.browser


def stage(site: Site) -> tuple[str, list[str]]:
    """Open a case that agreed to one shelter only, and stop an order in another; give their pages."""
    with site.app.app_context():
        world = World.load()
        home, *_others = shelters(world)
        consents = scenes.answers(partner_id=home)
        case = scenes.case_for(world.amina.actor, NeedCode.SHELTER, consents=consents)
        line = asked(world)
        services.recall(world.amina.actor, line[0], reason=Reason.OTHER)
        database.commit()
        address = f"/cases/{case.ref}/referrals/new?need={case.needs[0].id}"
        pages = [f"/referrals/{referral.id}" for referral in line[:2]]
        db.session.remove()
    return address, pages


def test_two_are_chosen_and_the_person_is_asked_first(watch_shared: Any, shared_site: Site) -> None:
    address, pages = stage(shared_site)
    navigator = enter(watch_shared(viewport=PHONE), "amina", "fr_CA")
    for path in pages:
        navigator.go(path)
        assert list(look(navigator, "fr_CA")) == []
    navigator.go(address)
    assert list(look(navigator, "fr_CA")) == []
    navigator.page.set_viewport_size(PHONE)
    for name in ("Foyer du Pont", "Bridge House"):
        navigator.page.get_by_label(name).check()
    with navigator.page.expect_navigation():
        navigator.page.get_by_role("button", name="Demander à cet organisme").click()
    assert "Pour demander une place pour vous" in navigator.text
    assert list(look(navigator, "fr_CA")) == []
    navigator.page.set_viewport_size(PHONE)
    navigator.page.get_by_label("Oui, avec ces organismes seulement").check()
    with navigator.page.expect_navigation():
        navigator.page.get_by_role("button", name="Demander à cet organisme").click()
    assert "les autres attendent leur tour" in navigator.text
