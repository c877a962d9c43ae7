"""Refused, and the next one asked: two presses on a phone, in French, also where nothing is agreed yet."""

from typing import Any
from uuid import UUID

import pytest

from casework import database
from casework.extensions import db
from casework.referrals.models import Referral, ReferralState
from tests.browser.conftest import PHONE, Site
from tests.browser.faces import look
from tests.browser.places import enter
from tests.referrals.test_next_place import only_named, refused
from tests.world import World

pytestmark = pytest.mark.browser
NARROW = PHONE | {"width": 360}


def story(site: Site, make: Any) -> UUID:
    """Let a request be refused in a case of amina’s."""
    with site.app.app_context():
        world = World.load()
        referral_id: UUID = make(world).id
        database.commit()
        db.session.remove()
    return referral_id


def asked_after(site: Site, referral_id: UUID) -> list[Referral]:
    """Give what was asked after this request."""
    with site.app.app_context():
        World.load()
        found = db.session.query(Referral).filter_by(supersedes_id=referral_id).all()
        db.session.remove()
    return found


@pytest.mark.parametrize("make", [refused, only_named], ids=["agreed", "not agreed yet"])
def test_two_presses_ask_the_next_agency(watch_shared: Any, shared_site: Site, make: Any) -> None:
    referral_id = story(shared_site, make)
    navigator = enter(watch_shared(viewport=NARROW), "amina", "fr_CA")
    navigator.open(f"/referrals/{referral_id}")
    assert list(look(navigator, "fr_CA")) == []
    navigator.page.set_viewport_size(NARROW)
    first = navigator.page.get_by_role("link", name="Demander à l’organisme suivant")
    box = first.first.bounding_box()
    assert box is not None and box["y"] + box["height"] <= NARROW["height"], "one must scroll first"
    with navigator.page.expect_navigation():
        first.first.click()
    assert "Bridge House" in navigator.text
    assert list(look(navigator, "fr_CA")) == []
    navigator.page.set_viewport_size(NARROW)
    width = navigator.page.evaluate("document.documentElement.scrollWidth")
    assert width <= NARROW["width"], "the page scrolls sideways"
    if make is only_named:
        assert "Pour demander une place pour vous" in navigator.text
    with navigator.page.expect_navigation():
        navigator.page.locator("main .btn.primary.big").first.click()
    navigator.check()
    [new] = asked_after(shared_site, referral_id)
    assert new.state is ReferralState.REQUESTED
