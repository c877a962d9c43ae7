"""Which language, zone and theme this page is written for."""

from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from flask import Flask, g, has_request_context, request, session
from flask_babel import get_locale

from casework.extensions import babel

LOCALES = ("en_CA", "fr_CA")
# A pseudo-language for tests: every word of ours stands accented, longer and in brackets.
PSEUDO_LOCALE = "eo"
NAMES = {"en_CA": "English", "fr_CA": "Français"}
DEFAULT_ZONE = "America/Toronto"


def is_supported(locale: str) -> bool:
    """Tell whether pages exist in this language."""
    return locale in LOCALES or locale == PSEUDO_LOCALE


def _select_locale() -> str:
    """Choose: the account's language, else this visitor's choice, else what the browser asks for."""
    if not has_request_context():
        return LOCALES[0]
    chosen = g.get("locale") or session.get("locale")
    if chosen and is_supported(chosen):
        return str(chosen)
    best = request.accept_languages.best_match(["en", "en-CA", "fr", "fr-CA"], default="en")
    return "fr_CA" if str(best).startswith("fr") else "en_CA"


def _select_zone() -> str:
    return str(g.get("time_zone") or DEFAULT_ZONE) if has_request_context() else DEFAULT_ZONE


def page_locale() -> str:
    """Give the locale of this page, such as fr_CA."""
    locale = get_locale()
    return str(locale) if locale else LOCALES[0]


def page_zone() -> ZoneInfo:
    """Give the time zone of whoever looks at this page."""
    return ZoneInfo(_select_zone())


def html_lang(locale: str) -> str:
    """Give the lang attribute of a locale."""
    return locale.replace("_", "-")


def direction(locale: str) -> str:
    """Give ltr or rtl."""
    return Locale.parse(locale).text_direction


def other_locale(locale: str) -> str:
    """Give the language that the one language link of a page leads to."""
    return "en_CA" if locale == "fr_CA" else "fr_CA"


def init_app(app: Flask) -> None:
    """Bind Flask-Babel and the translations beside the package."""
    babel.init_app(
        app,
        default_locale=LOCALES[0],
        default_translation_directories=str(Path(__file__).parent.parent / "translations"),
        locale_selector=_select_locale,
        timezone_selector=_select_zone,
    )
    app.jinja_env.add_extension("jinja2.ext.do")
