"""A whole call-back without touching the mouse, in at most forty key presses (screens.md, screen 4)."""

import os
from typing import Any

import pytest

from casework import database
from casework.directory.needs import NeedCode
from casework.extensions import db
from tests.browser.conftest import PHONE, Watched
from tests.followups.scenes import at, call_at, case_of
from tests.world import PASSWORD, World

pytestmark = pytest.mark.browser


class Keyboard:
    """Presses keys and counts them."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.pressed = 0

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.watched.page.keyboard.press(key)
            self.pressed += 1

    def type(self, text: str) -> None:
        """Type a word, one key for each letter."""
        self.watched.page.keyboard.type(text)
        self.pressed += len(text)

    def save(self) -> None:
        """Save from wherever the cursor stands."""
        self.pressed += 1
        self.watched.save()

    @property
    def focused(self) -> str:
        """Name the field that has the focus."""
        script = "document.activeElement.name || document.activeElement.textContent.trim()"
        return str(self.watched.page.evaluate(script))

    def tab_to(self, name: str) -> None:
        """Walk forward to a field; a walk of more than ten steps is too long."""
        for _ in range(10):
            if self.focused == name:
                return
            self.press("Tab")
        assert self.focused == name


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
    with watched.page.expect_navigation():
        keys.press("c")
    watched.check()
    assert str(follow_up_id) in watched.page.url
    picture(watched, "call-before")
    keys.save()
    picture(watched, "call-reach")
    watched.page.locator("input[name=result]").first.focus()
    keys.press("Space")
    keys.tab_to("code_word")
    keys.type("heron")
    keys.save()
    picture(watched, "call-talk")
    watched.page.locator("input[name=still_ok]").first.focus()
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
    assert keys.pressed <= 40 - 8  # leaves room to walk to the first field of two pages


def test_the_call_back_fits_a_phone_in_french_and_a_failed_word_is_neutral(
    watch: Any, clock: Any
) -> None:
    watched = watch(locale="fr-CA", viewport=PHONE)
    follow_up_id = a_call(watched, clock, "louis")
    watched.sign_in("louis@north.example", PASSWORD)
    watched.open(f"/follow-ups/{follow_up_id}/call")
    watched.save()
    picture(watched, "call-reach-phone")
    watched.page.locator("input[name=result]").first.check(force=True)
    watched.page.locator("input[name=code_word]").fill("goose")
    watched.save()
    picture(watched, "call-after-phone")
    assert "Maya" not in watched.text
