"""Seeding adds what is missing, tells the same for the same number, and leaves no name in clear."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from casework import database
from casework.accounts import services as accounts
from casework.audit.verify import verify
from casework.commands.seed import fill, seed_command, words
from casework.extensions import db
from tests.conftest import environment_for
from tests.seed.conftest import CASES, PRESENT, seeded_app

COUNTED = {
    "case": "coalesce(closure, status)",
    "referral": "state",
    "case_need": "code || outcome || coalesce(reason, '')",
    "follow_up": "state",
    "attempt": "result",
    "consent": "purpose || is_given",
    "anonymous_contact": "need_group || n",
}


def _database(app: Flask) -> str:
    return str(make_url(app.config["CASEWORK"].database_url).database)


def test_the_audit_chain_holds_afterwards(seeded: Flask) -> None:
    engine = create_engine(seeded.config["CASEWORK"].reader_database_url, poolclass=NullPool)
    with engine.connect() as connection:
        result = verify(connection)
    engine.dispose()
    assert result.is_intact and result.entries > 20 * CASES


def test_what_happened_was_written_in_its_order(seeded: Flask, as_owner: Any) -> None:
    rows = as_owner(_database(seeded), "SELECT service_id, at_us FROM audit_entry ORDER BY seq")
    last: dict[Any, int] = {}
    for service_id, at_us in rows[-1000:]:
        assert at_us >= last.get(service_id, 0)
        last[service_id] = at_us


def _tables(name: str, as_owner: Any) -> Iterator[tuple[str, str]]:
    tables = as_owner(name, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for (table,) in tables:
        for (row,) in as_owner(name, f'SELECT t::text FROM "{table}" AS t'):
            yield table, row


def test_no_name_number_or_note_stands_in_clear_in_any_table(seeded: Flask, as_owner: Any) -> None:
    """R16: a dump of the database tells nothing about anybody."""
    staff = {person.name for plan in words.SERVICES for person in plan.staff}
    names = {*words.NAMES_EN, *words.NAMES_FR, words.MOTHER, words.OLDER_MAN} - staff
    said = {*words.STORY_WORDS.values(), *words.CODE_WORDS.values(), *words.COVER_NAMES.values()}
    notes = {note for notes in words.NOTES.values() for note in notes}
    lines = {f"+1{area}55501" for area in words.AREA_CODES}
    marked = (
        names | said | notes | lines | {words.MOTHER_ALIAS, words.MOTHER_NOTE, "public library"}
    )
    for table, row in _tables(_database(seeded), as_owner):
        found = [mark for mark in marked if mark in row]
        assert found == [], table


def test_the_same_number_tells_the_same(
    servers: Any, keys: str, template: str, tmp_path: Path, counted: Any
) -> None:
    told = []
    for _ in range(2):
        with seeded_app(servers, keys, template, tmp_path, cases=8, at=PRESENT, seed=7) as app:
            told.append({t: counted(app, t, column) for t, column in COUNTED.items()})
    assert told[0] == told[1]


def test_what_is_there_is_kept_and_only_the_missing_cases_are_added(live_db: Flask) -> None:
    with live_db.app_context():
        assert fill(3, 211, at=PRESENT).added == 4
        assert fill(3, 211, at=PRESENT).added == 0
        more = fill(5, 211, at=PRESENT)
        assert (more.before, more.added) == (4, 2)


def test_the_clock_is_given_back(live_db: Flask) -> None:
    with live_db.app_context():
        fill(1, 211, at=PRESENT)
        assert database.clock.frozen is None


def test_everybody_of_the_readme_can_sign_in(seeded: Flask) -> None:
    with seeded.app_context():
        for plan in words.SERVICES:
            for person in plan.staff:
                assert accounts.sign_in(person.email, words.PASSPHRASE)
        database.rollback()
        db.session.remove()


@pytest.fixture
def command(live_db: Flask, servers: Any, keys: str, tmp_path: Path) -> Any:
    """Run the command as a shell would, on a database of its own."""

    def run(*words: str, **more: str) -> Any:
        name = _database(live_db)
        environment = environment_for(servers, keys, name, f"file:{tmp_path}", **more)
        return CliRunner().invoke(seed_command, list(words), env=environment)

    return run


def test_the_command_says_how_much_it_wrote_and_writes_it_once(command: Any) -> None:
    first, again = command("--cases", "1"), command("--cases", "1")
    assert first.exit_code == 0 and "2 cases written" in first.output and "a second" in first.output
    assert again.exit_code == 0 and "nothing was added" in again.output


def test_the_command_refuses_outside_of_a_demo_in_one_sentence(command: Any) -> None:
    refused = command(CASEWORK_ENV="production", PUBLIC_URL="https://casework.example.org")
    assert refused.exit_code == 1
    assert refused.output.count("Error: ") == 1 and "demo or test" in refused.output


def test_the_sign_ins_are_listed_without_writing_anything(command: Any) -> None:
    listed = command("--print-sign-ins")
    assert listed.exit_code == 0
    assert words.PASSPHRASE in listed.output and "louis@river.example" in listed.output
