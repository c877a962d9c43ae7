"""A browser that sends forms as the page offers them, and remembers all it showed and where it went."""

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.journeys.pages import Answers, Form, Page
from tests.visitors import Visitor
from tests.world import Member

TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
FLASH = re.compile(r'class="flashes" role="status">(.*?)<div class="head"', re.DOTALL)
REDIRECTS = (301, 302, 303, 307, 308)


class Browser:
    """Somebody at a screen."""

    def __init__(self, app: Flask, language: str = "en-CA") -> None:
        self.visitor = Visitor(app)
        self.member: Member | None = None
        self.headers = {"Accept-Language": language}
        self.page = Page("", 0, "")
        self.shown: list[str] = []  # every page in full
        self.addresses: list[str] = []
        self.messages: list[str] = []
        self.titles: list[str] = []
        self.cookies: list[str] = []

    def sign_in(self, member: Member) -> None:
        """Sign in as people do; once a session is over, they do so again by themselves."""
        self.member = member
        self.visitor.sign_in(member)

    def open(self, url: str, *, status: int = 200) -> Page:
        """Open a page."""
        return self._show(self._get(url), url, status)

    def goes(self, url: str) -> int:
        """Try an address, and tell only how it ended."""
        return int(self._get(url).status_code)

    def send(self, form: Form, *, status: int = 200, **answers: Any) -> Page:
        """Send a form of the page with these answers, and follow to where it leads."""
        return self.send_raw(form.action, form.answered(**answers), status=status)

    def send_raw(self, url: str, data: Answers, *, status: int = 200) -> Page:
        """Send exactly this, and follow to where it leads."""
        response = self.visitor.post(url, data, headers=self.headers)
        return self._show(response, url, status)

    def press(self, action: str, *, status: int = 200, **answers: Any) -> Page:
        """Press the button of the form that goes to this address."""
        return self.send(self.page.form(action), status=status, **answers)

    def never_saw(self, *words: str) -> None:
        """Find these words on no page this browser ever showed."""
        for word in words:
            assert [page for page in self.shown if word.lower() in page.lower()] == [], word

    def _get(self, url: str) -> TestResponse:
        response = self.visitor.get(url, headers=self.headers)
        is_signed_out = "/sign-in" in response.headers.get("Location", "")
        if self.member is not None and is_signed_out:
            self.sign_in(self.member)
            return self.visitor.get(url, headers=self.headers)
        return response

    def _show(self, response: TestResponse, url: str, status: int) -> Page:
        self._keep(response, url)
        while response.status_code in REDIRECTS:
            url = response.headers["Location"]
            response = self.visitor.get(url, headers=self.headers)
            self._keep(response, url)
        # A page that is missing something proves nothing when it is the sign-in page.
        assert not url.startswith("/sign-in"), "nobody is signed in here any more"
        html = response.get_data(as_text=True)
        self.page = Page(url, response.status_code, html)
        assert response.status_code == status, f"{url}: {response.status_code} {self.page.text}"
        return self.page

    def _keep(self, response: TestResponse, url: str) -> None:
        html = response.get_data(as_text=True)
        self.addresses.append(url)
        self.cookies += response.headers.getlist("Set-Cookie")
        self.titles += TITLE.findall(html)
        self.messages += FLASH.findall(html)
        self.shown.append(Page(url, response.status_code, html).text + html)
