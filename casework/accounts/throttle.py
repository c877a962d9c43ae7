"""Slowing down those who guess passphrases, so that nobody can lock anybody else out.

Failures are counted by address, and by account and address together. An account that is guessed
at from many addresses leaves each new address one try; an address nobody misused always has it.
A browser that has signed in before has a count of its own, which no stranger can use up.
"""

import hmac
import secrets
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from flask import current_app, g, request
from flask_limiter.util import get_remote_address
from itsdangerous import BadSignature, URLSafeSerializer
from limits import parse
from werkzeug.wrappers import Response

from casework.config import Settings
from casework.extensions import limiter

PER_BROWSER = "10 per 15 minutes"
PER_ACCOUNT_AND_ADDRESS = "5 per 15 minutes"
UNDER_PRESSURE = "1 per 15 minutes"
PER_ADDRESS = "30 per 15 minutes"
# From how many failures on one account, by strangers, it counts as guessed at from all sides.
PRESSURE = parse("20 per 15 minutes")
PRESSURE_SCOPE = "sign-in-pressure"

COOKIE = "casework-browser"
COOKIE_LIFE = 90 * 24 * 3600
ACCOUNTS_PER_BROWSER = 8


def guard_sign_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """Count the failures of a sign-in view and refuse with 429 when there are too many."""
    for provider, key, exempt in (
        (PER_BROWSER, _browser_key, lambda: _browser() is None),
        (_per_account_and_address, _account_and_address, _is_known),
        (PER_ADDRESS, get_remote_address, _is_known),
    ):
        view = limiter.limit(
            provider, key_func=key, exempt_when=exempt, methods=["POST"], deduct_when=_has_failed
        )(view)
    return view


def count_failure() -> None:
    """Remember that this request's sign-in failed."""
    g.sign_in_failed = True
    if limiter.enabled and not _is_known():
        limiter.limiter.hit(PRESSURE, account_key(), PRESSURE_SCOPE)


def know_browser(response: Response) -> None:
    """Let a browser that has just signed in have its own count from now on."""
    settings: Settings = current_app.config["CASEWORK"]
    nonce, accounts = _browser_cookie() or (secrets.token_urlsafe(16), [])
    accounts = [account_key(), *(key for key in accounts if key != account_key())]
    response.set_cookie(
        _cookie_name(),
        _signer().dumps([nonce, accounts[:ACCOUNTS_PER_BROWSER]]),
        max_age=COOKIE_LIFE,
        secure=settings.is_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def account_key() -> str:
    """Give the key under which an address is counted, typed or of who is locked; never kept."""
    address = (g.get("address_to_prove") or request.form.get("email", "")).strip().lower()
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, b"sign-in:" + address.encode(), sha256).hexdigest()[:32]


def _per_account_and_address() -> str:
    _amount, left = limiter.limiter.get_window_stats(PRESSURE, account_key(), PRESSURE_SCOPE)
    return UNDER_PRESSURE if left == 0 else PER_ACCOUNT_AND_ADDRESS


def _account_and_address() -> str:
    return f"{account_key()}:{get_remote_address()}"


def _browser_key() -> str:
    return f"{_browser()}:{account_key()}"


def _is_known() -> bool:
    return _browser() is not None


def _has_failed(response: Response) -> bool:
    return bool(g.get("sign_in_failed", False))


def _browser() -> str | None:
    """Give the nonce of a browser in which the typed account has signed in before."""
    nonce, accounts = _browser_cookie() or (None, [])
    return nonce if account_key() in accounts else None


def _browser_cookie() -> tuple[str, list[str]] | None:
    try:
        nonce, accounts = _signer().loads(request.cookies.get(_cookie_name(), ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return str(nonce), [str(key) for key in accounts]


def _cookie_name() -> str:
    settings: Settings = current_app.config["CASEWORK"]
    return f"__Host-{COOKIE}" if settings.is_https else COOKIE


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="casework.browser")
