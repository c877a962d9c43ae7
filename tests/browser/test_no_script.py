"""The core of the work with scripts switched off: a new case, the agency's answer, the call-back."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from casework import database
from tests.browser.conftest import PHONE, Site, Watched
from tests.browser.places import enter
from tests.browser.post import open_letters
from tests.followups.scenes import at
from tests.world import PASSWORD

pytestmark = pytest.mark.browser
MORNING = at(24, 10)
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def press(watched: Watched, name: str, role: Any = "button") -> None:
    """Press a button or follow a link as a mouse does; without scripts there are no keys."""
    with watched.page.expect_navigation() as led:
        watched.page.get_by_role(role, name=re.compile(name)).first.click()
    answer = led.value
    assert answer is not None and answer.status == 200, (name, watched.text)
    assert watched.page.evaluate(WIDTH) <= 0


def choose(watched: Watched, **answers: str) -> None:
    for name, value in answers.items():
        watched.page.locator(f"input[name={name}][value='{value}']").check()


def sign_in(watch: Any, moment: datetime) -> Watched:
    """Sit amina down at a browser without scripts, at a moment."""
    database.clock.freeze(moment)
    amina: Watched = watch(has_scripts=False)
    amina.go("/sign-in")
    amina.page.locator("input[name=email]").fill("amina@north.example")
    amina.page.locator("input[name=password]").fill(PASSWORD)
    press(amina, "Sign in")
    assert "/my-day" in amina.page.url
    return amina


def open_a_case(amina: Watched) -> str:
    """Open a case and ask an agency; give its reference."""
    press(amina, "New case", "link")
    choose(amina, keep="yes", call_back="yes", share="needs", voicemail="never", days="any_day")
    choose(amina, times="morning", needs="shelter")
    amina.page.get_by_role("textbox", name="Phone", exact=True).fill("613 555 0187")
    amina.page.get_by_label("Name to use").fill("Mado")
    amina.page.locator("summary", has_text="Code word and more safety").click()
    amina.page.get_by_label("Code word", exact=True).fill("heron")
    press(amina, "Save and refer")
    choose(amina, urgency="urgent")
    amina.page.get_by_label("Foyer du Pont").check()
    press(amina, "Ask this agency")
    return amina.page.url.split("/cases/")[1].split("/")[0]


def an_agency_answers(watch: Any, site: Site) -> None:
    agency: Watched = watch(locale="fr-CA", viewport=PHONE, has_scripts=False)
    agency.go(open_letters(site)[-1])
    press(agency, "Nous réservons une place")
    press(agency, "Annuler ma réponse")
    press(agency, "Nous réservons une place")
    assert "Merci" in agency.text


def call_back(amina: Watched) -> None:
    """Reach the person, and hear that the place was good."""
    press(amina, "Start call", "link")
    press(amina, "Start the call")
    assert "613-555-0187" in amina.text
    choose(amina, result="reached_person")
    amina.page.get_by_label("The code word they said").fill("heron")
    press(amina, "Save and go on")
    choose(amina, told="told", still_ok="yes", are_hours_right="yes", outcome_0="met")
    amina.page.locator("input[name=next_call]").first.check()
    press(amina, "Save")
    assert "The call is recorded." in amina.text


def test_a_case_is_opened_answered_and_followed_without_scripts(watch: Any, site: Site) -> None:
    amina = sign_in(watch, MORNING)
    ref = open_a_case(amina)
    assert "The agency is asked" in amina.text
    an_agency_answers(watch, site)
    amina.go("/my-day")
    call_back(amina)
    amina.go(f"/cases/{ref}")
    assert "Need met" in amina.page.locator(".split-side").inner_text()


def test_a_contact_is_only_counted_without_scripts(watch: Any, site: Site) -> None:
    """Nothing rests without scripts, so the server drops what was typed (R1)."""
    database.clock.freeze(MORNING + timedelta(days=1))
    amina = enter(watch(has_scripts=False), "amina")
    amina.go("/cases/new")
    choose(amina, keep="no", needs="food")
    amina.page.get_by_role("textbox", name="Phone", exact=True).fill("613 555 0187")
    press(amina, "Save and plan the call")
    assert "/my-day" in amina.page.url
    assert "0187" not in amina.page.content()


def test_a_menu_opens_and_signs_out_without_scripts(watch: Any, site: Site) -> None:
    amina = enter(watch(has_scripts=False), "amina")
    amina.go("/my-day")
    assert amina.page.get_by_role("button", name="Keyboard shortcuts").count() == 0
    amina.page.locator(".menu summary").click()
    press(amina, "Sign out")
    assert "/sign-in" in amina.page.url
