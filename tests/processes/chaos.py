"""Chaos with real processes: a database and a broker of its own, and faults in an order a seed decides."""

import os
import random
import signal
import socket
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
from redis import Redis
from redis.exceptions import RedisError

from casework import create_app, database, followups, notices
from casework.commands import valkey
from casework.commands.servers import connect_as_admin, create_database, create_roles, embedded
from casework.config import read_settings
from casework.extensions import db
from tests.conftest import environment_for
from tests.followups.scenes import case_of
from tests.processes import by_eta
from tests.processes.conftest import WITHOUT_DIGESTS, House, Post, wait_until
from tests.world import World, people_the_world

CASES = 6
CALLS = 48
COMING_DUE = 12.0  # seconds over which they come due
PAUSES = (0.6, 1.6)


class Broker:
    """A Valkey of the test's own on a free port, which can be killed, frozen, emptied and begun again."""

    def __init__(self, log: Path) -> None:
        self._log, self._process = log, None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        """Start it, empty: nothing is kept on disk."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", "/"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(valkey.find_binary()), *options], stdout=log, stderr=subprocess.STDOUT
            )
        wait_until(self._answers, "the broker never answered")

    def kill(self) -> None:
        """Kill it with all that is in it."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def freeze(self, seconds: float) -> None:
        """Stop it for a while: to its clients it looks as if the network hangs."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)

    def flush(self) -> None:
        """Empty it."""
        with suppress(RedisError):
            Redis.from_url(self.url, socket_timeout=3).flushall()

    def _answers(self) -> bool:
        with suppress(RedisError):
            return bool(Redis.from_url(self.url, socket_timeout=1).ping())
        return False


@dataclass
class Chaos:
    """A house on servers of its own, with calls that come due while its parts are broken."""

    house: House
    broker: Broker
    post: Post
    dice: random.Random
    service_id: uuid.UUID
    calls: dict[uuid.UUID, datetime]
    workers: list[Any] = field(default_factory=list)
    beats: list[Any] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def start(self, *, beats: int) -> None:
        """Start two workers, and as many beats as asked for."""
        self.workers = [self.house.start_worker() for _ in range(2)]
        self.beats = [self.house.start_beat() for _ in range(beats)]

    def faults(self) -> dict[str, Callable[[], None]]:
        """Name what can be done to it."""
        faults = {
            "worker killed": lambda: self._replace(self.workers, self.house.start_worker),
            "broker killed": self._broker_killed,
            "broker emptied": self.broker.flush,
            "broker frozen": lambda: self.broker.freeze(self.dice.uniform(0.5, 2.0)),
            "database crashed": self._database_crashed,
        }
        if self.beats:
            faults["beat killed"] = lambda: self._replace(self.beats, self.house.start_beat)
        return faults

    def rage(self) -> None:
        """Break one part after the other, each at least once, while the calls come due."""
        faults = self.faults()
        order = [*faults, *self.dice.choices(list(faults), k=4)]
        self.dice.shuffle(order)
        for name in order:
            time.sleep(self.dice.uniform(*PAUSES))
            faults[name]()
            self.done.append(name)

    def shown(self) -> Counter[uuid.UUID]:
        """Count how often each call was shown to whoever has it."""
        told = self.house.rows("SELECT subject_id FROM notice WHERE kind = 'call_back_due'")
        return Counter(row[0] for row in told)

    def lost(self) -> set[uuid.UUID]:
        """Name the calls nobody was told of."""
        return self.calls.keys() - self.shown().keys()

    def doubled(self) -> set[uuid.UUID]:
        """Name the calls somebody was told of more than once."""
        return {call for call, times in self.shown().items() if times > 1}

    def waiting(self) -> list[Any]:
        """List what is due, in hand or about to leave."""
        return self._rows_if_up(
            "SELECT 'reminder', attempts FROM reminder WHERE status IN ('scheduled', 'dead') AND rung = 0 "
            "UNION ALL SELECT status, attempts FROM letter WHERE status IN ('queued', 'sending')"
        )

    def letters_amiss(self) -> list[str]:
        """Say what is wrong with the letters: one left twice, or unknown and shown to nobody."""
        amiss = []
        ids = Counter(mail["Message-ID"] for mail in self.post.box.mails)
        if any(times > 1 for times in ids.values()):
            amiss.append("a letter left twice")
        states = Counter(row[0] for row in self.house.rows("SELECT status FROM letter"))
        if not states["sent"] <= len(ids) <= states["sent"] + states["unknown"]:
            amiss.append(f"{len(ids)} letters left, {dict(states)} are known")
        with self.house.app.app_context():
            viewer = World.load().sophie.actor
            if len(notices.queries.unsure(viewer)) != states["unknown"]:
                amiss.append("an unknown letter is not shown")
            db.session.remove()
        return amiss

    def _rows_if_up(self, statement: str) -> list[Any]:
        """Run a query; while the database recovers, something is still going on."""
        try:
            return self.house.rows(statement)
        except Exception:
            return ["it does not answer"]

    def _replace(self, group: list[Any], start: Callable[[], Any]) -> None:
        victim = self.dice.choice(group)
        group.remove(victim)
        self.house.kill(victim)
        group.append(start())

    def _broker_killed(self) -> None:
        self.broker.kill()
        time.sleep(self.dice.uniform(0.2, 1.5))
        self.broker.start()

    def _database_crashed(self) -> None:
        """Kill a backend with SIGKILL: PostgreSQL ends all others and recovers from its log."""
        backends = self._rows_if_up(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()"
        )
        for row in backends[:1]:
            if not isinstance(row, str):
                with suppress(ProcessLookupError):
                    os.kill(row[0], signal.SIGKILL)


@contextmanager
def chaos(folder: Path, keys: str, post: Post, seed: int, entry: str) -> Iterator[Chaos]:
    """Set the scene: servers of its own, the cast, and calls that are about to come due."""
    with embedded(folder / "servers", durable=False, redis_url="redis://127.0.0.1:1/0") as servers:
        create_roles(servers)
        name = "casework_chaos"
        create_database(servers, name)
        with connect_as_admin(servers) as connection:
            # What was committed must outlive a crash of the server, if not one of the machine.
            connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = on")
        broker = Broker(folder / "broker.log")
        more = {"REDIS_URL": broker.url, "CONTROL_DATABASE_URL": servers.admin_url(name)}
        environment = environment_for(servers, keys, name, post.address, **more)
        app = create_app(read_settings(environment))
        house = House(
            app, name, environment, servers.admin_url(name), folder / "chaos.log", entry=entry
        )
        dice = random.Random(seed)
        try:
            with app.app_context():
                flask_migrate.upgrade()
                people_the_world()
                service_id, follow_ups = plan_calls()
                calls = bring_due(house, follow_ups, dice)
                db.session.remove()
            house.rows(WITHOUT_DIGESTS)
            yield Chaos(house, broker, post, dice, service_id, calls)
        finally:
            for process in house.workers:
                if process.poll() is None:
                    house.kill(process)
            broker.kill()
            with app.app_context():
                db.session.remove()
                for engine in db.engines.values():
                    engine.dispose()


def plan_calls() -> tuple[uuid.UUID, list[uuid.UUID]]:
    """Plan the calls, several in each case: people who may be called at any time."""
    world = World.load()
    actor = world.amina.actor
    soon = database.now() + timedelta(days=2)
    planned = []
    for _ in range(CASES):
        case = case_of(actor, when="any_time", windows=[])
        planned += [
            followups.services.plan_call_back(
                actor, case, local_day=soon.date(), local_time=soon.time().replace(second=0)
            ).id
            for _ in range(CALLS // CASES)
        ]
    database.commit()
    return world.north.id, planned


def bring_due(
    house: House, follow_ups: list[uuid.UUID], dice: random.Random
) -> dict[uuid.UUID, datetime]:
    """Let the calls come due one after the other, from a few seconds on."""
    begin = house.rows("SELECT now()")[0][0] + timedelta(seconds=5)
    calls = {each: begin + timedelta(seconds=dice.uniform(0, COMING_DUE)) for each in follow_ups}
    for follow_up_id, due_at in calls.items():
        house.rows(
            "UPDATE follow_up SET due_at = :at, window_opens_at = :at WHERE id = :id",
            id=follow_up_id,
            at=due_at,
        )
        house.rows(
            "UPDATE reminder SET due_at = :at, wake_at = :at WHERE follow_up_id = :id",
            id=follow_up_id,
            at=due_at,
        )
    return calls


def plan_by_eta(scene: Chaos) -> None:
    """Hand the same calls to the broker, as the control does, and keep the machine away from them."""
    scene.house.rows("UPDATE reminder SET status = 'cancelled'")
    for follow_up_id, due_at in scene.calls.items():
        by_eta.plan(scene.broker.url, follow_up_id, due_at)
