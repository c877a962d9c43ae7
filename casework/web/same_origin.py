"""CSRF: every unsafe request needs its token; what was typed survives a stale one only at home."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, request
from flask_wtf.csrf import CSRFError

from casework.extensions import csrf

View = TypeVar("View", bound=Callable[..., Any])
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def keeps_input(view: View) -> View:
    """Mark a view whose own form checks the token before acting, and shows what was typed again.

    With a stale token such a view still runs when a live session posts from our own pages: its
    form then refuses, with everything that was typed. Any other view answers 400.
    """
    view.keeps_input = True  # type: ignore[attr-defined]
    return view


def is_same_origin() -> bool:
    """Tell whether the browser says that this request comes from one of our own pages."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    return bool(origin) and urlsplit(origin).netloc == request.host


def _check() -> None:
    if request.method in SAFE_METHODS or request.endpoint is None:
        return
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        abort(400)
    try:
        csrf.protect()
    except CSRFError:
        view = current_app.view_functions[request.endpoint]
        is_kept = getattr(view, "keeps_input", False)
        if not (is_kept and g.get("actor") is not None and is_same_origin()):
            raise


def init_app(app: Flask) -> None:
    """Check every unsafe request, after the session is known and the guard has let it through."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = 4 * 3600
    # no-referrer leaves no Referer for Flask-WTF's own HTTPS check: Sec-Fetch-Site stands in.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    csrf.init_app(app)
    app.before_request(_check)
