"""Changing a passphrase, and setting one by a link that nobody can use twice."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework.accounts import member_services, passphrases, queries, services
from casework.accounts.models import PassphraseLink
from casework.database import NotFound
from tests.world import PASSWORD

AT = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
NEW = "seven quiet herons over a frozen lake"
LINK = re.compile(r"/set-passphrase/[A-Za-z0-9_-]+")


def change(browser: Any, current: str, password: str) -> Any:
    return browser.submit("/settings/passphrase", {"current": current, "password": password})


def reset_link(visitor: Any, world: Any, name: str = "amina") -> str:
    membership = queries.membership_of(world.north.id, getattr(world, name).account_id)
    assert membership is not None
    page = visitor(world.marc).post(f"/staff/{membership.id}/reset").get_data(as_text=True)
    found = LINK.search(page)
    assert found is not None
    return found.group(0)


def test_a_changed_passphrase_is_the_only_one_that_opens(db: Any, world: Any, visitor: Any) -> None:
    browser = visitor(world.amina)
    assert change(browser, PASSWORD, NEW).status_code == 302
    assert services.sign_in(world.amina.email, PASSWORD) is None
    assert services.sign_in(world.amina.email, NEW) is not None


def test_changing_it_ends_the_other_sessions_and_keeps_this_one(world: Any, visitor: Any) -> None:
    here, there = visitor(world.amina), visitor(world.amina)
    change(here, PASSWORD, NEW)
    assert here.get("/settings").status_code == 200
    assert there.get("/settings").status_code == 302


def test_the_current_one_is_needed(db: Any, world: Any, visitor: Any) -> None:
    """ASVS 6.2.3: a browser left open is not enough."""
    browser = visitor(world.amina)
    answer = change(browser, "not my passphrase at all", NEW)
    assert answer.status_code == 422
    assert "This is not your current passphrase." in answer.get_data(as_text=True)
    assert services.sign_in(world.amina.email, PASSWORD) is not None


def test_the_current_one_cannot_be_guessed_without_end(world: Any, visitor: Any) -> None:
    browser = visitor(world.amina)
    answers = [change(browser, "not my passphrase at all", NEW).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("fourteen chars", "too short"),
        ("correct horse battery staple", "too easy to guess"),
        ("Amina Amina North River 211", "mostly your name"),
        (PASSWORD, "your current passphrase"),
        ("x" * 257, "too long"),
    ],
)
def test_a_weak_one_is_refused_in_words(
    world: Any, visitor: Any, password: str, words: str
) -> None:
    answer = change(visitor(world.amina), PASSWORD, password)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


def test_password_managers_and_pasting_work(world: Any, visitor: Any) -> None:
    """ASVS 6.2.7."""
    page = visitor(world.amina).get("/settings/passphrase").get_data(as_text=True)
    assert 'autocomplete="current-password"' in page
    assert 'autocomplete="new-password"' in page
    assert "onpaste" not in page


def test_a_link_sets_a_passphrase_once(db: Any, world: Any, visitor: Any) -> None:
    url = reset_link(visitor, world)
    browser = visitor()
    assert browser.get(url).status_code == 200
    assert services.sign_in(world.amina.email, PASSWORD) is not None, "opening changes nothing"
    assert browser.post(url, {"password": NEW}).headers["Location"] == "/sign-in"
    assert services.sign_in(world.amina.email, NEW) is not None
    assert services.sign_in(world.amina.email, PASSWORD) is None
    assert browser.get(url).status_code == 404
    assert browser.post(url, {"password": NEW + " again"}).status_code == 404


def test_using_a_link_ends_every_session(world: Any, visitor: Any) -> None:
    amina = visitor(world.amina)
    visitor().submit(reset_link(visitor, world), {"password": NEW})
    assert amina.get("/settings").status_code == 302


def test_a_weak_passphrase_does_not_use_the_link_up(world: Any, visitor: Any) -> None:
    url = reset_link(visitor, world)
    browser = visitor()
    assert browser.submit(url, {"password": "too short"}).status_code == 422
    assert browser.submit(url, {"password": NEW}).status_code == 302


def test_a_link_works_for_a_day(db: Any, world: Any, clock: Any) -> None:
    clock.freeze(AT)
    membership = queries.membership_of(world.north.id, world.amina.account_id)
    assert membership is not None
    token = passphrases.start_reset(world.marc.actor, membership)
    db.session.commit()
    clock.advance(timedelta(hours=24) - timedelta(seconds=1))
    assert passphrases.open_link(token).membership_id == membership.id
    clock.advance(timedelta(seconds=1))
    with pytest.raises(NotFound):
        passphrases.open_link(token)


def test_a_newer_link_replaces_the_older(world: Any, visitor: Any) -> None:
    first, second = reset_link(visitor, world), reset_link(visitor, world)
    assert visitor().get(first).status_code == 404
    assert visitor().get(second).status_code == 200


def test_only_a_hash_of_a_link_is_kept(db: Any, world: Any, visitor: Any) -> None:
    token = reset_link(visitor, world).rsplit("/", 1)[1]
    row = db.session.scalars(select(PassphraseLink)).one()
    assert row.token_hash == queries.token_hash(token)


def test_a_link_of_somebody_disabled_opens_nothing(db: Any, world: Any, visitor: Any) -> None:
    url = reset_link(visitor, world)
    membership = queries.membership_of(world.north.id, world.amina.account_id)
    assert membership is not None
    member_services.disable_member(world.marc.actor, membership)
    assert visitor().get(url).status_code == 404


@pytest.mark.parametrize("made_up", ["x", "A" * 64, "é" * 10, "-" * 500])
def test_a_made_up_link_is_no_page(world: Any, visitor: Any, made_up: str) -> None:
    assert visitor().get(f"/set-passphrase/{made_up}").status_code == 404


def test_a_link_carried_to_the_other_service_opens_nothing(
    db: Any, world: Any, visitor: Any
) -> None:
    """The service is part of the token, and of what is hashed."""
    membership = queries.membership_of(world.north.id, world.amina.account_id)
    assert membership is not None
    token = passphrases.start_reset(world.marc.actor, membership)
    decoded = passphrases.urlsafe_b64decode(token + "==")
    moved = passphrases.urlsafe_b64encode(world.south.id.bytes + decoded[16:]).decode()
    assert visitor().get(f"/set-passphrase/{moved.rstrip('=')}").status_code == 404
