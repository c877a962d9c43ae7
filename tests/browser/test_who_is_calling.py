"""A call seen from two screens: it lives as long as its page, and others see it without reloading."""

from typing import Any

import pytest

from casework import database, people
from casework.extensions import db
from casework.followups import policy, queries
from casework.followups.models import Attempt
from casework.people.models import AccessReason
from tests.browser.conftest import Watched
from tests.browser.faces import look
from tests.browser.places import enter
from tests.browser.test_call_back_by_keyboard import a_call, picture
from tests.followups.scenes import at
from tests.world import World

pytestmark = pytest.mark.browser
NOW = at(24, 9, 30)
# What a hidden page does when it is looked at again, and an open one every few seconds.
LOOK = "document.dispatchEvent(new Event('visibilitychange'))"


def shared_call(watched: Watched, clock: Any) -> Any:
    """Commit a call of amina's that is due now, in a case that louis may see too."""
    follow_up_id = a_call(watched, clock)
    with watched.site.app.app_context():
        world = World.load()
        person_id = queries.get(world.amina.actor, follow_up_id).case.person_id
        people.services.grant_access(
            world.amina.actor, person_id, world.louis.account_id, AccessReason.COVERING
        )
        database.commit()
        db.session.remove()
    return follow_up_id


def call_of(watched: Watched, follow_up_id: Any) -> Attempt:
    """Read the open call of a follow-up as it stands in the database."""
    with watched.site.app.app_context():
        World.load()
        follow_up = queries.lock(follow_up_id)
        assert follow_up is not None
        found = queries.open_attempt(follow_up)
        assert found is not None
        db.session.expunge_all()
        db.session.remove()
    return found


def test_an_open_page_shortens_the_time_of_a_crash_and_leaving_it_frees_the_call(
    watch: Any, clock: Any
) -> None:
    amina = watch()
    follow_up_id = a_call(amina, clock)
    enter(amina, "amina")
    amina.open(f"/follow-ups/{follow_up_id}/call")
    with amina.page.expect_response("**/call/keep"):
        amina.save()
    assert call_of(amina, follow_up_id).alive_until == NOW + policy.BEATING_LEASE
    amina.open("/my-day")
    for _ in range(50):
        if call_of(amina, follow_up_id).alive_until < NOW + policy.BEATING_LEASE:
            break
        amina.page.wait_for_timeout(100)
    assert call_of(amina, follow_up_id).alive_until == NOW + policy.NEXT_STEP_OPENS_WITHIN
    assert "Back to the call" in amina.text


def test_a_colleague_sees_without_reloading_that_the_person_is_being_called(
    watch: Any, clock: Any
) -> None:
    amina = watch()
    louis = watch()
    follow_up_id = shared_call(amina, clock)
    enter(amina, "amina")
    enter(louis, "louis")
    amina.open("/my-day")
    assert "Start call" in amina.text
    louis.open(f"/follow-ups/{follow_up_id}/call")
    louis.save()
    with amina.page.expect_response("**/my-day/changes"):
        amina.page.evaluate(LOOK)
    amina.page.get_by_text("Louis is calling").wait_for()
    assert "Start call" not in amina.text
    picture(amina, "my-day-while-louis-calls")
    amina.page.locator(".row-title a").first.click()
    amina.page.wait_for_load_state()
    assert "Louis is calling" in amina.text
    picture(amina, "case-while-louis-calls")
    amina.open(f"/follow-ups/{follow_up_id}/call")
    assert "Louis is calling" in amina.text
    assert not amina.page.locator("[data-save]").is_visible()
    wrong = list(look(amina, "en_CA"))
    picture(amina, "before-while-louis-calls")
    louis.click("Leave without calling")
    with amina.page.expect_response("**/calls/seen"):
        amina.page.evaluate(LOOK)
    amina.page.get_by_text("Louis is calling").wait_for(state="hidden")
    assert amina.page.locator("[data-save]").is_visible()
    assert wrong == []


def test_a_supervisor_frees_a_call_that_is_stuck(watch: Any, clock: Any) -> None:
    amina = watch()
    sophie = watch()
    follow_up_id = a_call(amina, clock)
    enter(amina, "amina")
    enter(sophie, "sophie")
    amina.open(f"/follow-ups/{follow_up_id}/call")
    amina.save()
    sophie.open("/calls")
    assert "Amina R." in sophie.text
    assert "Maya" not in sophie.text
    wrong = list(look(sophie, "en_CA"))
    sophie.page.locator("summary", has_text="Free this call").click()
    with sophie.page.expect_navigation():
        sophie.page.get_by_role("button", name="Free the call").click()
    assert "Choose one of the answers." in sophie.text
    wrong += list(look(sophie, "en_CA"))
    picture(sophie, "calls-refused")
    sophie.page.locator("input[name=reason]").first.check()
    with sophie.page.expect_navigation():
        sophie.page.get_by_role("button", name="Free the call").click()
    assert "Nobody is on a call." in sophie.text
    assert wrong == []
