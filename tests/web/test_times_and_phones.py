"""Times and phones are written as people here write them, in both languages (domain.md section 5)."""

import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale, ngettext

import casework
from casework import database
from casework.web.filters import NBSP, ago, clock_time, duration_of, phone, time_of


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (time(14, 30), "2:30\u00a0p.m.", "14\u00a0h\u00a030"),
        (time(14), "2\u00a0p.m.", "14\u00a0h"),
        (time(0, 5), "12:05\u00a0a.m.", "0\u00a0h\u00a005"),
        (time(12), "12\u00a0p.m.", "12\u00a0h"),
    ],
)
def test_a_time_of_day(value: time, english: str, french: str) -> None:
    assert clock_time(value, "en_CA") == english
    assert clock_time(value, "fr_CA") == french


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("+15145550142", "514-555-0142"),
        ("514 555 0142", "514-555-0142"),
        ("+33142685300", "+33 1 42 68 53 00"),
        ("211", "211"),
    ],
)
def test_a_phone_number(number: str, written: str) -> None:
    assert phone(number) == written


def test_a_moment_is_told_in_the_zone_it_is_asked_in(app: Flask) -> None:
    noon = datetime(2026, 1, 15, 17, 0, tzinfo=UTC)
    with app.test_request_context(), force_locale("en_CA"):
        assert time_of(noon, "America/Toronto") == "12\u00a0p.m."
        assert time_of(noon, "America/St_Johns") == "1:30\u00a0p.m."


def test_french_counts_nothing_as_one(app: Flask) -> None:
    """screens.md section 6: 0 is singular in French and plural in English."""
    with app.test_request_context():
        with force_locale("fr_CA"):
            assert ngettext("%(num)d day", "%(num)d days", 0) == "0 jour"
            assert duration_of(timedelta(days=3)) == f"3{NBSP}jours"
        with force_locale("en_CA"):
            assert ngettext("%(num)d day", "%(num)d days", 0) == "0 days"


def test_a_number_keeps_its_unit_and_what_was_just_said_has_no_age(app: Flask) -> None:
    """screens.md section 6: “il y a 43” never stands at the end of a line without its “min”."""
    with app.test_request_context():
        at = database.now()
        with force_locale("fr_CA"):
            assert ago(at - timedelta(minutes=43)) == f"il{NBSP}y{NBSP}a{NBSP}43{NBSP}min"
            assert ago(at) == "à l’instant"
        with force_locale("en_CA"):
            assert ago(at - timedelta(minutes=1)) == f"1{NBSP}min ago"
            assert ago(at - timedelta(seconds=59)) == "just now"


def test_no_french_sentence_breaks_inside_an_age() -> None:
    """An age stands on one line from “il y a” on: “il y” at its end is read as something else."""
    path = Path(casework.__file__).parent / "translations/fr_CA/LC_MESSAGES/messages.po"
    with path.open("rb") as file:
        said = [str(message.string) for message in read_po(file)]
    ages = [text for text in said if re.search(r"il\sy\sa\s%\((age|time|ago)\)s", text)]
    assert len(ages) >= 5
    assert [text for text in ages if "il y a" in text or f"a{NBSP}%(" not in text] == []
