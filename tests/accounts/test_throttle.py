"""Guessing is slowed down by account and by address, and nobody can lock anybody else out."""

from collections.abc import Iterator
from typing import Any

import pytest
from limits.errors import StorageError
from limits.storage import RedisStorage

from casework.accounts import throttle
from casework.extensions import limiter
from tests.world import PASSWORD

GUESS = "a passphrase nobody has chosen"


def attempt(browser: Any, email: str, password: str = GUESS, address: str = "192.0.2.1") -> int:
    browser.get("/sign-in")
    answer = browser.post(
        "/sign-in",
        {"email": email, "password": password},
        environ_overrides={"REMOTE_ADDR": address},
    )
    return int(answer.status_code)


def test_five_failures_from_one_address_are_enough(world: Any, visitor: Any) -> None:
    browser = visitor()
    answers = [attempt(browser, world.amina.email) for _ in range(6)]
    assert answers == [422] * 5 + [429]
    assert attempt(browser, world.amina.email, PASSWORD) == 429


def test_an_unknown_address_is_slowed_down_the_same(world: Any, visitor: Any) -> None:
    browser = visitor()
    answers = [attempt(browser, "nobody@north.example") for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_capitals_and_spaces_are_the_same_account(world: Any, visitor: Any) -> None:
    browser = visitor()
    spellings = [world.amina.email, world.amina.email.upper(), f" {world.amina.email} "] * 2
    assert [attempt(browser, spelling) for spelling in spellings][-1] == 429


def test_it_is_told_in_words(world: Any, visitor: Any) -> None:
    browser = visitor()
    for _ in range(6):
        attempt(browser, world.amina.email)
    assert "Too many tries" in browser.page


def test_a_whole_address_is_slowed_down_whichever_accounts_it_tries(
    world: Any, visitor: Any
) -> None:
    browser = visitor()
    answers = [attempt(browser, f"nobody{n}@north.example") for n in range(31)]
    assert answers == [422] * 30 + [429]


def test_success_is_never_counted(world: Any, visitor: Any) -> None:
    """A whole office signs in from one address when its shift begins."""
    for _ in range(32):
        browser = visitor()
        assert attempt(browser, world.amina.email, PASSWORD) == 302


def test_a_colleague_at_the_same_address_is_not_locked_out(world: Any, visitor: Any) -> None:
    for _ in range(6):
        attempt(visitor(), world.amina.email)
    assert attempt(visitor(), world.louis.email, PASSWORD) == 302


def test_a_stranger_cannot_lock_a_browser_out_that_was_in_before(world: Any, visitor: Any) -> None:
    """Even from the same address: this browser has a count of its own."""
    browser = visitor(world.amina)
    browser.post("/sign-out")
    for n in range(35):
        attempt(visitor(), world.amina.email, address="127.0.0.1")
        attempt(visitor(), world.amina.email, address=f"198.51.100.{n}")
    assert attempt(visitor(), world.amina.email, PASSWORD, "127.0.0.1") == 429
    assert attempt(browser, world.amina.email, PASSWORD, "127.0.0.1") == 302


def test_guessing_from_everywhere_leaves_each_address_one_try(world: Any, visitor: Any) -> None:
    browser = visitor()
    for n in range(20):
        assert attempt(browser, world.amina.email, address=f"198.51.100.{n}") == 422
    assert attempt(browser, world.amina.email, address="203.0.113.1") == 422
    assert attempt(browser, world.amina.email, address="203.0.113.1") == 429


def test_the_owner_on_a_new_device_still_has_that_try(world: Any, visitor: Any) -> None:
    for n in range(40):
        attempt(visitor(), world.amina.email, address=f"198.51.100.{n}")
    assert attempt(visitor(), world.amina.email, PASSWORD, "203.0.113.7") == 302


def test_a_known_browser_cannot_guess_without_end(world: Any, visitor: Any) -> None:
    browser = visitor(world.amina)
    browser.post("/sign-out")
    answers = [attempt(browser, world.amina.email) for _ in range(11)]
    assert answers == [422] * 10 + [429]


def test_a_browser_is_known_only_for_who_signed_in_there(world: Any, visitor: Any) -> None:
    browser = visitor(world.amina)
    browser.post("/sign-out")
    assert [attempt(browser, world.louis.email) for _ in range(6)][-1] == 429


def test_a_forged_browser_cookie_counts_for_nothing(world: Any, visitor: Any) -> None:
    browser = visitor()
    browser.client.set_cookie(throttle.COOKIE, "WyJuIixbXV0.forged")
    assert [attempt(browser, world.amina.email) for _ in range(6)][-1] == 429


def test_the_browser_cookie_and_the_counts_hold_no_address(world: Any, visitor: Any) -> None:
    browser = visitor(world.amina)
    cookie = browser.client.get_cookie(throttle.COOKIE)
    assert cookie is not None
    assert cookie.http_only
    assert "amina" not in cookie.decoded_value
    attempt(visitor(), world.louis.email)
    storage = limiter.storage
    assert isinstance(storage, RedisStorage)
    names = [key.decode() for key in storage.storage.keys("*LIMIT*")]
    assert names
    assert not [name for name in names if "louis" in name]


@pytest.fixture
def _no_redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fail(*_given: Any, **_named: Any) -> Any:
        raise StorageError(ConnectionError("down"))

    for name in ("incr", "get", "get_expiry"):
        monkeypatch.setattr(limiter.storage, name, fail)
    monkeypatch.setattr(limiter.storage, "check", lambda: False)
    yield
    limiter._storage_dead = False
    limiter._fallback_storage.reset()


@pytest.mark.usefixtures("_no_redis")
def test_without_redis_it_counts_in_memory(world: Any, visitor: Any) -> None:
    """ASVS 16.5.3: neither everybody refused nor everybody let through."""
    browser = visitor()
    answers = [attempt(browser, world.amina.email) for _ in range(6)]
    assert answers == [422] * 5 + [429]
    assert attempt(visitor(), world.louis.email, PASSWORD) == 302
