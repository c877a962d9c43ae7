"""Waiting lists and the list of the day, in French and on a phone: rank, the daily call, arrivals, paper."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from casework import database
from casework.cases.models import Source
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.followups.list_models import ListCall
from casework.referrals import queries, services
from casework.referrals.listing import Listing
from casework.referrals.models import CallEvery, Referral, ReferralState, Urgency
from tests.agencies import scenes as agencies
from tests.agencies.test_day_list import TOLD, give_food
from tests.browser.conftest import DESKTOP, PHONE, Site, Watched
from tests.browser.places import enter
from tests.browser.test_inbox_on_a_phone import louise, nothing_wrong, picture, state, thumb
from tests.referrals import scenes
from tests.world import HOME, World

pytestmark = pytest.mark.browser


def shots(watched: Watched, name: str) -> None:
    """Keep pictures of the page on a phone, and on a desk by night, where somebody asked for them."""
    picture(watched, name)
    watched.page.set_viewport_size(DESKTOP)
    watched.page.evaluate("document.documentElement.dataset.theme = 'night'")
    picture(watched, f"{name}-night")
    watched.page.evaluate("document.documentElement.dataset.theme = 'light'")
    picture(watched, f"{name}-desk")
    watched.page.set_viewport_size(PHONE)


def waitlisted(site: Site) -> tuple[UUID, str]:
    """Put a request on a list that is kept by a call each day, due now; give its id and its case."""
    with site.app.app_context():
        world = World.load()
        referral = scenes.ask(world)
        services.answer(
            world.amina.actor,
            referral,
            to=ReferralState.WAITLISTED,
            source=Source.PARTNER_CONFIRMED,
            listing=Listing(rank=3, call_every=CallEvery.DAY),
        )
        referral.rank_said_at = database.now() - timedelta(days=5)
        call = db.session.query(ListCall).filter_by(referral_id=referral.id).one()
        call.due_at = database.now() - timedelta(minutes=5)
        call.latest_at = database.now() + timedelta(hours=2)
        found = referral.id, referral.case.ref
        database.commit()
        db.session.remove()
    return found


def hampers(site: Site, number: int = 3) -> list[UUID]:
    """Let louise's agency offer food, and hold hampers for a few households."""
    made: list[Referral] = []
    with site.app.app_context():
        world = World.load()
        give_food(world, HOME)
        for each in range(number):
            case = scenes.case_for(world.amina.actor)
            told = TOLD if each == 0 else {"alias": "Ali", "other_collects": "yes"}
            referral = services.send(
                world.amina.actor, case, case.needs[0], urgency=Urgency.ROUTINE,
                organization_id=world.organization(HOME).id, details=told,
            )  # fmt: skip
            assert referral.need.code is NeedCode.FOOD
            until = database.now() + timedelta(minutes=30) if each == 0 else None
            services.answer(
                world.amina.actor, referral, to=ReferralState.ACCEPTED, hold_until=until,
                source=Source.PARTNER_CONFIRMED, details={"appointment": "13 h à 15 h"},
            )  # fmt: skip
            made.append(referral)
        ids = [referral.id for referral in made]
        database.commit()
        db.session.remove()
    return ids


def read(site: Site, referral_id: UUID) -> tuple[int | None, CallEvery | None]:
    """Give what is known of a list."""
    with site.app.app_context():
        referral = queries.get(World.load().amina.actor, referral_id)
        found = referral.list_rank, referral.call_every
        db.session.remove()
    return found


def test_an_agency_says_the_rank_and_the_call_with_a_thumb(
    watch_shared: Any, shared_site: Site
) -> None:
    with shared_site.app.app_context():
        referral_id = agencies.ask(World.load()).id
        database.commit()
        db.session.remove()
    agency = louise(watch_shared).open(f"/inbox/{referral_id}")
    agency.page.get_by_text("Sur la liste d’attente", exact=False).first.click()
    agency.page.get_by_label("Rang sur la liste").fill("3")
    agency.page.get_by_text("Chaque jour", exact=True).click()
    shots(agency, "sheet")
    nothing_wrong(agency)
    thumb(agency, "Liste d’attente")
    assert state(shared_site, referral_id) is ReferralState.WAITLISTED
    assert read(shared_site, referral_id) == (3, CallEvery.DAY)
    assert "Rang 3 sur la liste" in agency.text
    shots(agency, "waitlisted")
    nothing_wrong(agency)


def test_the_call_stands_on_my_day_and_is_noted_in_two_presses(
    watch_shared: Any, shared_site: Site
) -> None:
    referral_id, ref = waitlisted(shared_site)
    amina: Watched = enter(watch_shared(locale="fr-CA", viewport=PHONE), "amina", "fr_CA")
    amina.open("/my-day")
    assert "Rang 3 sur la liste, dit il\u00a0y\u00a0a\u00a05\u00a0j" in amina.text
    shots(amina, "my-day")
    nothing_wrong(amina)
    amina.open(f"/cases/{ref}")
    shots(amina, "case")
    amina.open(f"/referrals/{referral_id}")
    shots(amina, "referral")
    amina.open(f"/referrals/{referral_id}/answer")
    amina.page.get_by_text("Toujours sur la liste d’attente", exact=True).click()
    amina.page.get_by_label("Rang sur la liste").fill("2")
    shots(amina, "record")
    nothing_wrong(amina)
    thumb(amina, "Enregistrer la réponse")
    assert read(shared_site, referral_id) == (2, CallEvery.DAY)
    amina.open("/my-day")
    assert "garder le rang sur la liste" not in amina.text, "the next call is not for today"


def test_the_list_of_the_day_is_worked_with_a_thumb_and_prints_plainly(
    watch_shared: Any, shared_site: Site
) -> None:
    first, *_others = hampers(shared_site)
    agency = louise(watch_shared).open("/inbox/day/today")
    assert "Mado" in agency.text
    shots(agency, "day")
    nothing_wrong(agency)
    agency.page.emulate_media(media="print")
    assert "À déchiqueter après usage." in agency.page.inner_text("main")
    assert "La personne est arrivée" not in agency.page.inner_text("#expected")
    assert "Mado" in agency.page.inner_text("#expected")
    shots(agency, "day-paper")
    agency.page.emulate_media(media="screen")
    with agency.page.expect_navigation():
        agency.page.locator("#expected").get_by_role(
            "button", name="La personne est arrivée"
        ).first.click()
    agency.check()
    assert state(shared_site, first) is ReferralState.CONFIRMED
    assert "Mado" not in agency.text
    shots(agency, "day-done")
    nothing_wrong(agency)
