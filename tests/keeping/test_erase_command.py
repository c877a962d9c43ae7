"""`casework erase` and `casework retention`: counted first, confirmed, and refused in one sentence."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import make_url, select

from casework import audit, cases, database
from casework.__main__ import cli
from casework.cases.erasure_models import Erasure, HoldReason
from casework.cases.models import Case, ClosureCode
from casework.extensions import db
from casework.keeping import services as keeping
from casework.keeping import tasks
from tests.conftest import environment_for
from tests.followups.scenes import case_of
from tests.keeping import lives
from tests.keeping.orphans import look
from tests.world import World


@pytest.fixture
def command(live_db: Flask, servers: Any, keys: str, tmp_path: Path) -> Any:
    """Run a command on the database of this test."""

    def run(*words: str, **more: Any) -> Any:
        name = make_url(live_db.config["CASEWORK"].database_url).database
        environment = environment_for(servers, keys, str(name), f"file:{tmp_path}")
        return CliRunner().invoke(cli, list(words), env=environment, **more)

    return run


@pytest.fixture
def inside(live_db: Flask) -> Iterator[World]:
    with live_db.app_context():
        yield World.load()
        db.session.remove()


@pytest.fixture
def ref(inside: World) -> str:
    """Commit a case and give its reference."""
    case = lives.open_case(inside, lives.keep_person(inside))
    database.commit()
    return case.ref


def exists(world: World, ref: str) -> bool:
    database.rollback()
    database.enter_service(world.north.id)
    return db.session.scalar(select(Case.id).where(Case.ref == ref)) is not None


def test_a_dry_run_counts_by_table_what_the_erasure_then_takes(
    inside: World, ref: str, command: Any, servers: Any, live_db: Flask
) -> None:
    url = str(servers.admin_url(make_url(live_db.config["CASEWORK"].database_url).database))
    told = command("erase", ref, "--service", "north", "--dry-run")
    assert told.exit_code == 0, told.output
    assert "Nothing was." in told.output
    assert exists(inside, ref)
    before = look(url).rows
    assert command("erase", ref, "--service", "north", "--yes").exit_code == 0
    after = look(url).rows
    taken = {name: len(rows) - len(after[name]) for name, rows in before.items()}
    counted = {
        line.split()[0]: int(line.split()[1])
        for line in told.output.splitlines()
        if len(line.split()) == 2
    }
    assert counted == {name: number for name, number in taken.items() if number > 0}


def test_the_reference_is_asked_for_once_more(inside: World, ref: str, command: Any) -> None:
    refused = command("erase", ref, "--service", "north", input="C-222222\n")
    assert refused.exit_code == 1 and "Nothing was erased" in refused.output
    assert exists(inside, ref)
    done = command("erase", ref.lower(), "--service", "north", input=f"{ref}\n")
    assert done.exit_code == 0, done.output
    assert not exists(inside, ref)
    assert len(db.session.scalars(select(Erasure)).all()) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("C-222222", "--service", "north"), "No case of this service has this reference."),
        (("nonsense", "--service", "north"), "No case of this service has this reference."),
        (("C-2222232", "--service", "west"), "There is no service with the code west."),
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(
    command: Any, words: tuple[str, ...], sentence: str
) -> None:
    refused = command("erase", *words)
    assert refused.exit_code == 1
    assert refused.output.strip() == f"Error: {sentence}"


def test_another_services_case_is_not_there(inside: World, ref: str, command: Any) -> None:
    assert command("erase", ref, "--service", "south", "--yes").exit_code == 1
    assert exists(inside, ref)


def test_a_held_case_is_refused_and_says_so(inside: World, ref: str, command: Any) -> None:
    case = cases.queries.get_in_service(inside.sophie.actor, ref)
    cases.services.place_hold(inside.sophie.actor, case, reason=HoldReason.COURT_ORDER)
    database.commit()
    refused = command("erase", ref, "--service", "north", "--yes")
    assert refused.exit_code == 1 and "legal hold" in refused.output
    assert exists(inside, ref)
    [told] = audit.entries(inside.sophie.actor, audit.EntryFilter(action="case:erased"))
    assert (told.is_refused, told.actor_kind) == (True, "command")


def test_retention_reports_and_then_runs(inside: World, command: Any) -> None:
    for days in (400, 400, 10):
        case = case_of(inside.amina.actor)
        cases.services.close_case(inside.amina.actor, case, closure=ClosureCode.NEED_MET)
        case.closed_at = database.now() - timedelta(days=days)
        database.commit()
    told = command("retention", "report")
    assert told.exit_code == 0, told.output
    assert "north: 2 past their time, 0 of them held" in told.output
    assert "south: 0 past their time, 0 of them held" in told.output
    assert db.session.scalars(select(Erasure)).all() == []
    done = command("retention", "run", "--service", "north")
    assert done.exit_code == 0, done.output
    assert "2 erased" in done.output
    database.rollback()
    assert len(db.session.scalars(select(Case)).all()) == 1
    assert "0 past" in command("retention", "report", "--service", "north").output


def test_retention_run_goes_past_cases_that_fail_and_says_so(
    inside: World, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = []
    for days in (500, 490, 400, 400):
        case = case_of(inside.amina.actor)
        cases.services.close_case(inside.amina.actor, case, closure=ClosureCode.NEED_MET)
        case.closed_at = database.now() - timedelta(days=days)
        database.commit()
        ids.append(case.id)
    erase = keeping.erase_one

    def fail(actor: Any, case_id: Any) -> None:
        if case_id in ids[:2]:
            raise RuntimeError
        erase(actor, case_id)

    monkeypatch.setattr(keeping, "erase_one", fail)
    monkeypatch.setattr(tasks, "run_once", partial(tasks.run_once, batch=1))
    done = command("retention", "run")
    assert done.exit_code == 1
    assert "2 erased, 2 failed" in done.output
    assert "Error: 2 of the cases past their time could not be erased" in done.output
    assert "south: 0 past their time" in done.output, "the next service has its turn all the same"
    database.rollback()
    assert set(db.session.scalars(select(Case.id))) == set(ids[:2])
