"""My day in a small service and in a large one, beside a bare view of the same template."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from flask import Flask, g, render_template
from sqlalchemy import select
from sqlalchemy.orm import joinedload, lazyload

from benchmarks.ground import application, run_as_admin
from benchmarks.machine import in_turns, percentile
from casework import database, memory
from casework.cases.models import Case
from casework.commands.seed import fill
from casework.commands.seed.words import PASSPHRASE
from casework.desk import my_day, views
from casework.desk.my_day import Day
from casework.desk.rows import Row
from casework.extensions import db
from tests.visitors import Visitor

Say = Callable[[str], Any]
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
GROWTH, OVER_BARE = 1.3, 2.5
# What else the template shows: here nothing.
NOTHING_BESIDES: dict[str, Any] = {
    "callers": {},
    "told": [],
    "all_told": 0,
    "late_since": None,
    "has_errors": False,
}
LANES = ("now", "later", "do_not_call", "no_window", "waiting", "unassigned")
# So many cases has each navigator, however large the service is; two of them are the stories' own.
EACH, OF_THE_STORIES = 1200, 2


@dataclass(frozen=True)
class Sizes:
    """How many cases the two services have, how many of them are told, and how often each is visited."""

    few: int
    many: int
    told: int
    turns: int
    workers: int


FULL = Sizes(few=6_000, many=600_000, told=60, turns=60, workers=2)
SMALL = Sizes(few=20, many=30, told=8, turns=2, workers=1)


def of_size(cases: int | None) -> Sizes:
    """Give the full measurement, or the same with another number of cases in the large service."""
    return FULL if cases is None else replace(FULL, many=cases)


def measure(servers: Any, folder: Path, sizes: Sizes, say: Say) -> None:
    """Print what the page costs at both sizes, and what its template costs with one query."""
    visits: dict[str, Callable[[], Any]] = {}
    with ExitStack() as open_services:
        for cases in (sizes.few, sizes.many):
            place = application(servers, folder, f"bench_pages_{cases}")
            app = open_services.enter_context(place)
            visits |= _filled(servers, app, cases, sizes, say)
        # As the web's processes do, which have not filled anything.
        memory.settle()
        for visit in visits.values():
            visit()
        taken = in_turns(visits, sizes.turns)
    say("My day, milliseconds (all four in turns)")
    middles = {}
    for name, seconds in taken.items():
        middles[name], p95 = percentile(seconds, 0.5) * 1000, percentile(seconds, 0.95) * 1000
        say(f"  {name:<20} p50 {middles[name]:7.1f}   p95 {p95:7.1f}")
    growth = middles[f"real {sizes.many:,}"] / middles[f"real {sizes.few:,}"]
    say(f"  {sizes.many:,} beside {sizes.few:,} {growth:7.2f}   target at most {GROWTH}")
    over = middles[f"real {sizes.many:,}"] / middles[f"bare {sizes.many:,}"]
    say(f"  beside the bare view {over:7.2f}   target at most {OVER_BARE}")


def _filled(
    servers: Any, app: Flask, cases: int, sizes: Sizes, say: Say
) -> dict[str, Callable[[], Any]]:
    """Fill a service, and give the two visits to measure: the page, and the bare view of it."""
    desks = max(1, cases // EACH - OF_THE_STORIES)
    database.clock.freeze(None)
    began = time.monotonic()
    with app.app_context():
        fill(cases, 211, at=NOW, navigators=desks, told=sizes.told, workers=sizes.workers)
        database.commit()
        db.session.remove()
    database.clock.freeze(NOW)
    minutes = (time.monotonic() - began) / 60
    say(f"{cases:,} cases, {desks + OF_THE_STORIES} navigators: written in {minutes:.1f} minutes")
    # As autovacuum leaves tables that were written some minutes ago.
    run_as_admin(servers, app, "VACUUM (ANALYZE)")
    browser = Visitor(app)
    browser.sign_in(SimpleNamespace(email="desk1@river.example", password=PASSPHRASE))
    kept = _kept_day(browser)
    return {
        f"real {cases:,}": lambda: _visit(browser),
        f"bare {cases:,}": lambda: _visit_bare(browser, kept),
    }


def _visit(browser: Visitor) -> str:
    page = browser.get("/my-day").get_data(as_text=True)
    if "data-row" not in page:
        raise AssertionError("the page shows nobody")
    return page


def _kept_day(browser: Visitor) -> Day:
    """Keep what one real visit has read and worded, so that the bare view has the same rows to render."""
    kept: list[Day] = []
    real = my_day.read_day

    def keep(*given: Any, **named: Any) -> Day:
        kept.append(real(*given, **named))
        for row in _rows(kept[-1]):
            for held in (row.case, row.follow_up):
                if held is not None and held in db.session:
                    db.session.expunge(held)
        return kept[-1]

    with patch.object(my_day, "read_day", keep):
        _visit(browser)
    return kept[-1]


def _rows(day: Day) -> list[Row]:
    return [row for name in LANES for row in getattr(day, name).rows]


def _visit_bare(browser: Visitor, kept: Day) -> None:
    """Load the cases and people of the same rows with one query by an index, and render the template.

    The words of the rows and their opened names are given: nothing is decided, opened nor audited.
    """
    wanted = {row.case.id for row in _rows(kept)}

    def bare() -> str:
        g.callable_people = kept.callable_people
        query = (
            select(Case)
            .where(Case.id.in_(wanted))
            .options(joinedload(Case.person, innerjoin=True), lazyload(Case.needs))
        )
        found = {case.id: case for case in db.session.scalars(query)}
        lanes = {
            name: replace(lane, rows=[replace(row, case=found[row.case.id]) for row in lane.rows])
            for name in LANES
            for lane in [getattr(kept, name)]
        }
        return render_template("desk/my_day.html", day=replace(kept, **lanes), **NOTHING_BESIDES)

    bare.access = views.show_my_day.access  # type: ignore[attr-defined]
    with patch.dict(browser.app.view_functions, {"desk.my_day": bare}):
        _visit(browser)
