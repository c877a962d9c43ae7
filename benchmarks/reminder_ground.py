"""A town of people who agreed to be called, and as many due reminders as are wanted, again and again."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from flask import Flask
from sqlalchemy import make_url

from benchmarks.ground import application
from casework import accounts, database
from casework.commands.servers import connect_as_admin
from casework.extensions import db
from casework.security import Role
from tests.conftest import environment_for
from tests.followups.scenes import call_at, case_of
from tests.world import World

# Of every ten people, one may not be called at the hour of the run.
CLOSED_SHARE = 10
WALL = """to_char({} AT TIME ZONE 'America/Toronto', 'YYYY-MM-DD"T"HH24:MI')"""
# The rows of people’s own first calls are the pattern for all others, whatever columns there are.
FOLLOW_UPS = f"""
WITH pattern AS (
    SELECT f.*, row_number() OVER (ORDER BY f.id) AS place, count(*) OVER () AS people
    FROM follow_up f WHERE f.id = ANY(%(patterns)s)
), staff AS (
    SELECT account_id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS many
    FROM membership WHERE service_id = %(service)s AND role = 'navigator'
)
INSERT INTO follow_up
SELECT (jsonb_populate_record(NULL::follow_up, to_jsonb(pattern) || jsonb_build_object(
    'id', gen_random_uuid(), 'assigned_to', staff.account_id, 'due_at', %(due)s,
    'local_wall', {WALL.format("%(due)s::timestamptz")},
    'latest_at', %(due)s::timestamptz + interval '6 hours',
    'window_opens_at', %(due)s::timestamptz - interval '1 hour',
    'window_closes_at', %(due)s::timestamptz + interval '6 hours'))).*
FROM generate_series(0, %(rows)s - 1) AS n
JOIN pattern ON pattern.place = n %% pattern.people + 1
JOIN staff ON staff.place = n %% staff.many
"""
REMINDERS = """
INSERT INTO reminder
SELECT (jsonb_populate_record(NULL::reminder, %(pattern)s::jsonb || jsonb_build_object(
    'id', gen_random_uuid(), 'follow_up_id', f.id, 'occurrence_key', f.id || ':bench',
    'due_at', due, 'wake_at', due, 'status', 'scheduled', 'claim', NULL, 'attempts', 0,
    'shown_at', NULL))).*
FROM (
    SELECT id, {due} AS due FROM follow_up WHERE id <> ALL(%(patterns)s) ORDER BY case_id, id
) f
"""
AT_ONCE = "now() - interval '1 second'"
# In the minute after the outage’s first hour: what was due in it is late, and all wants to leave.
WITHIN_A_MINUTE = "now() - interval '1 minute' * random()"


@dataclass(frozen=True)
class Town:
    """One service with people, staff and follow-ups, and how to fill and empty its schedule."""

    app: Flask
    service_id: uuid.UUID
    environment: dict[str, str]
    connection: psycopg.Connection[Any]
    patterns: list[uuid.UUID]
    reminder: str

    def fill(self, rows: int) -> None:
        """Plan so many follow-ups that are due now, spread over people and staff."""
        self.run("DELETE FROM reminder")
        self.run("DELETE FROM follow_up WHERE id <> ALL(%s)", [self.patterns])
        values = {
            "patterns": self.patterns,
            "service": self.service_id,
            "rows": rows,
            "due": datetime.now(ZoneInfo("UTC")) - timedelta(minutes=1),
        }
        self.run(FOLLOW_UPS, values)

    def empty(self) -> None:
        """Forget what was shown, so that the next contender begins as the last one did."""
        self.run("TRUNCATE notice, letter, reminder")

    def plan(self, *, due: str = AT_ONCE) -> None:
        """Let a reminder wait for every follow-up; with the commit they are all due.

        The tables are looked at first, as autovacuum does within a minute: nobody plans for empty ones.
        """
        values = {"pattern": self.reminder, "patterns": self.patterns}
        with self.connection.transaction():
            self.run(REMINDERS.replace("{due}", due), values)
            self.run("ANALYZE reminder, follow_up, notice, letter")

    def run(self, statement: Any, values: Any = None) -> None:
        """Run a statement of ours as the superuser."""
        self.connection.execute(statement, values)

    def one(self, statement: Any, values: Any = None) -> tuple[Any, ...]:
        """Ask for one row as the superuser."""
        row = self.connection.execute(statement, values).fetchone()
        assert row is not None
        return tuple(row)


@contextmanager
def town(servers: Any, folder: Path, *, people: int, staff: int) -> Iterator[Town]:
    """Found a town for this run; its database is dropped afterwards."""
    with application(servers, folder, "bench_reminders") as app:
        name = str(make_url(app.config["CASEWORK"].database_url).database)
        service_id, patterns = _people(app, people, staff)
        keys = app.config["CASEWORK"].keys
        environment = environment_for(
            servers, keys, name, f"file:{folder / 'mail'}", LOG_LEVEL="ERROR"
        ) | {
            "BENCH_SERVICE": str(service_id),
            "BENCH_ADMIN_URL": servers.admin_url(name),
            "BENCH_BROKER_URL": servers.broker_url,
        }
        with connect_as_admin(servers, name) as connection:
            [reminder] = connection.execute(
                "SELECT to_jsonb(r)::text FROM reminder r LIMIT 1"
            ).fetchone() or ("",)
            yield Town(
                app, service_id, os.environ | environment, connection, patterns, str(reminder)
            )


def _people(app: Flask, people: int, staff: int) -> tuple[uuid.UUID, list[uuid.UUID]]:
    """Let people agree to be called, by the services that every page calls; give their first calls."""
    with app.app_context():
        world = World.load()
        for number in range(staff):
            accounts.services.add_member(
                world.north,
                email=f"staff{number}@north.example",
                display_name=f"Staff {number}",
                role=Role.NAVIGATOR,
                password=None,
            )
        zone = ZoneInfo("America/Toronto")
        later = datetime.now(zone) + timedelta(hours=3)
        closed = [
            {
                "days": [later.weekday()],
                "start": f"{later:%H:00}",
                "end": f"{later:%H:45}",
            }
        ]
        planned = []
        for number in range(people):
            is_closed = number % CLOSED_SHARE == CLOSED_SHARE - 1
            plan: dict[str, Any] = (
                {"windows": closed} if is_closed else {"when": "any_time", "windows": []}
            )
            case = case_of(world.amina.actor, **plan)
            when = (
                later.replace(minute=15) if is_closed else datetime.now(zone) + timedelta(hours=1)
            )
            planned.append(call_at(world.amina.actor, case, when).id)
            if number % 50 == 49:
                database.commit()
        database.commit()
        service_id = world.north.id
        db.session.remove()
    return service_id, planned
