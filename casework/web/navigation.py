"""The shell around a page: which entries the rail shows, and to whom."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel.speaklater import LazyString

from casework.web import i18n

# After so many quiet seconds a screen locks itself; it says so a minute before (screens.md 4).
IDLE_SECONDS = 600


@dataclass(frozen=True)
class Entry:
    """One entry of the rail; permission None means everybody who is signed in."""

    endpoint: str
    icon: str
    label: LazyString
    permission: str | None
    order: int
    key: str = ""
    count: Callable[[], int | None] | None = None
    also: tuple[str, ...] = field(default=())


_entries: list[Entry] = []


def add(entry: Entry) -> None:
    """Add an entry to the rail; rooms do this in their init_app, and doing it twice changes nothing."""
    if all(known.endpoint != entry.endpoint for known in _entries):
        _entries.append(entry)
        _entries.sort(key=lambda known: known.order)


def _visible() -> list[dict[str, Any]]:
    actor = g.get("actor")
    if actor is None:
        return []
    return [
        {
            "endpoint": entry.endpoint,
            "url": url_for(entry.endpoint),
            "icon": entry.icon,
            "label": entry.label,
            "key": entry.key,
            "active": request.endpoint in (entry.endpoint, *entry.also),
            "count": entry.count() if entry.count else None,
        }
        for entry in _entries
        if entry.permission is None or actor.can(entry.permission)
    ]


def shell() -> dict[str, Any]:
    """Describe the shell of this page to the layout templates."""
    locale = i18n.page_locale()
    actor = g.get("actor")
    return {
        "locale": locale,
        "html_lang": i18n.html_lang(locale),
        "dir": i18n.direction(locale),
        "theme": str(g.get("theme") or "system"),
        "other_locale": i18n.other_locale(locale),
        "other_language_label": i18n.NAMES[i18n.other_locale(locale)],
        "other_language_lang": i18n.html_lang(i18n.other_locale(locale)),
        "nav": _visible(),
        "user_label": g.get("user_label"),
        "service_name": g.get("service_name"),
        "shortcuts_on": bool(g.get("has_shortcuts", True)),
        "hides_names": bool(g.get("hides_names", False)),
        "emergency_url": url_for("cases.emergency")
        if actor is not None and actor.can("emergency:record")
        else None,
        "home_url": url_for("accounts.home"),
        "sign_out_url": url_for("accounts.sign_out") if actor is not None else None,
        "lock_url": url_for("accounts.lock") if actor is not None else None,
        "idle_seconds": IDLE_SECONDS if actor is not None else 0,
        "settings_url": url_for("accounts.settings") if actor is not None else None,
        "language_url": url_for("accounts.language"),
        "path": request.path,
    }


def init_app(app: Flask) -> None:
    """Give every template the shell as `ui`, worked out only if the template asks."""

    @app.context_processor
    def _ui() -> dict[str, Any]:
        return {"ui": shell()}
