"""The command line: import, the report, the file of refused rows, and the needs of a taxonomy."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from casework import database
from casework.__main__ import cli
from casework.extensions import db as database_extension
from casework.importing import services
from casework.importing.models import ImportFormat
from tests.conftest import environment_for
from tests.importing.conftest import EXAMPLES, service
from tests.world import World

Command = Callable[..., Result]


@pytest.fixture
def command(servers: Any, keys: str, live_db: Any) -> Iterator[Command]:
    """Give what runs `casework directory` on a database of this test’s own."""
    name = live_db.config["CASEWORK"].database_url.rsplit("/", 1)[1].split("?")[0]
    env = environment_for(servers, keys, name, "console:")

    def run(*words: str | Path) -> Result:
        return CliRunner().invoke(cli, ["directory", *map(str, words)], env=env)

    yield run
    with live_db.app_context():
        database_extension.session.remove()


def test_the_report_counts_and_names_what_stands_for_no_need(command: Command) -> None:
    words = ["import", EXAMPLES / "hsds.json", "--format", "hsds-json", "--service", "north"]
    done = command(*words)
    assert done.exit_code == 0, done.output
    assert "3 services imported, 0 rows refused, 1 repaired." in done.output
    assert "invented X-300 Wibbling" in done.output


def test_refused_rows_are_written_to_a_file(command: Command, tmp_path: Path) -> None:
    source, refused = tmp_path / "a.json", tmp_path / "refused.csv"
    source.write_text(json.dumps([{"id": "S1"}, {"name": "x"}]))
    done = command(
        "import", source, "--format", "hsds-json", "--service", "north", "--refused", refused
    )
    assert "0 services imported, 2 rows refused" in done.output
    assert "a.json,1,S1,organization_id,Refused," in refused.read_text(encoding="utf-8-sig")


def test_what_cannot_be_imported_is_one_sentence(command: Command, tmp_path: Path) -> None:
    empty = tmp_path / "tables"
    empty.mkdir()
    done = command("import", empty, "--format", "hsds-csv", "--service", "north")
    assert done.exit_code == 1
    assert "There is nothing in it that belongs to this format." in done.output
    assert "Traceback" not in done.output
    done = command("import", empty, "--format", "hsds-csv", "--service", "nowhere")
    assert "There is no service with the code nowhere." in done.output


def test_the_page_is_not_pushed_aside(command: Command, live_db: Any) -> None:
    with live_db.app_context():
        world = World.load()
        services.start_import(
            world.marc.actor, format_=ImportFormat.ICAROL, source="page", language="en"
        )
        database.commit()
        database_extension.session.remove()
    words = ["import", EXAMPLES / "hsds.json", "--format", "hsds-json", "--service", "north"]
    done = command(*words)
    assert done.exit_code == 1
    assert "already under way" in done.output


def test_a_licensee_loads_the_needs_of_its_terms(
    command: Command, live_db: Any, tmp_path: Path
) -> None:
    words = ["import", EXAMPLES / "hsds.json", "--format", "hsds-json", "--service", "north"]
    command(*words)
    listed = command("terms", "--service", "north")
    assert "invented,X-300,Wibbling" in listed.output
    table = tmp_path / "needs.csv"
    table.write_text("vocabulary,code,need\ninvented,X-300,clothing\n")
    assert (
        "1 terms have a need now." in command("terms", "--service", "north", "--load", table).output
    )
    command(*words)
    with live_db.app_context():
        World.load()
        assert "clothing" in service("5c1f3d0e-0001-4000-8000-000000000001").needs


def test_a_need_that_nobody_knows_is_refused_with_its_line(
    command: Command, tmp_path: Path
) -> None:
    table = tmp_path / "needs.csv"
    table.write_text("vocabulary,code,need\ninvented,X-1,treasure\n")
    done = command("terms", "--service", "north", "--load", table)
    assert done.exit_code == 1
    assert "Line 2 needs a vocabulary, a code and one of these needs" in done.output
