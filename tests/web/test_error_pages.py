"""Error pages say what to do, in both languages, and never what went wrong inside."""

from typing import Any

import pytest
from flask import Flask

from casework.web import errors


def test_a_page_that_is_not_there_says_so_in_the_readers_language(visitor: Any) -> None:
    page = visitor().get("/nowhere", headers={"Accept-Language": "fr-CA"})
    assert page.status_code == 404
    assert "Cette page n’existe pas" in page.get_data(as_text=True)


def test_words_remain_when_even_the_error_page_cannot_be_drawn(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("Zqxjkvbw, 613-555-0187")

    monkeypatch.setattr(errors, "render_template", broken)
    with app.test_request_context("/"):
        answer = errors._page(500)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "Nothing was saved" in text
    assert "Rien n’a été enregistré" in text
    assert "Zqxjkvbw" not in text
