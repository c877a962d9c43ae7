"""Nothing of a large body is read from anybody but who may import; what is too much has its page."""

from typing import Any

import pytest

from casework.extensions import db

IMPORTS = "/directory/imports"
HEAD = b'--BB\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
MEGABYTE = 1 << 20
CHUNK = 1 << 16


class Body:
    """A body of so many bytes, which counts what is asked of it."""

    def __init__(self, size: int) -> None:
        self.left, self.read_bytes, self.head = size, 0, HEAD

    def read(self, size: int = -1) -> bytes:
        """Give the next bytes."""
        size = min(size if size > 0 else CHUNK, CHUNK, self.left)
        piece, self.head = self.head[:size], self.head[size:]
        piece = piece.ljust(size, b"x")
        self.left, self.read_bytes = self.left - size, self.read_bytes + size
        return piece


def send(app: Any, browser: Any, url: str, megabytes: int = 8, **headers: str) -> tuple[Any, int]:
    """Send a large body; give the answer and how many bytes of it were read."""
    size = megabytes * MEGABYTE
    body = Body(size)
    with app.app_context():
        answer = browser.client.open(
            url,
            method="POST",
            headers={"Sec-Fetch-Site": "same-origin", **headers},
            environ_overrides={
                "CONTENT_LENGTH": str(size),
                "CONTENT_TYPE": "multipart/form-data; boundary=BB",
                "wsgi.input": body,
            },
        )
        db.session.remove()
    return answer, body.read_bytes


@pytest.mark.parametrize("who", [None, "amina", "sophie", "agency", "outsider"])
@pytest.mark.parametrize("url", [IMPORTS, "/settings", "/inbox/colleagues/add"])
def test_who_may_not_import_sends_in_vain(
    app: Any, world: Any, visitor: Any, who: str | None, url: str
) -> None:
    answer, read_bytes = send(app, visitor(getattr(world, who) if who else None), url)
    assert answer.status_code in (401, 404, 413)
    assert read_bytes == 0


def test_a_locked_screen_reads_nothing(app: Any, world: Any, visitor: Any) -> None:
    browser = visitor(world.marc)
    browser.get("/settings")
    browser.post("/lock")
    answer, read_bytes = send(app, browser, IMPORTS)
    assert (answer.status_code, read_bytes) == (401, 0)


@pytest.mark.parametrize("url", ["/sign-in", "/language", "/nowhere", "/set-passphrase/x"])
@pytest.mark.parametrize(
    ("language", "words"),
    [("fr-CA", "C’est trop à la fois"), ("en-CA", "This is too much at once")],
)
def test_too_much_has_its_page_when_signed_out(
    app: Any, visitor: Any, url: str, language: str, words: str
) -> None:
    answer, read_bytes = send(app, visitor(), url, **{"Accept-Language": language})
    assert (answer.status_code, read_bytes) == (413, 0)
    assert words in answer.get_data(as_text=True)


def test_a_usual_form_still_names_the_page_to_return_to(visitor: Any) -> None:
    answer = visitor().post("/hide-names", {"next": "/settings"})
    assert answer.status_code == 401
    assert "next=/settings" in answer.get_data(as_text=True)


def test_a_field_larger_than_any_form_is_asked_to_sign_in_too(visitor: Any) -> None:
    answer = visitor().post("/hide-names", {"next": "/settings", "note": "x" * (MEGABYTE + 9)})
    assert answer.status_code == 401
