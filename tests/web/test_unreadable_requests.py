"""What no keyboard can send is refused with a page, and never with a crash."""

from io import BytesIO
from typing import Any

import pytest

from tests.intake.filling import answers


@pytest.mark.parametrize(
    ("url", "fields"),
    [
        ("/cases/new", answers(region="a\x00b")),
        ("/cases/new", answers(note="\x00")),
        ("/look-up", {"phone": "\x00"}),
        ("/settings", {"locale": "\x00"}),
    ],
)
def test_a_nul_is_refused(visitor: Any, world: Any, url: str, fields: dict[str, Any]) -> None:
    browser = visitor(world.amina)
    browser.get(url)
    assert browser.post(url, fields).status_code == 400


def test_a_nul_at_the_door_is_refused(visitor: Any) -> None:
    browser = visitor()
    browser.get("/sign-in")
    assert browser.post("/sign-in", {"email": "a\x00", "password": "b"}).status_code == 400


@pytest.mark.parametrize(
    "url",
    [
        "/audit?before=99999999999999999999999",
        "/audit?before=x&actor=%00",
        "/directory?words=%ff%fe",
        "/my-day?rows=99999999999999999999",
        "/what-happened-next?whose=nobody&after=x",
        "/outcomes?span=x",
    ],
)
def test_an_address_bar_never_crashes_a_page(visitor: Any, world: Any, url: str) -> None:
    assert visitor(world.sophie).get(url).status_code < 500


def test_a_file_in_the_place_of_a_text_is_no_text(visitor: Any, world: Any) -> None:
    browser = visitor(world.amina)
    browser.get("/look-up")
    answer = browser.post("/look-up", {"find": (BytesIO(b"C-7K4M2Q"), "find.txt")})
    assert answer.status_code == 422


def test_no_json_stands_in_for_a_form(visitor: Any, world: Any) -> None:
    browser = visitor(world.amina)
    browser.get("/look-up")
    headers = {"X-CSRFToken": browser.token(), "Sec-Fetch-Site": "same-origin"}
    for body in ({"find": 5}, {"find": {"a": "b"}}, ["find"]):
        answer = browser._ask("POST", "/look-up", json=body, headers=headers)
        assert answer.status_code < 500
