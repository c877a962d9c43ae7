"""The one door: every view says who may enter, and what says nothing is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from casework.security.actors import Actor
from casework.security.permissions import EVERY_PERMISSION

View = TypeVar("View", bound=Callable[..., Any])

# Rooms above (audit) add what must happen when somebody is refused.
refusal_hooks: list[Callable[[Actor | None, str], None]] = []


class Entry(StrEnum):
    """The kinds of door."""

    PUBLIC = "public"
    LINK = "link"
    SIGNED_IN = "signed_in"
    PERMISSION = "permission"


@dataclass(frozen=True)
class Access:
    """What a view declares."""

    entry: Entry
    permission: str | None = None
    # As much as it takes in bytes; None is what any form holds.
    most_bytes: int | None = None


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]
        return view

    return mark


def allow(permission: str, *, most_bytes: int | None = None) -> Callable[[View], View]:
    """Let in who holds this permission; anybody else who is signed in gets 404.

    most_bytes lets them, and nobody else, send more than a form holds.
    """
    if permission not in EVERY_PERMISSION:
        raise LookupError(f"no role holds the permission {permission}")
    return _declare(Access(Entry.PERMISSION, permission, most_bytes))


def signed_in(view: View) -> View:
    """Let in whoever is signed in, whatever their role."""
    return _declare(Access(Entry.SIGNED_IN))(view)


def public(view: View) -> View:
    """Let everybody in."""
    return _declare(Access(Entry.PUBLIC))(view)


def link_bearer(view: View) -> View:
    """Let in the holder of an agency link; the view itself proves the link before anything else."""
    return _declare(Access(Entry.LINK))(view)


def current_actor() -> Actor:
    """Give the actor of this request; a view that asks without being signed in answers 404."""
    actor: Actor | None = g.get("actor")
    if actor is None:
        abort(404)
    return actor


def access_of(app: Flask, endpoint: str) -> Access | None:
    """Give what an endpoint's view declares, or None when it says nothing."""
    access: Access | None = getattr(app.view_functions[endpoint], "access", None)
    return access


def _enforce() -> Response | None:
    """Refuse by default: unmarked views, the not signed in, and those without the permission."""
    if request.endpoint is None:
        return None  # no such page: Flask answers 404 or 405 by itself
    access = access_of(current_app, request.endpoint)
    if access is None:
        if current_app.testing:
            raise LookupError(f"the view {request.endpoint} does not say who may enter")
        abort(404)
    if access.entry in (Entry.PUBLIC, Entry.LINK):
        return None
    actor: Actor | None = g.get("actor")
    if actor is None:
        return _ask_to_sign_in()
    if access.permission and not actor.can(access.permission):
        for hook in refusal_hooks:
            hook(actor, request.endpoint)
        abort(404)
    if access.most_bytes is not None:
        request.max_content_length = access.most_bytes
    return None


def _ask_to_sign_in() -> Response:
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("accounts.sign_in", next=request.path))
    abort(401)


def init_app(app: Flask) -> None:
    """Put the guard before every request; the static files are public by nature."""
    public(app.view_functions["static"])
    app.before_request(_enforce)
