"""Every code has a label in both languages, and every message a French text of good form."""

import re
from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale

from casework.database import Code
from tests.house.source import ROOT

TRANSLATIONS = ROOT / "casework" / "translations"
METHODS = [("casework/**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACE = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
# Same word in both languages.
SAME = {
    "Transport",
    "Casework",
    "Message",
    "Date",
    "Description",
    "Service",
    "Type",
    "Note",
    "Notes",
}


def _catalogue(locale: str) -> Catalog:
    path = TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def _used() -> set[tuple[str | None, str]]:
    found = set()
    rows = extract_from_dir(
        ROOT,
        METHODS,
        {"templates/**.html": {"silent": "false", "extensions": "jinja2.ext.do"}},
        KEYWORDS,
        ("NOTE:",),
    )
    for _file, _line, message, _comments, context in rows:
        found.add((context, message[0] if isinstance(message, tuple) else message))
    return found


def _messages(locale: str) -> Iterator[Message]:
    return (message for message in _catalogue(locale) if message.id)


def _texts(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def _codes() -> list[type[Code]]:
    found: list[type[Code]] = []
    todo = list(Code.__subclasses__())
    while todo:
        codes = todo.pop()
        found.append(codes)
        todo.extend(codes.__subclasses__())
    return sorted(found, key=lambda codes: codes.__qualname__)


def test_every_code_has_a_label_in_both_languages(app: Flask) -> None:
    with app.test_request_context():
        for codes in _codes():
            for code in codes:
                with force_locale("en_CA"):
                    english = str(code.label)
                with force_locale("fr_CA"):
                    french = str(code.label)
                assert english and french, code
                is_same = english in SAME or not re.search(r"[a-z]{4}", english)
                assert is_same or english != french or code.name.lower() in english.lower(), (
                    code,
                    english,
                )


def test_every_text_in_use_stands_in_the_catalogue() -> None:
    known = {
        (message.context, message.id[0] if isinstance(message.id, tuple) else message.id)
        for message in _messages("fr_CA")
    }
    assert _used() - known == set()


@pytest.mark.parametrize("locale", ["fr_CA", "en_CA"])
def test_no_text_is_missing_or_in_doubt(locale: str) -> None:
    bad = [m.id for m in _messages(locale) if m.fuzzy or not all(_texts(m))]
    assert bad == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    for message in _messages("fr_CA"):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        wanted = {match for text in ids for match in PLACE.findall(text)}
        for text in _texts(message):
            assert set(PLACE.findall(text)) <= wanted, message.id
        assert wanted == {m for text in _texts(message) for m in PLACE.findall(text)}, message.id


def test_french_typography_is_kept() -> None:
    """domain.md section 5: no-break spaces before a colon and inside « », none before ; ! ?"""
    for message in _messages("fr_CA"):
        for text in _texts(message):
            assert not re.search(r"\s[;!?]", text), text
            assert not re.search(r"(?<![\u00a0\d/s]):(?=\s|$)", text), text
            assert "«" not in text or "«\u00a0" in text, text
            assert "»" not in text or "\u00a0»" in text, text
            assert "'" not in text and '"' not in text, text


def test_english_quotes_are_curly() -> None:
    for message in _messages("fr_CA"):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        assert not any("'" in text or '"' in text for text in ids), message.id


@pytest.mark.parametrize("locale", ["fr_CA", "en_CA", "eo"])
def test_the_compiled_catalogue_is_the_written_one(locale: str) -> None:
    folder: Path = TRANSLATIONS / locale / "LC_MESSAGES"
    with (folder / "messages.mo").open("rb") as file:
        compiled = GNUTranslations(file)
    for message in _messages(locale):
        texts = _texts(message)
        if not all(texts):
            continue
        if isinstance(message.id, tuple):
            said = compiled.ngettext(message.id[0], message.id[1], 1)
        elif message.context:
            said = compiled.pgettext(message.context, message.id)
        else:
            said = compiled.gettext(message.id)
        assert said == texts[0], message.id
