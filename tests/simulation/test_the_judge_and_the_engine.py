"""Invented lives on the real engine: the judge finds nothing, and finds each fault that is planted."""

import ast
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from casework import database
from casework.config import Environment
from casework.simulation import assize, clockface, judge, wishes
from casework.simulation.arithmetic import Sums, judge_arithmetic
from casework.simulation.run import simulate
from casework.simulation.stage import InProduction, NotEmpty, set_the_stages
from tests.followups.scenes import case_of
from tests.simulation.mutants import IN_ARITHMETIC, IN_FULL
from tests.world import World

# Two weeks before clocks go forward: short runs meet that day.
BEFORE_SPRING = datetime(2026, 2, 24, 15, tzinfo=UTC)
MILLION = 1_000_000


def test_nothing_unsafe_is_shown_in_a_short_simulation(town: Flask) -> None:
    # R9-R14, R31-R33, R36.
    report = simulate(town, seed=9, years=1, cases=6, share_of_pages=0.1)
    assert report.violations == []
    assert report.happened["case opened"] == 6
    assert report.judged["prompt"] >= 6
    assert report.judged["call-back"] >= 10


@pytest.mark.parametrize(
    ("mutant", "rules"),
    [
        # What breaks the arithmetic is found by arithmetic below; on the engine it is looked for longer.
        pytest.param(*found, marks=[pytest.mark.soak] if found[0] in IN_ARITHMETIC else [])
        for found in IN_FULL
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_judge_finds_a_broken_engine(
    town: Flask, monkeypatch: pytest.MonkeyPatch, mutant: Any, rules: tuple[str, ...]
) -> None:
    mutant(monkeypatch)
    report = simulate(
        town, seed=9, years=1, cases=30, start=BEFORE_SPRING, share_of_pages=0, stop_at=1
    )
    assert report.violations, f"{mutant.__name__} was not found in {report.call_backs} call-backs"
    first = report.violations[0]
    assert any(rule in first.rule for rule in rules), str(first)


def test_nothing_unsafe_is_offered_by_the_arithmetic_alone() -> None:
    sums = judge_arithmetic(seed=3, call_backs=300)
    assert sums.violations == []
    assert sums.judged["prompt"] > 200


@pytest.mark.parametrize("mutant", IN_ARITHMETIC, ids=lambda value: value.__name__)
def test_the_judge_finds_broken_arithmetic(monkeypatch: pytest.MonkeyPatch, mutant: Any) -> None:
    mutant(monkeypatch)
    assert judge_arithmetic(seed=3, call_backs=100).violations


def test_the_same_seed_lives_the_same_lives() -> None:
    first, second = (judge_arithmetic(seed=5, call_backs=40) for _ in range(2))
    assert first.judged == second.judged


@pytest.mark.parametrize("module", [judge, assize, clockface, wishes], ids=lambda m: m.__name__)
def test_the_judge_shares_no_code_with_the_engine(module: Any) -> None:
    tree = ast.parse(Path(module.__file__).read_text())
    imported = {
        name.module for name in ast.walk(tree) if isinstance(name, ast.ImportFrom) and name.module
    }
    own = {name for name in imported if name.startswith("casework")}
    allowed = {"judge", "clockface", "wishes"}
    assert own <= {f"casework.simulation.{name}" for name in allowed}


def test_it_runs_in_no_database_that_holds_a_case(live_db: Flask) -> None:
    with live_db.app_context():
        case_of(World.load().amina.actor)
        database.commit()
        with pytest.raises(NotEmpty):
            set_the_stages(live_db, seed=1, start=BEFORE_SPRING)


def test_it_never_runs_in_production(app: Flask, db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(app.config["CASEWORK"], environment=Environment.PRODUCTION)
    monkeypatch.setitem(app.config, "CASEWORK", settings)
    with pytest.raises(InProduction):
        set_the_stages(app, seed=1, start=BEFORE_SPRING)


@pytest.mark.soak
def test_years_of_lives_on_the_real_engine_show_nothing_unsafe(town: Flask) -> None:
    report = simulate(town, seed=211, years=5, cases=600, share_of_pages=0.05)
    print(f"\n{report.call_backs} call-backs of {report.cases} cases in {report.seconds:.0f} s")
    print(*(f"{number:>8}  {name}" for name, number in report.judged.items()), sep="\n")
    assert report.violations == []


@pytest.mark.soak
def test_a_million_call_backs_by_arithmetic_show_nothing_unsafe() -> None:
    parts, total = 20, Sums()
    with ProcessPoolExecutor(2) as pool:
        for sums in pool.map(judge_arithmetic, range(parts), [MILLION // parts] * parts):
            total.add(sums)
    number = total.judged["call-back"]
    print(f"\n{number} call-backs in {total.seconds:.0f} s of processor time")
    print(*(f"{count:>8}  {name}" for name, count in sorted(total.judged.items())), sep="\n")
    assert number >= MILLION
    assert total.violations == []
