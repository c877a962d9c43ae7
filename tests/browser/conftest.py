"""A real Chromium on a real server: every page visited is checked by axe and for console errors."""

import os
import shutil
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from casework import create_app, database
from casework.commands.servers import create_database, drop_database
from casework.extensions import db
from tests.conftest import settings_for

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


def chromium_path() -> str:
    """Find Chromium, or fail with what to do: a browser test is never skipped in silence."""
    given = os.environ.get("CHROMIUM")
    found = given or next((path for name in NAMES if (path := shutil.which(name))), None)
    if not found:
        pytest.fail("No Chromium found. Install it (apt-get install chromium) or set CHROMIUM.")
    return found


@dataclass
class Site:
    """A running server on a database of its own."""

    app: Flask
    address: str
    mail: Path


@pytest.fixture
def site(servers: Any, keys: str, template: str, tmp_path: Path) -> Iterator[Site]:
    """Serve the application on a free loopback port, as gunicorn would."""
    name = f"browser_{uuid.uuid4().hex[:10]}"
    create_database(servers, name, template=template)
    holder = make_server("127.0.0.1", 0, Flask("port"))
    port = holder.server_port
    holder.server_close()
    address = f"http://127.0.0.1:{port}"
    app = create_app(settings_for(servers, keys, name, tmp_path / "mail", PUBLIC_URL=address))
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(app, address, tmp_path / "mail")
    server.shutdown()
    thread.join(timeout=10)
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
    database.clock.freeze(None)
    drop_database(servers, name)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start one Chromium for the run."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        yield started
        started.close()


@dataclass
class Watched:
    """A page whose console and policy violations are collected, and which axe may look at."""

    page: Page
    site: Site
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> "Watched":
        """Go to a path and check what is there."""
        self.page.goto(self.site.address + path)
        return self.check()

    def click(self, name: str, *, role: Any = "button", exact: bool = False) -> "Watched":
        """Press a button or follow a link by its visible name, then check the page it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role(role, name=name, exact=exact).first.click()
        return self.check()

    def save(self) -> "Watched":
        """Save from the keyboard, wherever the cursor stands, then check the next page."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Control+Enter")
        return self.check()

    def check(self) -> "Watched":
        """Refuse any axe violation, console error or sideways scroll on this page."""
        found = Axe().run(self.page).response["violations"]
        told = [(rule["id"], [node["html"][:160] for node in rule["nodes"][:3]]) for rule in found]
        assert told == [], (self.page.url, told)
        assert self.complaints == [], (self.page.url, self.complaints)
        is_wide = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        assert not is_wide, f"{self.page.url} scrolls sideways"
        return self

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


@pytest.fixture
def watch(browser: Browser, site: Site) -> Iterator[Any]:
    """Open a watched page: watch(locale="fr-CA", viewport=PHONE)."""
    contexts: list[BrowserContext] = []

    def start(locale: str = "en-CA", viewport: Any = None, zone: str = "America/Toronto") -> Watched:
        context = browser.new_context(
            locale=locale, viewport=viewport or DESKTOP, timezone_id=zone, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        watched = Watched(page, site)
        page.on(
            "console",
            lambda message: watched.complaints.append(message.text)
            if message.type in ("error", "warning")
            else None,
        )
        page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        return watched

    yield start
    for context in contexts:
        context.close()
