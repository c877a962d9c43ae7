"""The idle lock: nothing of what lies behind it leaves the server until the passphrase is right."""

from typing import Any

import pytest
from sqlalchemy import select

from casework.accounts.models import WebSession
from casework.audit import EntryFilter, entries
from casework.web.navigation import IDLE_SECONDS
from tests.desk.contacts import NOW, open_case
from tests.world import PASSWORD

GUESS = "a passphrase nobody has chosen"


def locked(visitor: Any, member: Any, page: str = "/my-day") -> Any:
    """Give a browser whose screen was locked on a page."""
    browser = visitor(member)
    browser.get(page)
    answer = browser.post("/lock", {"next": page})
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    return browser


def unlock(browser: Any, page: str, password: str = PASSWORD) -> Any:
    return browser.post("/unlock", {"password": password, "next": page})


def test_a_locked_screen_shows_nothing_but_the_lock(world: Any, visitor: Any, clock: Any) -> None:
    """screens.md section 4: what stood on the page leaves it, the title included."""
    clock.freeze(NOW)
    case = open_case(world.amina, name="Quetzalcoatl", note="Prefers tea.")
    page = f"/cases/{case.ref}"
    browser = locked(visitor, world.amina, page)
    answer = browser.get(page)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "<title>This screen is locked ·" in text
    assert 'name="password"' in text
    assert 'action="/sign-out"' in text
    for private in (
        "Prefers tea.",
        "Safe contact",
        "What happened",
        'class="rail"',
        "data-lang-link",
    ):
        assert private not in text


@pytest.mark.parametrize(
    "page", ["/my-day", "/settings", "/directory", "/sign-in", "/no-such-page"]
)
def test_every_page_is_the_lock(world: Any, visitor: Any, page: str) -> None:
    browser = locked(visitor, world.amina)
    assert "This screen is locked" in browser.get(page).get_data(as_text=True)


def test_whatever_is_sent_is_refused_and_changes_nothing(db: Any, world: Any, visitor: Any) -> None:
    browser = locked(visitor, world.amina)
    for url, fields in (
        ("/hide-names", {}),
        ("/language", {"page_language": "fr_CA"}),
        ("/settings", {"locale": "fr_CA"}),
        ("/sign-in", {"email": world.louis.email, "password": PASSWORD}),
        ("/no-such-page", {}),
    ):
        answer = browser.post(url, fields)
        assert answer.status_code == 401, url
        assert "What you sent was not saved" in answer.get_data(as_text=True)
    assert session_of(db, world.amina).hides_names is False


def test_the_passphrase_leads_back_to_exactly_the_same_page(world: Any, visitor: Any) -> None:
    page = "/directory?need=food"
    browser = locked(visitor, world.amina, page)
    assert f'name="next" value="{page}"' in browser.get(page).get_data(as_text=True)
    answer = unlock(browser, page)
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    assert "This screen is locked" not in browser.get(page).get_data(as_text=True)


def test_what_was_sent_too_late_leads_back_to_the_page_of_its_form(
    world: Any, visitor: Any
) -> None:
    browser = locked(visitor, world.amina)
    text = browser.post("/settings/sessions/2f1e/end").get_data(as_text=True)
    assert 'name="next" value="/settings"' in text


def test_another_site_is_never_where_the_passphrase_leads(world: Any, visitor: Any) -> None:
    browser = locked(visitor, world.amina)
    assert unlock(browser, "//elsewhere.example/").headers["Location"] == "/"


def test_a_wrong_passphrase_opens_nothing(world: Any, visitor: Any) -> None:
    browser = locked(visitor, world.amina)
    answer = unlock(browser, "/my-day", GUESS)
    assert answer.status_code == 422
    assert "The passphrase is not right." in answer.get_data(as_text=True)
    assert "This screen is locked" in browser.get("/my-day").get_data(as_text=True)


def test_a_colleagues_passphrase_opens_nothing(world: Any, visitor: Any) -> None:
    """The session is amina's, whoever stands before it."""
    browser = locked(visitor, world.amina)
    answer = browser.post(
        "/unlock", {"email": world.louis.email, "password": GUESS, "next": "/my-day"}
    )
    assert answer.status_code == 422


@pytest.mark.throttled
def test_guessing_is_slowed_down_as_at_sign_in(world: Any, visitor: Any) -> None:
    """ASVS 6.3.1: this browser has signed in before, so it has ten tries of its own."""
    browser = locked(visitor, world.amina)
    answers = [unlock(browser, "/my-day", GUESS).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    assert unlock(browser, "/my-day").status_code == 429


def test_signing_out_of_a_locked_screen_needs_no_passphrase(world: Any, visitor: Any) -> None:
    browser = locked(visitor, world.amina)
    assert browser.post("/sign-out").headers["Location"] == "/sign-in"
    browser.sign_in(world.louis)
    assert browser.get("/my-day").status_code == 200


def test_another_device_of_the_same_person_stays_open(world: Any, visitor: Any) -> None:
    elsewhere = visitor(world.amina)
    locked(visitor, world.amina)
    assert "This screen is locked" not in elsewhere.get("/my-day").get_data(as_text=True)


def test_locking_twice_and_unlocking_twice_do_no_harm(world: Any, visitor: Any) -> None:
    browser = locked(visitor, world.amina)
    assert browser.post("/lock", {"next": "/settings"}).headers["Location"] == "/settings"
    assert unlock(browser, "/settings").status_code == 303
    assert unlock(browser, "/settings", GUESS).headers["Location"] == "/settings"


def test_locking_and_unlocking_stand_in_the_audit(world: Any, visitor: Any) -> None:
    """R21: who was at the screen, and since when."""
    browser = locked(visitor, world.amina)
    unlock(browser, "/my-day", GUESS)
    unlock(browser, "/my-day")
    for action, number in (("account:lock", 1), ("account:unlock", 2)):
        found = entries(world.sophie.actor, EntryFilter(action=action))
        assert len(found) == number
        assert {entry.actor_id for entry in found} == {world.amina.account_id}


def test_every_signed_in_page_knows_how_to_lock_itself(world: Any, visitor: Any) -> None:
    """lock.js warns a minute before; it needs the time, the warning and the button."""
    text = visitor(world.amina).get("/my-day").get_data(as_text=True)
    assert f'data-idle="{IDLE_SECONDS}"' in text
    assert 'action="/lock"' in text
    assert 'data-key="l"' in text
    assert "data-idle" not in visitor().get("/sign-in").get_data(as_text=True)


def session_of(db: Any, member: Any) -> WebSession:
    """Give the session of a member that is locked."""
    found = select(WebSession).where(
        WebSession.account_id == member.account_id, WebSession.locked_at.is_not(None)
    )
    return db.session.scalars(found).one()  # type: ignore[no-any-return]
