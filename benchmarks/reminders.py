"""Many reminders due at once: ours beside the bare loop and four ways the field does it, on one ground."""

import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from redis import Redis

from benchmarks.crews import CONTENDERS, Contender, Crew, crew_of, module
from benchmarks.reminder_ground import WITHIN_A_MINUTE, Town, town
from casework.commands.servers import Servers
from tests.house.source import ROOT

Say = Callable[[str], Any]
LIBRARIES = ("celery", "APScheduler", "procrastinate", "SQLAlchemy", "psycopg", "redis")
BEST_PEER, BARE_SHARE = 3.0, 0.5


@dataclass(frozen=True)
class Sizes:
    """How much is measured; peers that take one row at a time get fewer, since only the rate counts."""

    rows: int
    peer_rows: int
    killed_rows: int
    killed_peer_rows: int
    outage: int
    people: int
    staff: int
    lease: int  # seconds, for all that claim
    patience: int  # seconds without progress after which what is left counts as lost
    eta_patience: int
    compared: tuple[str, ...] = ()  # who takes part; empty: everybody
    killed: tuple[str, ...] = ()  # who has a worker killed; empty: everybody
    workers: int = 2


FULL = Sizes(
    rows=100_000,
    peer_rows=3_000,
    killed_rows=20_000,
    killed_peer_rows=2_000,
    outage=10_000,
    people=300,
    staff=40,
    lease=30,
    patience=45,
    eta_patience=150,
)


