"""The staff page: administrators manage who signs in, never a passphrase and never a case."""

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from casework.accounts import queries, services
from casework.accounts.models import Account, Membership
from casework.audit import AuditEntry
from casework.database import enter_service
from casework.security import Role
from tests.world import PASSWORD

NEW = {
    "display_name": "Nadia K.",
    "email": "Nadia@North.example",
    "role": "navigator",
    "locale": "fr_CA",
}


def url_of(world: Any, name: str, act: str = "") -> str:
    membership = queries.membership_of(world.north.id, getattr(world, name).account_id)
    assert membership is not None
    return f"/staff/{membership.id}{act}"


def test_an_administrator_sees_everybody_of_their_own_service(world: Any, visitor: Any) -> None:
    page = visitor(world.marc).get("/staff").get_data(as_text=True)
    for name in ("Amina R.", "Louis P.", "Sophie T.", "Marc D."):
        assert name in page
    assert "Owen S." not in page


def test_somebody_new_signs_in_by_a_passphrase_of_their_own(
    db: Any, world: Any, visitor: Any
) -> None:
    """ASVS 6.3.2, 6.4.6: no default account, and nobody sets a passphrase for another."""
    answer = visitor(world.marc).submit("/staff/add", NEW)
    assert answer.status_code == 200
    found = re.search(r"http://localhost(/set-passphrase/\S+?)<", answer.get_data(as_text=True))
    assert found is not None
    account = db.session.scalars(
        select(Account).where(Account.email == "nadia@north.example")
    ).one()
    assert account.locale == "fr_CA"
    assert services.sign_in(account.email, "") is None
    newcomer = visitor()
    newcomer.submit(found.group(1), {"password": "seven quiet herons over a frozen lake"})
    answer = newcomer.submit(
        "/sign-in",
        {"email": account.email, "password": "seven quiet herons over a frozen lake"},
    )
    assert answer.status_code == 302


def test_the_link_names_our_own_address_whatever_host_was_asked(
    app: Flask, world: Any, visitor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(app.config["CASEWORK"], public_url="https://casework.example")
    monkeypatch.setitem(app.config, "CASEWORK", settings)
    page = visitor(world.marc).submit("/staff/add", NEW).get_data(as_text=True)
    assert "https://casework.example/set-passphrase/" in page
    assert "localhost" not in page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("email", "not an address", "This is not an email address."),
        ("email", "amina@north.example", "This address is already in use."),
        ("email", "outsider@south.example", "This address is already in use."),
        ("display_name", "", "Fill this in."),
        ("role", "partner", "Not a valid choice"),
        ("role", "", "Fill this in."),
    ],
)
def test_what_cannot_be_added_is_told_and_what_was_typed_stays(
    db: Any, world: Any, visitor: Any, field: str, value: str, words: str
) -> None:
    before = len(db.session.scalars(select(Membership.id)).all())
    browser = visitor(world.marc)
    browser.post("/language", {"page_language": "en_CA"})
    answer = browser.submit("/staff/add", NEW | {field: value})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page
    assert field == "email" or NEW["email"] in page
    assert len(db.session.scalars(select(Membership.id)).all()) == before


def test_a_role_is_changed(db: Any, world: Any, visitor: Any) -> None:
    browser = visitor(world.marc)
    assert browser.submit(url_of(world, "louis"), {"role": "supervisor"}).status_code == 302
    membership = queries.membership_of(world.north.id, world.louis.account_id)
    assert membership is not None
    assert membership.role is Role.SUPERVISOR


def test_who_is_disabled_is_out_and_can_be_let_in_again(db: Any, world: Any, visitor: Any) -> None:
    browser, louis = visitor(world.marc), visitor(world.louis)
    assert browser.post(url_of(world, "louis", "/disable")).status_code == 302
    assert louis.get("/settings").status_code == 302
    assert services.sign_in(world.louis.email, PASSWORD) is None
    assert browser.post(url_of(world, "louis", "/enable")).status_code == 302
    assert services.sign_in(world.louis.email, PASSWORD) is not None


@pytest.mark.parametrize("act", ["/disable", "/enable", "/reset"])
def test_administrators_do_not_change_themselves(world: Any, visitor: Any, act: str) -> None:
    browser = visitor(world.marc)
    assert browser.post(url_of(world, "marc", act)).status_code == 409
    assert browser.get("/staff").status_code == 200


def test_administrators_do_not_raise_themselves(world: Any, visitor: Any) -> None:
    answer = visitor(world.marc).submit(url_of(world, "marc"), {"role": "supervisor"})
    assert answer.status_code == 422


@pytest.mark.parametrize("act", ["", "/disable", "/enable", "/reset"])
@pytest.mark.parametrize("name", ["amina", "sophie", "agency", "outsider"])
def test_nobody_else_manages_staff(world: Any, visitor: Any, name: str, act: str) -> None:
    url = url_of(world, "louis", act)
    browser = visitor(getattr(world, name))
    assert browser.post(url, {"role": "administrator"}).status_code == 404


def test_an_administrator_of_another_service_finds_nobody_here(
    db: Any, world: Any, visitor: Any
) -> None:
    url = url_of(world, "louis")
    enter_service(world.south.id)
    membership = queries.membership_of(world.south.id, world.outsider.account_id)
    assert membership is not None
    membership.role = Role.ADMINISTRATOR
    db.session.flush()
    browser = visitor(world.outsider)
    assert browser.get(url).status_code == 404
    for act in ("/disable", "/enable", "/reset"):
        assert browser.post(url + act).status_code == 404


def test_a_link_is_drawn_once_and_stored_nowhere_in_the_browser(world: Any, visitor: Any) -> None:
    browser = visitor(world.marc)
    answer = browser.post(url_of(world, "louis", "/reset"))
    assert answer.headers["Cache-Control"] == "no-store"
    token = re.search(r"/set-passphrase/([^<\"]+)", answer.get_data(as_text=True))
    assert token is not None
    assert token.group(1) not in str(answer.headers)
    assert token.group(1) not in browser.get("/staff").get_data(as_text=True)


def test_each_act_on_staff_is_audited(db: Any, world: Any, visitor: Any) -> None:
    browser = visitor(world.marc)
    for act in ("/disable", "/enable", "/reset"):
        browser.post(url_of(world, "louis", act))
    browser.submit(url_of(world, "louis"), {"role": "supervisor"})
    acts = db.session.scalars(
        select(AuditEntry.action)
        .where(AuditEntry.actor_id == world.marc.account_id, AuditEntry.object_type == "membership")
        .order_by(AuditEntry.seq)
    ).all()
    assert acts == ["member:disable", "member:enable", "member:start_reset", "member:change_role"]
