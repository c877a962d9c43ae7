"""Sessions: they end when they should, at once, and a copied cookie opens nothing afterwards."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework.accounts import member_services, policy, queries
from casework.accounts.models import WebSession
from casework.accounts.recognition import ASKED_BY_PAGES
from casework.security import Role

ROOT = Path(__file__).parents[2]
SCRIPTS, TEMPLATES = ROOT / "casework/static/js", ROOT / "templates"
AT = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


def is_in(browser: Any) -> bool:
    return bool(browser.get("/settings").status_code == 200)


def membership(world: Any, name: str) -> Any:
    return queries.membership_of(world.north.id, getattr(world, name).account_id)


def test_a_cookie_copied_before_signing_out_opens_nothing(world: Any, visitor: Any) -> None:
    """ASVS 7.4.1: a signed cookie alone would still answer 200."""
    browser, thief = visitor(world.amina), visitor()
    cookie = browser.client.get_cookie("casework")
    assert cookie is not None
    browser.get("/settings")
    token = browser.token()
    assert browser.post("/sign-out").headers["Location"] == "/sign-in"
    thief.client.set_cookie("casework", cookie.value, httponly=True)
    answer = thief.get("/settings")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")
    assert thief.post("/hide-names", {"csrf_token": token}).status_code == 401


def test_signing_out_asks_the_browser_to_forget(world: Any, visitor: Any) -> None:
    browser = visitor(world.amina)
    answer = browser.post("/sign-out")
    assert "storage" in answer.headers["Clear-Site-Data"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert not is_in(browser)


def test_signing_out_needs_a_post_with_a_token(world: Any, visitor: Any) -> None:
    browser = visitor(world.amina)
    assert browser.get("/sign-out").status_code == 405
    assert browser.post("/sign-out", {"csrf_token": "made up"}).status_code == 400
    assert is_in(browser)


def test_half_an_hour_without_use_ends_it(world: Any, visitor: Any, clock: Any) -> None:
    clock.freeze(AT)
    browser = visitor(world.amina)
    clock.advance(timedelta(minutes=29, seconds=59))
    assert is_in(browser)
    clock.advance(timedelta(minutes=30))
    assert not is_in(browser)


def asked_by_scripts() -> set[str]:
    """Name the routes that a script asks by itself, read from the scripts and the templates."""
    scripts = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS.glob("*.js"))
    names = re.findall(r"(?:fetch|send)\(\w+\.dataset\.(\w+)", scripts)
    found = set()
    for name in names:
        attribute = re.sub("([A-Z])", r"-\1", name).lower()
        address = re.compile(rf"""data-{attribute}="{{{{ url_for\('([a-z_.]+)'""")
        routes = {
            route
            for path in TEMPLATES.rglob("*.html")
            for route in address.findall(path.read_text(encoding="utf-8"))
        }
        assert routes, f"no template says what data-{attribute} asks"
        found |= routes
    return found


def test_all_that_a_page_asks_by_itself_is_known() -> None:
    """A page left open on a desk must lock: nobody is there because it asks for news."""
    assert asked_by_scripts() == ASKED_BY_PAGES


@pytest.mark.parametrize("path", ["/my-day/changes", "/calls/seen"])
def test_a_page_that_asks_for_news_keeps_no_session_alive(
    world: Any, visitor: Any, clock: Any, path: str
) -> None:
    clock.freeze(AT)
    browser = visitor(world.amina)
    for _ in range(2):
        clock.advance(timedelta(minutes=14))
        assert browser.get(path).status_code == 200
    clock.advance(timedelta(minutes=2))
    assert browser.get(path).status_code != 200
    assert not is_in(browser)


def test_twelve_hours_end_it_however_busy(world: Any, visitor: Any, clock: Any) -> None:
    clock.freeze(AT)
    browser = visitor(world.amina)
    for _ in range(35):
        clock.advance(timedelta(minutes=20))
        assert is_in(browser)
    clock.advance(timedelta(minutes=20))
    assert not is_in(browser)


def test_its_use_is_written_down_once_a_minute_at_most(
    db: Any, world: Any, visitor: Any, clock: Any
) -> None:
    clock.freeze(AT)
    browser = visitor(world.amina)

    def seen_at() -> datetime:
        return db.session.scalars(select(WebSession.seen_at)).one()

    clock.advance(timedelta(seconds=59))
    browser.get("/settings")
    assert seen_at() == AT
    clock.advance(timedelta(seconds=1))
    browser.get("/settings")
    assert seen_at() == AT + timedelta(minutes=1)


@pytest.mark.parametrize("what", ["account", "membership"])
def test_who_is_disabled_is_out_at_their_next_request(
    db: Any, world: Any, visitor: Any, what: str
) -> None:
    """ASVS 7.4.2."""
    browser = visitor(world.amina)
    row = membership(world, "amina")
    (row.account if what == "account" else row).is_active = False
    assert not is_in(browser)


def test_being_let_in_again_does_not_bring_old_sessions_back(
    db: Any, world: Any, visitor: Any
) -> None:
    browser = visitor(world.amina)
    member_services.disable_member(world.marc.actor, membership(world, "amina"))
    member_services.enable_member(world.marc.actor, membership(world, "amina"))
    assert not is_in(browser)


def test_another_role_holds_from_the_next_request_on(db: Any, world: Any, visitor: Any) -> None:
    """ASVS 8.3.2."""
    browser = visitor(world.louis)
    assert browser.get("/staff").status_code == 404
    member_services.change_role(
        world.marc.actor, membership(world, "louis"), role=Role.ADMINISTRATOR
    )
    assert browser.get("/staff").status_code == 200


def test_people_see_their_own_sessions_and_end_them(db: Any, world: Any, visitor: Any) -> None:
    here, there = visitor(world.amina), visitor(world.amina)
    page = here.get("/settings").get_data(as_text=True)
    assert page.count("Last used") == 2
    assert page.count("/end") == 1
    theirs = page.split("/settings/sessions/")[1].split("/")[0]
    assert here.post(f"/settings/sessions/{theirs}/end").status_code == 302
    assert is_in(here)
    assert not is_in(there)


def test_nobody_ends_another_persons_session(db: Any, world: Any, visitor: Any) -> None:
    louis, outsider = visitor(world.louis), visitor(world.outsider)
    session_id = db.session.scalars(
        select(WebSession.id).where(WebSession.account_id == world.louis.account_id)
    ).one()
    for browser in (visitor(world.amina), outsider):
        assert browser.post(f"/settings/sessions/{session_id}/end").status_code == 404
    assert is_in(louis)


def test_names_are_hidden_in_one_session_only(db: Any, world: Any, visitor: Any) -> None:
    here, there = visitor(world.amina), visitor(world.amina)
    assert here.post("/hide-names", {"next": "/settings"}).headers["Location"] == "/settings"
    hidden = db.session.scalars(select(WebSession.hides_names)).all()
    assert sorted(hidden) == [False, True]
    here.post("/hide-names")
    db.session.expire_all()
    assert not any(db.session.scalars(select(WebSession.hides_names)).all())
    assert is_in(there)


def test_a_made_up_token_finds_no_session(db: Any, world: Any) -> None:
    assert queries.session_of("made up") is None


def test_the_limits_are_pure_arithmetic() -> None:
    expires = AT + policy.ABSOLUTE
    assert not policy.is_over(AT, expires, AT + timedelta(minutes=29))
    assert policy.is_over(AT, expires, AT + timedelta(minutes=30))
    assert policy.is_over(expires - timedelta(seconds=1), expires, expires)
