"""A page whose console is listened to, and which axe looks at: light or night, wide or narrow."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import ConsoleMessage, Page, Response

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
SMALLEST = {"width": 320, "height": 844}
VIOLATIONS = """
    axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations.map(
        rule => [rule.id, rule.nodes.slice(0, 3).map(node => node.html.slice(0, 160))]))
"""
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# The browser notes every page that answers 4xx; that a form was refused is no fault of the page.
REFUSED_PAGE = "Failed to load resource: the server responded with a status of 4"


@dataclass
class Site:
    """A running server on a database of its own."""

    app: Flask
    address: str
    mail: Path


@dataclass
class Watched:
    """A page whose console and policy violations are collected, and which axe may look at."""

    page: Page
    site: Site
    complaints: list[str] = field(default_factory=list)
    status: int = 0

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        is_this_page = message.location["url"] == self.page.url
        if not (message.text.startswith(REFUSED_PAGE) and is_this_page):
            self.complaints.append(message.text)

    def go(self, path: str, *, status: int = 200) -> "Watched":
        """Go to a path, and look at nothing but the answer's status."""
        answer = self.page.goto(self.site.address + path)
        assert self.page.url == self.site.address + path, f"led on to {self.page.url}"
        return self._met(answer, status)

    def open(self, path: str, *, status: int = 200) -> "Watched":
        """Go to a path and check what is there."""
        return self.go(path, status=status).check()

    def click(
        self, name: str, *, role: Any = "button", exact: bool = False, status: int = 200
    ) -> "Watched":
        """Press a button or follow a link by its visible name, then check the page it leads to."""
        with self.page.expect_navigation() as led:
            self.page.get_by_role(role, name=name, exact=exact).first.click()
        return self._met(led.value, status).check()

    def save(self, *, status: int = 200) -> "Watched":
        """Save from the keyboard, wherever the cursor stands, then check the next page."""
        with self.page.expect_navigation() as led:
            self.page.keyboard.press("Control+Enter")
        return self._met(led.value, status).check()

    def _met(self, answer: Response | None, status: int) -> "Watched":
        self.status = answer.status if answer else 0
        assert self.status == status, (self.page.url, self.status)
        return self

    def check(self) -> "Watched":
        """Refuse any axe violation, console error or sideways scroll on this page."""
        found = self.faults()
        assert found == [], (self.page.url, found)
        return self

    def faults(self, *, by_axe: bool = True) -> list[Any]:
        """List what is wrong with this page as it stands."""
        found: list[Any] = []
        if by_axe:
            if not self.page.evaluate("'axe' in window"):
                self.page.evaluate(AXE_SCRIPT)
            found += self.page.evaluate(VIOLATIONS)
        found += self.complaints
        self.complaints.clear()
        if self.page.evaluate(TOO_WIDE):
            found.append("scrolls sideways")
        return found

    def faults_in(self, theme: str, viewport: Any, *, by_axe: bool = True) -> list[Any]:
        """List what is wrong with this page in a theme and at a width."""
        self.page.set_viewport_size(viewport)
        self.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        place = f"{theme}, {viewport['width']}"
        return [(place, fault) for fault in self.faults(by_axe=by_axe)]

    def sign_in(self, email: str, password: str) -> "Watched":
        """Sign in as people do."""
        self.open("/sign-in")
        self.page.locator("input[name=email]").fill(email)
        self.page.locator("input[name=password]").fill(password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        return self.check()

    @property
    def text(self) -> str:
        """All the words on the page."""
        return self.page.locator("body").inner_text()
