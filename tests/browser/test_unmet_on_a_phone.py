"""Nobody is left to ask: the need is recorded as unmet by one tap, on a phone, in French."""

from typing import Any
from uuid import UUID

import pytest

from casework import database
from casework.cases.models import CaseNeed, NeedOutcome, Reason, UnmetKind
from casework.directory.needs import NeedCode
from casework.extensions import db
from tests.browser.conftest import PHONE, Site
from tests.browser.faces import look
from tests.browser.places import enter
from tests.referrals import scenes
from tests.referrals.test_unmet_in_one_tap import all_refused
from tests.world import World

pytestmark = pytest.mark.browser
NARROW = PHONE | {"width": 360}


def stage(site: Site) -> tuple[UUID, str, UUID, str]:
    """Let every shelter refuse one case and ask nobody in another; give both needs and their pages."""
    with site.app.app_context():
        world = World.load()
        referral = all_refused(world)
        refused_need, refused_page = referral.need_id, f"/referrals/{referral.id}"
        case = scenes.case_for(world.amina.actor, NeedCode.RENT)
        database.commit()
        asked_nobody = f"/cases/{case.ref}/referrals/new"
        need_id = case.needs[0].id
        db.session.remove()
    return refused_need, refused_page, need_id, asked_nobody


def recorded(site: Site, need_id: UUID) -> tuple[Any, ...]:
    with site.app.app_context():
        World.load()
        need = db.session.get(CaseNeed, need_id)
        assert need is not None
        found = need.outcome, need.unmet_kind, need.reason
        db.session.remove()
    return found


def tap(navigator: Any, name: str) -> None:
    """Press a reason that must be on the page without a scroll."""
    navigator.page.set_viewport_size(NARROW)
    button = navigator.page.get_by_role("button", name=name).first
    box = button.bounding_box()
    assert box is not None and box["y"] + box["height"] <= NARROW["height"], "one must scroll first"
    width = navigator.page.evaluate("document.documentElement.scrollWidth")
    assert width <= NARROW["width"], "the page scrolls sideways"
    with navigator.page.expect_navigation():
        button.click()
    navigator.check()


def test_one_tap_records_it_where_it_is_learned(watch_shared: Any, shared_site: Site) -> None:
    refused_need, refused_page, need_id, asked_nobody = stage(shared_site)
    navigator = enter(watch_shared(viewport=NARROW), "amina", "fr_CA")
    for page, reason in ((refused_page, "Complet"), (asked_nobody, "Service inexistant")):
        navigator.go(page)
        assert list(look(navigator, "fr_CA")) == []
        tap(navigator, reason)
        assert "/cases/" in navigator.page.url
        assert "Changer le résultat" in navigator.text
    assert recorded(shared_site, refused_need) == (
        NeedOutcome.UNMET, UnmetKind.NOT_RECEIVED, Reason.NO_CAPACITY,
    )  # fmt: skip
    assert recorded(shared_site, need_id) == (
        NeedOutcome.UNMET, UnmetKind.NO_REFERRAL, Reason.NO_SERVICE_EXISTS,
    )  # fmt: skip
