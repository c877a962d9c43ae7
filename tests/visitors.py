"""A visitor: a browser without a screen, which finds the CSRF token of a page by itself."""

import re
from typing import Any

from flask import Flask, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from casework import database
from casework.extensions import db

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Visitor:
    """Somebody who visits pages; each request gets a context of its own (house.md, trap 1)."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.page = ""

    def get(self, url: str, **options: Any) -> TestResponse:
        """Open a page and remember it."""
        return self._remember(self._ask("GET", url, **options))

    def post(
        self, url: str, data: Any = None, *, token: str | None = None, **options: Any
    ) -> TestResponse:
        """Send a form with a valid CSRF token: the one of the last page, or of the sign-in page."""
        fields: dict[str, Any] = dict(data or {})
        fields.setdefault("csrf_token", token or self.token())
        headers = {"Sec-Fetch-Site": "same-origin"} | dict(options.pop("headers", {}))
        return self._remember(self._ask("POST", url, data=fields, headers=headers, **options))

    def submit(self, url: str, data: Any = None, **options: Any) -> TestResponse:
        """Open a page, then send its form to the same address."""
        self.get(url)
        return self.post(url, data, **options)

    def follow(self, response: TestResponse) -> TestResponse:
        """Follow redirects to the page they lead to."""
        while response.status_code in (301, 302, 303, 307, 308):
            response = self.get(response.headers["Location"])
        return response

    def token(self) -> str:
        """Give a CSRF token of this browser's session."""
        found = TOKEN.search(self.page)
        if found is None:
            found = TOKEN.search(self._ask("GET", "/settings").get_data(as_text=True))
        if found is None:
            found = TOKEN.search(self._ask("GET", "/sign-in").get_data(as_text=True))
        assert found is not None, "no page offered a CSRF token"
        return found.group(1)

    def sign_in(self, member: Any) -> None:
        """Sign in through the sign-in page, as people do."""
        self.get("/sign-in")
        response = self.post("/sign-in", {"email": member.email, "password": member.password})
        assert response.status_code == 302, response.get_data(as_text=True)[:2000]
        self.page = ""

    def _ask(self, method: str, url: str, **options: Any) -> TestResponse:
        """Send one request in an application context of its own, after what the test did is kept.

        A context that is already open would be used again, and with it the visitor before.
        """
        is_inside = has_app_context()
        if is_inside:
            database.commit()
        with self.app.app_context():
            response = self.client.open(url, method=method, **options)
            db.session.remove()
        if is_inside:
            db.session.expire_all()
        return response

    def _remember(self, response: TestResponse) -> TestResponse:
        if response.mimetype == "text/html":
            text = response.get_data(as_text=True)
            if TOKEN.search(text):
                self.page = text
        return response
