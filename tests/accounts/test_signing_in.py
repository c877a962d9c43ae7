"""Signing in: one answer for every reason to refuse, and a fresh cookie for every success."""

import time
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from casework import create_app
from casework.accounts import queries, services
from casework.accounts.models import Account, WebSession
from casework.audit import AuditEntry
from casework.database import enter_service
from casework.security import passwords
from tests.conftest import settings_for
from tests.world import PASSWORD

WRONG = "The email or the passphrase is not right."


def sign_in(browser: Any, email: str, password: str = PASSWORD, **more: str) -> Any:
    return browser.submit("/sign-in", {"email": email, "password": password} | more)


@pytest.mark.parametrize(
    ("name", "page"),
    [("amina", "/my-day"), ("sophie", "/my-day"), ("marc", "/staff"), ("agency", "/inbox")],
)
def test_each_role_comes_to_its_first_page(world: Any, visitor: Any, name: str, page: str) -> None:
    browser = visitor()
    answer = sign_in(browser, getattr(world, name).email)
    assert answer.headers["Location"] == "/"
    assert browser.get("/").headers["Location"] == page


def test_the_address_may_be_typed_in_capitals(world: Any, visitor: Any) -> None:
    assert sign_in(visitor(), f"  {world.amina.email.upper()} ").status_code == 302


def test_an_agency_without_requests_is_told_that_they_also_come_by_link(
    world: Any, visitor: Any
) -> None:
    page = visitor(world.agency).get("/inbox").get_data(as_text=True)
    assert "avec un lien qui ne demande aucun mot de passe" in page


@pytest.mark.parametrize("email", ["amina@north.example", "nobody@north.example", "not an address"])
def test_a_wrong_passphrase_and_an_unknown_address_get_the_same_page(
    world: Any, visitor: Any, email: str
) -> None:
    answer = sign_in(visitor(), email, "a passphrase nobody has chosen")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert WRONG in page
    assert page.count(WRONG) == 1
    assert "a passphrase nobody has chosen" not in page


def test_an_unknown_address_costs_the_same_time(db: Any, world: Any) -> None:
    """ASVS 6.3.8: who is known here cannot be measured; argon2 dwarfs all the rest."""

    def seconds(email: str) -> float:
        begun = time.perf_counter()
        assert services.sign_in(email, "a passphrase nobody has chosen") is None
        return time.perf_counter() - begun

    known = sorted(seconds("amina@north.example") for _ in range(5))[2]
    unknown = sorted(seconds("nobody@north.example") for _ in range(5))[2]
    assert 0.5 < known / unknown < 2


@pytest.mark.parametrize("what", ["account", "membership"])
def test_who_is_disabled_gets_that_page_too(db: Any, world: Any, visitor: Any, what: str) -> None:
    membership = queries.membership_of(world.north.id, world.amina.account_id)
    assert membership is not None
    row = membership.account if what == "account" else membership
    row.is_active = False
    answer = sign_in(visitor(), world.amina.email)
    assert answer.status_code == 422
    assert WRONG in answer.get_data(as_text=True)


def test_nothing_filled_in_is_told_field_by_field(world: Any, visitor: Any) -> None:
    answer = sign_in(visitor(), "", "")
    assert answer.status_code == 422
    assert answer.get_data(as_text=True).count("Fill this in.") == 4  # summary and field, twice


def test_without_a_csrf_token_nobody_is_signed_in(world: Any, visitor: Any) -> None:
    browser = visitor()
    browser.get("/sign-in")
    fields = {"email": world.amina.email, "password": PASSWORD, "csrf_token": "made up"}
    assert browser.post("/sign-in", fields).status_code == 400
    assert browser.get("/settings").status_code == 302


def test_the_cookie_and_the_csrf_token_are_new_after_signing_in(world: Any, visitor: Any) -> None:
    """A cookie planted before sign-in must not become a signed-in one (ASVS 7.2.4)."""
    browser = visitor()
    browser.get("/sign-in")
    token = browser.token()
    before = browser.client.get_cookie("casework")
    sign_in(browser, world.amina.email)
    after = browser.client.get_cookie("casework")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert browser.post("/hide-names", {"csrf_token": token}).status_code == 400


def test_signing_in_again_ends_the_session_before(db: Any, world: Any, visitor: Any) -> None:
    browser = visitor(world.amina)
    browser.get("/settings")
    browser.post("/sign-in", {"email": world.amina.email, "password": PASSWORD})
    open_sessions = db.session.scalars(
        select(WebSession).where(
            WebSession.account_id == world.amina.account_id, WebSession.ended_at.is_(None)
        )
    ).all()
    assert len(open_sessions) == 1


def test_the_cookie_keeps_to_itself(world: Any, visitor: Any) -> None:
    """ASVS 3.3: HttpOnly, SameSite, Path; over plain http neither the prefix nor Secure."""
    answer = sign_in(visitor(), world.amina.email)
    header = next(
        value for value in answer.headers.getlist("Set-Cookie") if value.startswith("casework=")
    )
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "Path=/" in header
    assert "Secure" not in header
    assert "Domain" not in header


def test_over_https_the_cookie_belongs_to_this_host_alone(
    servers: Any, keys: str, template: str, tmp_path: Path
) -> None:
    """ASVS 3.3.1: the prefix makes browsers insist on Secure, Path=/ and no Domain."""
    settings = settings_for(
        servers, keys, template, tmp_path, PUBLIC_URL="https://casework.example"
    )
    app = create_app(settings)
    answer = app.test_client().get("/sign-in", base_url="https://casework.example")
    header = answer.headers["Set-Cookie"]
    assert header.startswith("__Host-casework=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in header
    assert "Domain" not in header
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_only_a_hash_of_the_token_is_kept(db: Any, world: Any) -> None:
    token = services.sign_in(world.amina.email, PASSWORD)
    assert token is not None
    assert len(token) >= 43  # 256 bits
    row = db.session.scalars(select(WebSession)).one()
    assert row.token_hash == queries.token_hash(token)
    assert token.encode() not in row.token_hash


def test_a_hash_with_older_parameters_is_renewed(db: Any, world: Any) -> None:
    account = db.session.get(Account, world.amina.account_id)
    account.password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    db.session.flush()
    assert services.sign_in(world.amina.email, PASSWORD) is not None
    assert not passwords.needs_rehash(account.password_hash)
    assert services.sign_in(world.amina.email, PASSWORD) is not None


def test_each_try_leaves_one_entry_in_the_audit(db: Any, world: Any, visitor: Any) -> None:
    """ASVS 16.3.1; a visitor whom nobody knows yet has no service."""
    sign_in(visitor(), world.amina.email)
    sign_in(visitor(), world.amina.email, "a passphrase nobody has chosen")
    enter_service(world.north.id)
    tries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "account:sign_in")
    ).all()
    assert [entry.is_refused for entry in tries] == [False]
    assert tries[0].actor_id == world.amina.account_id
