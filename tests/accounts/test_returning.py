"""After signing in again people are back on the page where they were, and nowhere else."""

from typing import Any

import pytest

from casework.security.return_to import page_behind, safe_next
from tests.world import PASSWORD

ELSEWHERE = [
    "https://elsewhere.example/",
    "//elsewhere.example/settings",
    "/\\elsewhere.example",
    "\\\\elsewhere.example",
    "/%09/elsewhere.example",
    "/\t/elsewhere.example",
    "javascript:alert(1)",
    "settings",
    "",
    "/no-such-page",
    "/sign-out",
    "/settings\r\nSet-Cookie: a=b",
    "/" + "a" * 600,
]


def sign_in(browser: Any, member: Any, back: str) -> Any:
    fields = {"email": member.email, "password": PASSWORD, "next": back}
    return browser.submit("/sign-in", fields)


def test_a_page_asked_for_too_early_is_reached_after_signing_in(world: Any, visitor: Any) -> None:
    browser = visitor()
    answer = browser.get("/settings")
    assert answer.headers["Location"] == "/sign-in?next=/settings"
    page = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert 'name="next" value="/settings"' in page
    assert sign_in(browser, world.amina, "/settings").headers["Location"] == "/settings"


def test_a_form_sent_after_the_end_leads_back_to_its_page(world: Any, visitor: Any) -> None:
    browser = visitor(world.amina)
    browser.get("/settings/passphrase")
    browser.post("/sign-out")
    answer = browser.post("/settings/passphrase", {"current": "a", "password": "b"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert 'href="/sign-in?next=/settings/passphrase"' in page
    assert "nothing was saved" in page


@pytest.mark.parametrize("target", ELSEWHERE)
def test_an_open_redirect_is_refused(world: Any, visitor: Any, target: str) -> None:
    """ASVS 3.7.2."""
    assert sign_in(visitor(), world.amina, target).headers["Location"] == "/"
    browser = visitor(world.amina)
    answer = browser.post("/language", {"page_language": "en_CA", "next": target})
    assert answer.headers["Location"] == "/"


def test_what_is_ours_is_kept_with_its_question(app: Any) -> None:
    with app.app_context():
        assert safe_next("/directory?need=food") == "/directory?need=food"
        assert safe_next("/settings") == "/settings"


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/settings/passphrase", "/settings/passphrase"),
        ("/settings/sessions/2f1e/end", "/settings"),
        ("/sign-out", "/"),
        ("/nothing/at/all", "/"),
    ],
)
def test_the_page_behind_an_address_is_the_nearest_one(app: Any, path: str, page: str) -> None:
    with app.app_context():
        assert (page_behind(path) or "/") == page


def test_who_is_signed_in_does_not_see_the_sign_in_page(world: Any, visitor: Any) -> None:
    browser = visitor(world.amina)
    assert browser.get("/sign-in").headers["Location"] == "/"
    assert browser.get("/sign-in?next=/settings").headers["Location"] == "/settings"
