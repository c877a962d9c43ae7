"""A real Chromium on a real server: every page visited is checked by axe and for console errors."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Playwright
from werkzeug.serving import make_server

from casework import create_app, database
from casework.commands.servers import create_database, drop_database
from casework.extensions import db
from requirements.install import find_browser
from tests.browser.watched import DESKTOP, PHONE, Site, Watched
from tests.conftest import settings_for

__all__ = ["DESKTOP", "PHONE", "Site", "Watched"]

PATIENCE = 60_000  # milliseconds until a test gives up on what does not come
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


def chromium_path() -> str:
    """Find Chromium, or fail with what to do: a browser test is never skipped in silence."""
    found = find_browser()
    if not found:
        pytest.fail("No Chromium found. Install it (apt-get install chromium) or set CHROMIUM.")
    return found


@contextmanager
def served(servers: Any, keys: str, template: str, mail: Path) -> Iterator[Site]:
    """Serve the application on a free loopback port, on a database of its own, as gunicorn would."""
    name = f"browser_{uuid.uuid4().hex[:10]}"
    create_database(servers, name, template=template)
    holder = make_server("127.0.0.1", 0, Flask("port"))
    port = holder.server_port
    holder.server_close()
    address = f"http://127.0.0.1:{port}"
    app = create_app(settings_for(servers, keys, name, mail, PUBLIC_URL=address))
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(app, address, mail)
    server.shutdown()
    thread.join(timeout=10)
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
    database.clock.freeze(None)
    drop_database(servers, name)


@pytest.fixture
def site(servers: Any, keys: str, template: str, tmp_path: Path) -> Iterator[Site]:
    """Give a server on a database of this test's own."""
    with served(servers, keys, template, tmp_path / "mail") as site:
        yield site


@pytest.fixture(scope="module")
def shared_site(
    servers: Any, keys: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Give a server that all tests of a module share: for pages that are only looked at."""
    with served(servers, keys, template, tmp_path_factory.mktemp("mail")) as site:
        yield site


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Start one Chromium for the run."""
    started = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
    yield started
    started.close()


@contextmanager
def watching(browser: Browser, site: Site) -> Iterator[Any]:
    """Give what opens watched pages on a site, and close them all afterwards."""
    contexts: list[BrowserContext] = []

    def start(
        locale: str = "en-CA",
        viewport: Any = None,
        zone: str = "America/Toronto",
        *,
        has_scripts: bool = True,
    ) -> Watched:
        context = browser.new_context(
            locale=locale,
            viewport=viewport or DESKTOP,
            timezone_id=zone,
            reduced_motion="reduce",
            java_script_enabled=has_scripts,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return Watched(context.new_page(), site)

    yield start
    for context in contexts:
        context.close()


@pytest.fixture
def watch(browser: Browser, site: Site) -> Iterator[Any]:
    """Open a watched page: watch(locale="fr-CA", viewport=PHONE)."""
    with watching(browser, site) as start:
        yield start


@pytest.fixture(scope="module")
def watch_shared(browser: Browser, shared_site: Site) -> Iterator[Any]:
    """Open a watched page on the server that the tests of this module share."""
    with watching(browser, shared_site) as start:
        yield start
