"""Real processes: a Celery worker that can be killed, a mail server that listens, a broker of its own."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from flask import Flask
from redis import Redis
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from casework import create_app, database
from casework.commands.servers import create_database, drop_database
from casework.config import read_settings
from casework.extensions import db
from tests.conftest import environment_for
from tests.house.source import ROOT

PATIENCE = 180  # seconds until a wait is given up; no test passes or fails by how fast it was
_broker_numbers = itertools.count(1)


class Letterbox(MessageHandler):
    """Keeps every mail that arrives by SMTP."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Message] = []

    def handle_message(self, message: Message) -> None:
        """Keep one mail."""
        self.mails.append(message)


@dataclass
class Post:
    """A mail server on a free port, and what it received."""

    box: Letterbox
    address: str


@pytest.fixture
def post() -> Iterator[Post]:
    """Run a mail server for this test."""
    box = Letterbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield Post(box, f"smtp://127.0.0.1:{port}")
    controller.stop()


def wait_until(what: Callable[[], Any], why: str) -> Any:
    """Wait for something to be true and give it back; fail with a sentence when it never is."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    pytest.fail(f"waited {PATIENCE} s in vain: {why}")


@dataclass
class House:
    """An application, its database, its broker, and the workers started for it."""

    app: Flask
    name: str
    environment: dict[str, str]
    admin_url: str
    log: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    entry: str = "celery_worker"

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker as in production, with one process for jobs."""
        return self._start("worker", "--concurrency=1", "--without-mingle", "--without-gossip")

    def start_beat(self) -> subprocess.Popen[bytes]:
        """Start a beat, with a schedule file of its own."""
        schedule = self.log.with_name(f"beat-{uuid.uuid4().hex[:8]}")
        return self._start("beat", "--pidfile=", f"--schedule={schedule}")

    def _start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", self.entry, what, "--loglevel=INFO"]
        with self.log.open("ab") as log:
            worker = subprocess.Popen(
                [*command, *options],
                cwd=ROOT,
                env=os.environ | self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """Kill a worker and its children with SIGKILL: nothing can be tidied up."""
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(timeout=PATIENCE)

    def send(self, job: str, *ids: object) -> None:
        """Send a job through the broker, as the beat or a commit would."""
        self.app.extensions["celery"].send_task(str(job), args=[str(id_) for id_ in ids])

    def send_again(self, *jobs: str) -> None:
        """Send sweeps once more, unless jobs wait: a slow worker is not to be buried under them."""
        if not self.queue_length():
            for job in jobs:
                self.send(job)

    def connect(self) -> Connection:
        """Open a connection of the superuser, behind the application's back."""
        return create_engine(self.admin_url, poolclass=NullPool).connect()

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """Run a query behind the application's back and give its rows."""
        with self.connect() as connection:
            result = connection.execute(text(statement), values)
            rows = list(result.all()) if result.returns_rows else []
            connection.commit()
            return rows

    def queue_length(self) -> int:
        """Count the jobs that wait in the broker."""
        return int(Redis.from_url(self.environment["REDIS_URL"]).llen("celery"))

    def flush_broker(self) -> None:
        """Empty this house's broker."""
        Redis.from_url(self.environment["REDIS_URL"]).flushdb()


# The summary of the team leaves at seven by the real clock: no count of mails may depend on the hour.
WITHOUT_DIGESTS = """
    INSERT INTO mail_choice
        (id, service_id, account_id, wants_call_backs, wants_day, wants_team, day_begins)
    SELECT gen_random_uuid(), service_id, account_id, true, false, false, 8 FROM membership
"""


@pytest.fixture
def house(servers: Any, keys: str, template: str, tmp_path: Path, post: Post) -> Iterator[House]:
    """Give an application on its own database and broker; every process of it dies with the test."""
    name = f"house_{uuid.uuid4().hex[:10]}"
    create_database(servers, name, template=template)
    number = next(_broker_numbers) % 15 + 1
    redis_url = servers.redis_url.replace("db=0", f"db={number}")
    environment = environment_for(servers, keys, name, post.address, REDIS_URL=redis_url)
    app = create_app(read_settings(environment))
    made = House(app, name, environment, servers.admin_url(name), tmp_path / "worker.log")
    made.flush_broker()
    made.rows(WITHOUT_DIGESTS)
    yield made
    for worker in made.workers:
        if worker.poll() is None:
            made.kill(worker)
    made.flush_broker()
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    database.clock.freeze(None)
    drop_database(servers, name)
