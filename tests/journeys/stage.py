"""Where a story is played: a stopped clock, browsers that remember what they saw, and the post."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import text

from casework import database
from casework.background import TICK_KEY, Job, broker_client, sweeps
from tests.followups.scenes import deliver_all
from tests.journeys.browser import Browser
from tests.processes.conftest import House, Post, wait_until
from tests.referrals import scenes
from tests.world import Member, World

TORONTO = ZoneInfo("America/Toronto")
LINK = re.compile(r"http://localhost(/r/\S+)")
# To whom a mail goes, as we wrote it and as the mail server of the tests noted it.
ENVELOPE = ("To", "X-RcptTo")
# A clock of PostgreSQL's that the application and its worker read in place of their own.
STOPPED_CLOCK = """
CREATE SCHEMA stopped;
CREATE TABLE stopped.clock (at timestamptz NOT NULL);
INSERT INTO stopped.clock VALUES (pg_catalog.now());
CREATE FUNCTION stopped.now() RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS 'SELECT at FROM stopped.clock';
GRANT USAGE ON SCHEMA stopped TO PUBLIC;
"""


def on(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    """Give a moment of 2026 on Toronto's wall clock; 24 November is a Tuesday."""
    return datetime(2026, month, day, hour, minute, tzinfo=TORONTO)


class Stage:
    """What a story needs of its surroundings; two kinds: rolled back, or with a real worker."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app = app
        self.world = world
        self.at = on(24, 10)
        self.browsers: list[Browser] = []
        self._agencies: dict[str, str] = {}

    def browser(self, member: Member | None = None, language: str = "en-CA") -> Browser:
        """Sit somebody down at a browser of their own."""
        made = Browser(self.app, language)
        self.browsers.append(made)
        if member is not None:
            made.sign_in(member)
        return made

    def now_is(self, at: datetime) -> None:
        """Stop the clock at this moment, for everybody."""
        self.at = at

    def later(self, by: timedelta) -> None:
        """Move the clock on."""
        self.now_is(self.at + by)

    def agency_id(self, name: str) -> str:
        """Give the id by which pages offer an agency of the first service."""
        if not self._agencies:
            north = self.world.amina.service_id
            found = self.rows("SELECT name, id FROM organization WHERE service_id = :s", s=north)
            self._agencies = {row[0]: str(row[1]) for row in found}
        return self._agencies[name]

    def turn(self, *jobs: Job) -> None:
        """Let these sweeps run, and all that they set going."""
        raise NotImplementedError

    def mails(self) -> list[EmailMessage]:
        """Give every mail that has left, oldest first."""
        raise NotImplementedError

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """Look into the database behind the application's back."""
        raise NotImplementedError

    def post(self) -> list[EmailMessage]:
        """Let what is due leave by mail, and give what left just now."""
        before = len(self.mails())
        self.turn(Job.CLAIM_LETTERS)
        return self.mails()[before:]

    def remind(self) -> list[EmailMessage]:
        """Let what is due be shown to staff, and give the mails that went with it."""
        before = len(self.mails())
        self.turn(Job.ROLL_WINDOWS, Job.CLAIM_REMINDERS)
        self.turn(Job.CLAIM_LETTERS)
        return self.mails()[before:]

    def link(self) -> str:
        """Let the one letter that waits leave, and give the link in it."""
        [mail] = self.post()
        return link_in(mail)

    def nothing_leaked(self, secrets: Iterable[str]) -> None:
        """Find these words in no address, no message, no page title, no mail, and no cookie."""
        for word in secrets:
            for browser in self.browsers:
                told = [*browser.addresses, *browser.messages, *browser.titles, *browser.cookies]
                assert [text for text in told if word.lower() in text.lower()] == [], word
            for mail in self.mails():
                assert word.lower() not in said_in(mail).lower(), word


class RolledBack(Stage):
    """A story in one transaction that is undone afterwards; the jobs run in this process."""

    def __init__(self, app: Flask, world: World, db: Any) -> None:
        super().__init__(app, world)
        self.db = db
        self.now_is(self.at)
        self._before = len(scenes.mails())

    def now_is(self, at: datetime) -> None:
        """Stop the application's one clock."""
        super().now_is(at)
        database.clock.freeze(at)

    def turn(self, *jobs: Job) -> None:
        """Run the sweeps here; letters and reminders go through the same steps as in a worker."""
        for job in jobs:
            database.enter_service(self.world.amina.service_id)
            if job is Job.CLAIM_LETTERS:
                scenes.post(self.world.amina.service_id)
            elif job is Job.CLAIM_REMINDERS:
                deliver_all(self.world.amina.service_id)
            else:
                sweeps[str(job)]()
            database.commit()
        database.enter_service(self.world.amina.service_id)

    def mails(self) -> list[EmailMessage]:
        """Read the mails of this story out of the run's folder."""
        files = sorted(scenes.mails(), key=lambda path: path.stat().st_mtime_ns)
        return [
            message_from_bytes(path.read_bytes(), policy=default) for path in files[self._before :]
        ]

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """Run a query inside the transaction."""
        database.enter_service(self.world.amina.service_id)
        return list(self.db.session.execute(text(statement), values).all())


class WithWorker(Stage):
    """A story on a database of its own with a real Celery worker; one clock for both of them."""

    def __init__(self, house: House, post: Post) -> None:
        house.rows(STOPPED_CLOCK)
        # What stands before pg_catalog in the path is found first, also by now().
        house.rows(f"ALTER DATABASE {house.name} SET search_path = stopped, pg_catalog, public")
        with house.app.app_context():
            world = World.load()
        super().__init__(house.app, world)
        self.house = house
        self.letterbox = post.box
        self.redis = broker_client(house.app)
        self.now_is(self.at)
        house.entry = "tests.journeys.by_hand"
        house.start_worker()

    def now_is(self, at: datetime) -> None:
        """Stop the clock of the database, which the application and the worker both read."""
        super().now_is(at)
        self.house.rows("UPDATE stopped.clock SET at = :at", at=at)

    def turn(self, *jobs: Job) -> None:
        """Send the sweeps through the broker and wait until the worker has nothing left to do."""
        for job in jobs:
            self.house.send(job)
        for _behind in ("the sweeps", "the jobs they sent", "and what those sent"):
            self._wait_for_the_worker()

    def mails(self) -> list[EmailMessage]:
        """Give what the mail server received."""
        return [message_from_bytes(m.as_bytes(), policy=default) for m in self.letterbox.mails]

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """Run a query as the superuser."""
        return self.house.rows(statement, **values)

    def _wait_for_the_worker(self) -> None:
        """Wait for a tick sent behind everything: one process takes one job after the other."""
        self.redis.delete(TICK_KEY)
        self.house.send(Job.TICK)
        wait_until(lambda: self.redis.get(TICK_KEY), "the worker never came to its tick")


def link_in(mail: EmailMessage) -> str:
    """Find the address of the link in a mail, without its host."""
    found = LINK.search(mail.get_content())
    assert found, mail.get_content()
    return found.group(1)


def said_in(mail: EmailMessage) -> str:
    """Give all that a mail says but to whom it goes: headers, and the body read and as it travels."""
    headers = " ".join(f"{name}: {value}" for name, value in mail.items() if name not in ENVELOPE)
    return f"{headers}\n{mail.get_content()}\n{mail.get_payload()}"
