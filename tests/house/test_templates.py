"""Every template compiles, has a title, and says nothing that is not translated."""

import re
from pathlib import Path

import pytest
from flask import Flask

from tests.house.source import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [
    path
    for path in TEMPLATES
    if path.parent.name not in ("layout", "macros") and not path.name.startswith("_")
]
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
TRANS = re.compile(r"\{%-?\s*trans.*?endtrans\s*-?%\}", re.DOTALL)
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
MARKUP = re.compile(r"<[^>]*>", re.DOTALL)
WORD = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
# Names and signs that are the same in every language.
# "shell" and "solo" are classes of the body.
ALLOWED = {
    "shell",
    "solo",
    "Casework",
    "bdi",
    "nbsp",
    "Ctrl",
    "Enter",
    "amp",
    "middot",
    "hellip",
    "rarr",
    "larr",
}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_a_template_compiles(app: Flask, path: Path) -> None:
    app.jinja_env.get_template(_name(path))


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_a_page_has_a_title(path: Path) -> None:
    assert "block title" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_a_template_has_no_words_outside_translation(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for pattern in (COMMENT, TRANS, TAG, MARKUP):
        text = pattern.sub(" ", text)
    assert {word for word in WORD.findall(text)} - ALLOWED == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_a_template_has_no_inline_script_style_or_handler(path: Path) -> None:
    """screens.md section 1: the strict policy would refuse them."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|<style|javascript:", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_a_template_never_switches_escaping_off(path: Path) -> None:
    assert "|safe" not in path.read_text(encoding="utf-8").replace(" ", "")
