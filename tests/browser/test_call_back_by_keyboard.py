"""A whole call-back without touching the mouse, in at most forty key presses (screens.md, screen 4)."""

import os
from typing import Any

import pytest

from casework import database
from casework.directory.needs import NeedCode
from casework.extensions import db
from tests.browser.conftest import PHONE, Watched
from tests.browser.faces import look
from tests.browser.keyboard import Keyboard
from tests.browser.places import enter
from tests.followups.scenes import at, call_at, case_of
from tests.world import PASSWORD, World

pytestmark = pytest.mark.browser
MOST = 40


def a_call(watched: Watched, clock: Any, name: str = "amina") -> Any:
    """Commit one call of a navigator that is due now and give its id."""
    with watched.site.app.app_context():
        clock.freeze(at(23, 12))
        world = World.load()
        needs = [NeedCode.SHELTER, NeedCode.FOOD]
        actor = getattr(world, name).actor
        case = case_of(actor, needs=needs, code_word="heron", cover_name="Camille")
        follow_up = call_at(actor, case, at(24, 9, 30))
        database.commit()
        found = follow_up.id
        db.session.remove()
    clock.freeze(at(24, 9, 30))
    return found


def picture(watched: Watched, name: str) -> None:
    """Keep a picture of the page when a folder for them is named."""
    folder = os.environ.get("PICTURES")
    if folder:
        watched.page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_call_back_takes_at_most_forty_key_presses(watch: Any, clock: Any) -> None:
    watched = watch()
    follow_up_id = a_call(watched, clock)
    watched.sign_in("amina@north.example", PASSWORD)
    watched.open("/my-day")
    keys = Keyboard(watched)
    keys.press("j")
    keys.go("c")
    assert str(follow_up_id) in watched.page.url
    picture(watched, "call-before")
    keys.save()
    picture(watched, "call-reach")
    keys.to_the_content()
    keys.tab_to("result", "reached_person")
    keys.press("Space")
    keys.tab_to("code_word")
    keys.type("heron")
    keys.save()
    picture(watched, "call-talk")
    keys.to_the_content()
    keys.tab_to("still_ok", "yes")
    keys.press("Space")
    keys.tab_to("are_hours_right", "yes")
    keys.press("Space")
    keys.tab_to("outcome_0")
    keys.press("Space")
    keys.tab_to("outcome_1")
    keys.press("Space", "ArrowRight", "ArrowRight")
    keys.tab_to("next_call")
    keys.press("Space")
    picture(watched, "call-talk-filled")
    keys.save()
    assert "/my-day" in watched.page.url
    assert "The call is recorded." in watched.text
    assert keys.hidden == []
    assert keys.pressed <= MOST


def test_each_step_of_a_call_shows_no_fault_in_any_face_and_a_wrong_word_is_neutral(
    watch: Any, clock: Any
) -> None:
    watched = watch(locale="fr-CA", viewport=PHONE)
    follow_up_id = a_call(watched, clock, "louis")
    enter(watched, "louis", "fr_CA")
    watched.open(f"/follow-ups/{follow_up_id}/call")
    wrong = [*look(watched, "fr_CA")]
    watched.save()
    wrong += look(watched, "fr_CA")
    watched.save(status=422)
    wrong += look(watched, "fr_CA")
    watched.page.set_viewport_size(PHONE)
    picture(watched, "call-reach-phone")
    watched.page.locator("input[name=result]").first.check(force=True)
    watched.page.locator("input[name=code_word]").fill("goose")
    watched.save()
    wrong += look(watched, "fr_CA")
    picture(watched, "call-after-phone")
    assert "Maya" not in watched.text
    assert wrong == []


def test_the_conversation_refused_shows_no_fault_in_any_face(watch: Any, clock: Any) -> None:
    watched = watch()
    follow_up_id = a_call(watched, clock)
    enter(watched, "amina")
    watched.open(f"/follow-ups/{follow_up_id}/call").save()
    watched.page.locator("input[name=result][value=reached_person]").check()
    watched.page.locator("input[name=code_word]").fill("heron")
    watched.save()
    wrong = [*look(watched, "en_CA")]
    wrong += Keyboard(watched).walk()
    watched.save(status=422)
    wrong += look(watched, "en_CA")
    assert wrong == []
