"""A yes that comes after the expiry: one thumb for the agency, one press for the navigator, in French."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from casework import database
from casework.cases.models import Source
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.referrals import services
from casework.referrals.models import ReferralState
from casework.referrals.services.watch import watch as sweep
from tests.browser.conftest import PHONE, Site
from tests.browser.faces import look
from tests.browser.post import open_letters
from tests.referrals import scenes
from tests.world import PASSWORD, World

pytestmark = pytest.mark.browser
HOLD = "Nous réservons une place"


def expired(site: Site) -> tuple[UUID, str]:
    """Ask an agency that does not answer in time; give the request and the link of its letter."""
    with site.app.app_context():
        world = World.load()
        referral_id = scenes.ask(world, "Foyer du Pont").id
        database.commit()
        db.session.remove()
    link = open_letters(site)[-1]
    with site.app.app_context():
        world = World.load()
        database.clock.freeze(database.now() + timedelta(hours=3))
        sweep(world.north.id)
        database.commit()
        database.clock.freeze(None)
        db.session.remove()
    return referral_id, link


def test_a_late_yes_is_one_thumb_and_the_place_is_taken_with_one_press(
    watch_shared: Any, shared_site: Site
) -> None:
    referral_id, link = expired(shared_site)
    agency = watch_shared(locale="fr-CA", viewport=PHONE).open(link)
    assert "Le délai pour répondre est passé" in agency.text
    assert list(look(agency, "fr_CA")) == []
    agency.page.set_viewport_size(PHONE)
    box = agency.page.get_by_role("button", name=HOLD).bounding_box()
    assert box is not None and box["y"] + box["height"] <= PHONE["height"], "one must scroll first"
    with agency.page.expect_navigation():
        agency.page.get_by_role("button", name=HOLD).click()
    assert "vous téléphone si la place est encore nécessaire" in agency.text
    assert list(look(agency, "fr_CA")) == []

    navigator = watch_shared(locale="fr-CA", viewport=PHONE)
    navigator.sign_in("amina@north.example", PASSWORD)
    navigator.open(f"/referrals/{referral_id}")
    assert list(look(navigator, "en_CA")) == []
    navigator.page.set_viewport_size(PHONE)
    with navigator.page.expect_navigation():
        navigator.page.get_by_role("button", name="Take the place").click()
    assert "The place is held. Tell the person." in navigator.text
    navigator.check()


def test_the_next_step_of_each_standing_is_a_page_without_faults(
    watch_shared: Any, shared_site: Site
) -> None:
    """A question to answer, siblings to recall: in every theme and width."""
    with shared_site.app.app_context():
        world = World.load()
        amina = world.amina.actor
        case = scenes.case_for(amina, NeedCode.SHELTER)
        first, second = (
            scenes.ask(world, name, case) for name in ("Foyer du Pont", "Bridge House")
        )
        services.answer(amina, first, to=ReferralState.ACCEPTED, source=Source.PARTNER_CONFIRMED)
        services.answer(
            amina, second, to=ReferralState.INFO_NEEDED, source=Source.PARTNER_CONFIRMED
        )
        database.commit()
        paths = [f"/referrals/{first.id}", f"/referrals/{second.id}"]
        db.session.remove()
    navigator = watch_shared(locale="en-CA", viewport=PHONE)
    navigator.sign_in("amina@north.example", PASSWORD)
    for path in paths:
        navigator.open(path)
        assert list(look(navigator, "en_CA")) == []
