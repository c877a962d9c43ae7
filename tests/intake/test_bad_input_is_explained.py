"""What cannot be is said in the reader's words, on its field, and everything typed stays."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from casework.cases.models import Case
from casework.people.models import AnonymousContact, Person
from tests.intake.filling import LONG_NOTE, answers

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
Send = Callable[..., Any]


@pytest.fixture
def send(world: Any, visitor: Any, clock: Any, db: Any) -> Send:
    """Send the New case page as Amina and expect a refusal that keeps nothing."""
    clock.freeze(NOW)
    browser = visitor(world.amina)

    def post(*, language: str = "en_CA", token: str | None = None, **changes: Any) -> str:
        if language != "en_CA":
            browser.submit("/language", {"page_language": language, "next": "/cases/new"})
        browser.get("/cases/new")
        response = browser.post("/cases/new", answers(**changes), token=token)
        assert response.status_code == 422
        for model in (Case, Person, AnonymousContact):
            assert db.session.scalar(select(func.count()).select_from(model)) == 0
        return str(response.get_data(as_text=True))

    return post


def linked_errors(page: str) -> dict[str, str]:
    """Read the error summary: what is said about which field."""
    summary = page.split('class="errors"', 1)[1].split("</div>", 1)[0]
    return dict(re.findall(r'<a href="#([^"]*)">([^<]*)</a>', summary))


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"keep": None}, "keep", "Ask whether we may keep a case, and record the answer."),
        ({"call_back": None}, "call_back", "Ask whether we may call back, and record the answer."),
        (
            {"share": None},
            "share",
            "Ask whether we may share with an agency, and record the answer.",
        ),
        ({"share": "agency"}, "share_with", "Choose the agency they agreed to."),
        ({"voicemail": None}, "voicemail", "Say whether a voicemail may be left."),
        ({"needs": None}, "needs", "Choose at least one need."),
        (
            {"phone": "514-155-0142"},
            "phone",
            "This phone number is not possible. Write it with its area code: 514-555-0142.",
        ),
        (
            {"phone": "555-0142"},
            "phone",
            "This phone number is too short. Write the area code too: 514-555-0142.",
        ),
        (
            {"phone": None},
            "phone",
            "To call back, write a phone, an email or a chat handle; or answer no to calling back.",
        ),
        (
            {"email": "maya at home"},
            "email",
            "This email address is not possible. Write it like name@example.ca.",
        ),
        (
            {"times": None, "days": None},
            "times",
            "To call back, choose when: agreed hours, any time, or they will call us.",
        ),
        (
            {"times": ["any_time", "morning"]},
            "times",
            "“Any time” and “they will call us” each stand alone.",
        ),
        ({"days": None}, "days", "Say on which days these hours hold."),
        (
            {"spoken": "other", "their_language": "xx-unknown"},
            "their_language",
            "Choose a language from the list.",
        ),
        ({"spoken": "other", "their_language": ""}, "their_language", "Choose their language."),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "Choose a time zone from the list."),
        ({"note": LONG_NOTE}, "note", "This is too long: 8000 characters at most."),
        (
            {"region": "Montréal H2X 1Y4"},
            "region",
            "Write a town or region, without any part of a postal code.",
        ),
        (
            {"children_ages": "three"},
            "children_ages",
            "Write ages under 18 with commas: 3, 5, 8.",
        ),
        (
            {"first_call": "chosen", "next_on": "2026-11-23", "next_at": "10:00"},
            "next_on",
            "This time has passed. Choose a later one.",
        ),
        (
            {"first_call": "chosen", "next_on": "2026-11-26", "next_at": "19:00"},
            "next_at",
            "This time lies outside the hours they agreed to.",
        ),
        (
            {"first_call": "chosen", "next_on": "2026-11-26", "next_at": ""},
            "next_at",
            "Write the day and the time they asked for.",
        ),
        (
            {"hours-0-days": "0", "hours-0-start": "11:00", "hours-0-end": "09:00"},
            "hours-0-end",
            "These hours end before they start. For a night, use two rows: until 23:59, and from 00:00.",
        ),
        (
            {"hours-0-days": "0", "hours-0-start": "11:00"},
            "hours-0-end",
            "Fill in the days and both times of this row, or empty it.",
        ),
    ],
)
def test_each_problem_stands_on_its_field(
    send: Send, changes: dict[str, Any], field: str, said: str
) -> None:
    """The summary on top links to the field, which says the same (issue: bad input)."""
    assert linked_errors(send(**changes)) == {field: said}


def test_everything_typed_comes_back(send: Send) -> None:
    """A refusal keeps every answer as it was given."""
    page = send(keep="yes", voicemail=None, note="Two <b>words</b>", phone="514-555-0142")
    assert 'value="514-555-0142"' in page
    assert "Two &lt;b&gt;words&lt;/b&gt;" in page
    assert re.search(r'value="morning"[^>]*checked', page)
    assert re.search(r'name="share" value="needs"[^>]*checked', page)


def test_a_note_of_100_000_characters_comes_back_whole(send: Send) -> None:
    """What is too long is refused, never cut."""
    assert LONG_NOTE in send(note=LONG_NOTE)


def test_an_old_page_can_be_saved_again(send: Send) -> None:
    """An expired token refuses in words, with everything still there."""
    page = send(token="expired", safe_name="Maya")
    assert "What you typed is still here" in page
    assert 'value="Maya"' in page


def test_a_page_from_elsewhere_gets_nothing_back(world: Any, visitor: Any) -> None:
    """What was typed never comes back to another origin."""
    browser = visitor(world.amina)
    browser.get("/cases/new")
    response = browser.post(
        "/cases/new",
        answers(safe_name="Maya"),
        token="expired",
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert response.status_code == 400
    assert "Maya" not in response.get_data(as_text=True)


def test_without_a_session_nothing_comes_back(visitor: Any) -> None:
    """Somebody who is not signed in cannot use the page to read what was typed."""
    response = visitor().post("/cases/new", answers(safe_name="Maya"), token="expired")
    assert response.status_code in (400, 401)
    assert "Maya" not in response.get_data(as_text=True)


def test_the_title_says_that_there_is_an_error(send: Send) -> None:
    """The page title begins with “Error:” (screens.md 1)."""
    assert "<title>Error: New case" in send(keep=None)


def test_problems_are_told_in_french(send: Send) -> None:
    """The message is in the language of the person at the desk."""
    page = send(language="fr_CA", keep=None)
    assert 'lang="fr-CA"' in page
    assert "Ask whether" not in page
