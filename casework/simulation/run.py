"""One run: the stage is set, lives arrive, everything happens, and the promises that remain are judged."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from flask import Flask

from casework import database
from casework.extensions import db
from casework.simulation import lives, machine, promises, watch
from casework.simulation.invention import invent_arrivals
from casework.simulation.judge import Violation
from casework.simulation.stage import Stage, Timeline, set_the_stages

START = datetime(2026, 1, 5, 14, tzinfo=UTC)
# After the last first call, so long until the last consent has run out.
AFTERWARDS = timedelta(days=60)
MANY = 50


@dataclass(frozen=True)
class Report:
    """What was tried, what was judged, and what must never have happened."""

    seed: int
    years: int
    cases: int
    happened: dict[str, int]
    judged: dict[str, int]
    violations: list[Violation]
    seconds: float

    @property
    def call_backs(self) -> int:
        """How many call-backs were followed to their end."""
        return self.judged.get("call-back", 0)


def simulate(
    app: Flask,
    *,
    seed: int,
    years: int,
    cases: int,
    start: datetime = START,
    share_of_pages: float = 0.03,
    stop_at: int = MANY,
    say: Callable[[str], None] | None = None,
) -> Report:
    """Run years of invented lives in a database without cases, and judge all that is shown.

    Ends early after `stop_at` violations. Raises NotEmpty or InProduction before anything is written.
    """
    began = time.monotonic()
    try:
        timeline = set_the_stages(app, seed=seed, start=start)
        for stage in timeline.stages:
            stage.share_of_pages = share_of_pages
        _play(timeline, years, cases, stop_at, say)
    finally:
        db.session.remove()
        database.enter_service(None)
        database.clock.freeze(None)
    return Report(
        seed=seed,
        years=years,
        cases=cases,
        happened=_sum(stage.tally for stage in timeline.stages),
        judged=_sum(stage.judge.judged for stage in timeline.stages),
        violations=_violations(timeline),
        seconds=time.monotonic() - began,
    )


def _play(
    timeline: Timeline, years: int, cases: int, stop_at: int, say: Callable[[str], None] | None
) -> None:
    dice = timeline.stages[0].dice("arrivals")
    arrivals = invent_arrivals(dice, timeline.at, years, cases)
    for number, at in enumerate(arrivals):
        stage = timeline.stages[number % len(timeline.stages)]
        stage.later(at, partial(lives.arrive, stage, number))
        for n in range(dice.randint(2, 5)):
            look = at + timedelta(days=20) * dice.random() ** 2
            by_page = dice.random() < stage.share_of_pages
            stage.later(look, partial(watch.glance, stage, number + n, by_page=by_page))
        if say is not None and number % 100 == 99:
            stage.later(at, partial(say, f"{number + 1} of {cases} cases"))
    with machine.started(timeline):
        for stage in timeline.stages:
            watch.Watch(stage)
        until = arrivals[-1] + AFTERWARDS if arrivals else timeline.at
        timeline.play(until, lambda: len(_violations(timeline)) >= stop_at)
        for stage in timeline.stages:
            _settle_all(stage)


def _violations(timeline: Timeline) -> list[Violation]:
    return [violation for stage in timeline.stages for violation in stage.judge.violations]


def _sum(parts: Iterable[Counter[str]]) -> dict[str, int]:
    return dict(sorted(sum(parts, Counter[str]()).items()))


def _settle_all(stage: Stage) -> None:
    """Judge what is still promised at the end."""
    database.enter_service(stage.service_id)
    for life in list(stage.town.lives.values()):
        if not life.is_erased:
            promises.remember(stage, life)
    for follow_up in list(stage.judge.promises):
        stage.judge.settle(follow_up, stage.at)
    db.session.remove()
