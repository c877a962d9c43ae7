"""Deny by default: a view that does not say who may enter lets nobody in."""

from typing import Any

import pytest
from flask import Flask, g

from casework.security import AGENCY_ROLES, Actor, ActorKind, Role, allow, guard, public, signed_in
from casework.security.guard import Access, Entry, access_of
from casework.security.permissions import EVERY_PERMISSION, PERMISSIONS
from casework.security.return_to import safe_next


def test_every_route_says_who_may_enter(app: Flask) -> None:
    silent = [
        rule.endpoint for rule in app.url_map.iter_rules() if not access_of(app, rule.endpoint)
    ]
    assert silent == []


def test_every_permission_asked_for_is_held_by_somebody(app: Flask) -> None:
    asked = {access_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    permissions = {access.permission for access in asked if access and access.permission}
    assert permissions <= EVERY_PERMISSION


def test_a_permission_nobody_holds_cannot_be_asked_for() -> None:
    with pytest.raises(LookupError):
        allow("case:reed")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Give a small application with the guard alone, and whoever `role` names at the browser."""
    monkeypatch.setattr(guard, "refusal_hooks", [])
    app = Flask("bare", static_folder="static")
    app.config["ROLE"] = None

    @app.before_request
    def _who() -> None:
        role = app.config["ROLE"]
        g.actor = Actor(ActorKind.STAFF, app.config["ID"], app.config["ID"], role) if role else None

    app.config["ID"] = "5f0c5d4e-0000-4000-8000-000000000000"
    guard.init_app(app)
    app.add_url_rule("/silent", "silent", lambda: "in")
    app.add_url_rule("/public", "public", public(lambda: "in"))
    app.add_url_rule("/mine", "mine", signed_in(lambda: "in"), methods=["GET", "POST"])
    app.add_url_rule("/staff", "staff", allow("staff:manage")(lambda: "in"))
    app.add_url_rule("/sign-in", "accounts.sign_in", public(lambda: "in"))
    return app


def test_a_silent_view_is_refused_at_run_time(bare: Flask) -> None:
    assert bare.test_client().get("/silent").status_code == 404
    bare.config["ROLE"] = Role.ADMINISTRATOR
    assert bare.test_client().get("/silent").status_code == 404


def test_a_silent_view_is_an_error_in_tests(bare: Flask) -> None:
    bare.testing = True
    with pytest.raises(LookupError, match="silent"):
        bare.test_client().get("/silent")


def test_who_is_not_signed_in_is_asked_to(bare: Flask) -> None:
    browser = bare.test_client()
    assert browser.get("/public").status_code == 200
    assert browser.get("/mine").headers["Location"] == "/sign-in?next=/mine"
    assert browser.post("/mine").status_code == 401
    assert browser.get("/staff").status_code == 302


def test_who_lacks_the_permission_finds_no_such_page(bare: Flask) -> None:
    """404 rather than 403, so that existence does not leak."""
    bare.config["ROLE"] = Role.NAVIGATOR
    assert bare.test_client().get("/mine").status_code == 200
    assert bare.test_client().get("/staff").status_code == 404
    bare.config["ROLE"] = Role.ADMINISTRATOR
    assert bare.test_client().get("/staff").status_code == 200


def test_nothing_is_in_front_of_the_guard_but_finding_out_who_asks(app: Flask) -> None:
    names = [function.__name__ for function in app.before_request_funcs[None]]
    assert names.index("recognise_visitor") < names.index("_enforce")
    assert names.index("_enforce") < names.index("_check")


def test_administrators_never_reach_people(app: Flask) -> None:
    kinds = {permission.split(":")[0] for permission in PERMISSIONS[Role.ADMINISTRATOR]}
    # Retention, keys and reminders show them numbers, opening hours the service itself, never a case.
    assert kinds == {"staff", "directory", "retention", "keys", "service", "reminder"}


@pytest.mark.parametrize("role", sorted(AGENCY_ROLES))
def test_agencies_reach_their_inbox_and_nothing_else(role: Role) -> None:
    """R28: no page of cases, people, directory or reports is ever theirs."""
    assert {permission.split(":")[0] for permission in PERMISSIONS[role]} == {"inbox"}


def test_no_permission_of_an_agency_is_held_by_staff() -> None:
    """Who answers in an agency's name is of that agency; staff record what they hear by phone."""
    staff = frozenset().union(*(PERMISSIONS[role] for role in set(Role) - AGENCY_ROLES))
    assert not staff & PERMISSIONS[Role.PARTNER_LEAD]


def test_the_static_files_are_public(app: Flask) -> None:
    assert access_of(app, "static") == Access(Entry.PUBLIC)


def test_a_page_to_return_to_must_be_one_of_ours(app: Flask) -> None:
    with app.app_context():
        assert safe_next("/settings") == "/settings"
        assert safe_next("//settings") is None


def test_no_view_leaves_without_its_headers(app: Flask, db: Any) -> None:
    answer = app.test_client().get("/sign-in")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