def of_size(rows: int | None) -> Sizes:
    """Give the full sizes, or those that fit a run of fewer rows."""
    if rows is None:
        return FULL

    def share(full: int) -> int:
        return max(full * rows // FULL.rows, min(rows, 50))

    return replace(
        FULL,
        rows=rows,
        peer_rows=share(FULL.peer_rows),
        killed_rows=share(FULL.killed_rows),
        killed_peer_rows=share(FULL.killed_peer_rows),
        outage=share(FULL.outage),
        people=min(FULL.people, max(rows // 10, 10)),
    )


SMALL = Sizes(
    rows=20,
    peer_rows=12,
    killed_rows=20,
    killed_peer_rows=12,
    outage=20,
    people=10,
    staff=3,
    lease=8,
    patience=40,
    eta_patience=40,
    compared=("bare", "ours", "ours_celery", "compare_and_set"),
    killed=("ours",),
    workers=1,
)
# The peers that keep a schedule of their own wait for the moment itself: half a minute each.
SMALL_WITH_EVERYBODY = replace(SMALL, compared=())


PEERS = ("compare_and_set", "celery_eta", "apscheduler", "procrastinate")


@dataclass
class Result:
    """What one run came to."""

    rows: int
    rate: float
    p50: float
    p99: float
    lost: int
    doubled: int

    def line(self, label: str) -> str:
        """Write one line of the table."""
        return (
            f"  {label:<24}{self.rows:>8,} rows {self.rate:>9,.0f}/s   late p50 {self.p50:7.2f} s"
            f"  p99 {self.p99:7.2f} s   lost {self.lost:,}  doubled {self.doubled:,}"
        )


def measure(servers: Servers, folder: Path, sizes: Sizes, say: Say) -> None:
    """Print the rate of each, what a kill -9 does to it, and how long an outage takes to drain."""
    folder.mkdir(parents=True, exist_ok=True)
    with town(servers, folder, people=sizes.people, staff=sizes.staff) as ground:
        say("")
        say("Reminders due at once: " + ", ".join(f"{lib} {version(lib)}" for lib in LIBRARIES))
        say(
            f"  {sizes.people:,} people, {sizes.staff} staff; every one that is shown is an in-app row,"
        )
        say("  a letter if none waits for its reader, and an entry in the chain; two workers each")
        rates: dict[str, float] = {}
        for found in _those(sizes.compared):
            rows = sizes.rows if found.is_batched else sizes.peer_rows
            result = _run(found, ground, folder, sizes, rows, is_killed=False)
            rates[found.name] = result.rate
            say(result.line(found.label))
        _ratios(rates, say)
        say("")
        say(
            f"The same with one kill -9 in the middle, and another worker started (leases {sizes.lease} s)"
        )
        for found in _those(sizes.killed):
            rows = sizes.killed_rows if found.is_batched else sizes.killed_peer_rows
            say(_run(found, ground, folder, sizes, rows, is_killed=True).line(found.label))
        say("")
        _outage(ground, folder, sizes, say)


def _those(names: tuple[str, ...]) -> list[Contender]:
    return [found for found in CONTENDERS if not names or found.name in names]


def _ratios(rates: dict[str, float], say: Say) -> None:
    best = max((name for name in PEERS if name in rates), key=lambda name: rates[name])
    label = next(found.label for found in CONTENDERS if found.name == best)
    for name in ("ours", "ours_celery"):
        ours = next(found.label for found in CONTENDERS if found.name == name)
        say(
            f"  {ours}: {rates[name] / rates[best]:.2f} of the best peer ({label}),"
            f" target at least {BEST_PEER:.0f};"
            f" {rates[name] / rates['bare']:.2f} of the bare loop, target at least {BARE_SHARE}"
        )


def _run(
    found: Contender, ground: Town, folder: Path, sizes: Sizes, rows: int, *, is_killed: bool
) -> Result:
    """Let one contender work off so many rows, all due at one moment."""
    Redis.from_url(ground.environment["REDIS_URL"]).flushdb()
    ground.empty()
    ground.fill(rows)
    patience = sizes.eta_patience if found.name == "celery_eta" else sizes.patience
    at = datetime.now(UTC) + timedelta(seconds=ADDING + rows / ADDED_A_SECOND)
    if found.has_schedule:
        # Handed over before, for one moment that comes once all stand in its own schedule.
        ground.plan()
        _hand_over(found, ground, at, sizes.lease)
    with _crew(found, ground, folder, sizes) as crew:
        if not found.has_schedule:
            ground.plan()
        start = max(at, crew.began or at) if found.has_schedule else datetime.now(UTC)
        end = _wait(ground, rows, patience, start, crew if is_killed else None)
    return _result(ground, rows, start, end)


def _crew(
    found: Contender, ground: Town, folder: Path, sizes: Sizes
) -> AbstractContextManager[Crew]:
    return crew_of(found, ground, folder, workers=sizes.workers, lease=sizes.lease)


def _hand_over(found: Contender, ground: Town, at: datetime, lease: int) -> None:
    command = [*module("add"), found.name, at.isoformat()]
    environment = ground.environment | {"BENCH_LEASE": str(lease)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)


ADDING, ADDED_A_SECOND = 15, 100


def _wait(ground: Town, rows: int, patience: int, start: datetime, crew: Crew | None) -> datetime:
    """Wait until nothing is left or nothing moves any more, and tell since when; kill once in the middle.

    A row has the time at which its transaction began: only from outside one sees when it was done.
    """
    last, since, end = -1, time.monotonic(), start
    while True:
        [left] = ground.one(LEFT)
        if left != last:
            last, since, end = left, time.monotonic(), datetime.now(UTC)
        if crew is not None and left <= rows // 2:
            crew.kill_one()
            crew, since = None, time.monotonic()
        is_begun = datetime.now(UTC) > start
        if left == 0 or (is_begun and time.monotonic() - since > patience):
            # What is still being written, or would come a second time, gets a moment.
            time.sleep(0.5)
            return end
        time.sleep(0.1)


LEFT = "SELECT count(*) FROM reminder WHERE status = 'scheduled' AND due_at <= now()"
# Whom one may not call now is moved by ours and shown by the others: it is no loss.
SEEN = """
SELECT count(DISTINCT n.subject_id), count(*) - count(DISTINCT n.subject_id),
    coalesce(extract(epoch FROM percentile_disc(0.5) WITHIN GROUP (ORDER BY n.at) - %(start)s), 0)::float,
    coalesce(extract(epoch FROM percentile_disc(0.99) WITHIN GROUP (ORDER BY n.at) - %(start)s), 0)::float
FROM notice n WHERE n.kind = 'call_back_due'
"""
MOVED = """
SELECT count(*) FROM follow_up f WHERE id <> ALL(%(patterns)s)
AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.subject_id = f.id)
AND EXISTS (SELECT 1 FROM reminder r WHERE r.follow_up_id = f.id AND r.due_at > now())
"""


def _result(ground: Town, rows: int, start: datetime, end: datetime) -> Result:
    shown, doubled, p50, p99 = ground.one(SEEN, {"start": start})
    seconds = (end - start).total_seconds()
    [moved] = ground.one(MOVED, {"patterns": ground.patterns})
    done = shown + moved
    return Result(rows, done / seconds if seconds > 0 else 0.0, p50, p99, rows - done, doubled)


OUT_OF_WINDOW = """
SELECT count(*) FROM notice n JOIN follow_up f ON f.id = n.subject_id
WHERE n.kind = 'call_back_due' AND NOT (n.at >= f.window_opens_at AND n.at < f.window_closes_at)
"""
NOT_TO_BE_CALLED = """
SELECT count(*) FROM notice n JOIN follow_up f ON f.id = n.subject_id
JOIN "case" c ON c.id = f.case_id JOIN contact_plan p ON p.person_id = c.person_id
WHERE n.kind = 'call_back_due' AND p."when" = 'windows'
"""


def _outage(ground: Town, folder: Path, sizes: Sizes, say: Say) -> None:
    """Let everything fall due within one minute while nothing runs, then let ours begin."""
    ours = next(found for found in CONTENDERS if found.name == "ours")
    ground.empty()
    ground.fill(sizes.outage)
    ground.plan(due=WITHIN_A_MINUTE)
    with _crew(ours, ground, folder, sizes) as crew:
        # The first begins to drain while the second is still being started.
        start = crew.began or datetime.now(UTC)
        end = _wait(ground, sizes.outage, sizes.patience, start, None)
    result = _result(ground, sizes.outage, start, end)
    [late] = ground.one(OUT_OF_WINDOW)
    [closed] = ground.one(NOT_TO_BE_CALLED)
    seconds = sizes.outage / result.rate if result.rate else 0.0
    say(f"After an outage: {sizes.outage:,} that fell due within one minute, ours without a broker")
    say(
        f"  drained in {seconds:.1f} s; out of window"
        f" {late + closed}, lost {result.lost}, doubled {result.doubled}"
    )
