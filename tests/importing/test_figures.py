"""While an import writes, PostgreSQL learns what the directory holds: no statement is planned for an empty one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from casework.extensions import db as database_extension
from casework.importing import policy, services
from tests.importing.conftest import Import


def directory_of(count: int) -> str:
    """Write a source of so many services, three of each agency."""
    services = [
        {
            "id": f"s-{number}",
            "name": f"Service {number}",
            "organization": {"id": f"a-{number // 3}", "name": f"Agency {number // 3}"},
        }
        for number in range(count)
    ]
    return json.dumps({"contents": services})


@pytest.mark.parametrize(("count", "times"), [(4, 0), (5, 2), (12, 3), (40, 5)])
def test_figures_are_taken_whenever_the_directory_has_doubled_and_at_its_end(
    imported: Import,
    written: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    times: int,
) -> None:
    """A first import of 60,000 services stood six minutes over its last statement alone."""
    monkeypatch.setattr(policy, "BATCH", 5)
    learned: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "casework_learn_directory" in statement:
            learned.append(statement)

    engine = database_extension.session.get_bind()
    event.listen(engine, "before_cursor_execute", keep)
    try:
        imported("hsds-json", written("many.json", directory_of(count)))
    finally:
        event.remove(engine, "before_cursor_execute", keep)
    assert len(learned) == times


def test_what_is_learned_counts_what_the_import_has_just_written(
    imported: Import, written: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "BATCH", 50)
    imported("hsds-json", written("many.json", directory_of(100)))
    known = text("SELECT reltuples FROM pg_class WHERE relname = :name")
    seen = {
        name: database_extension.session.scalar(known, {"name": name})
        for name in ("directory_service", "organization")
    }
    assert seen["directory_service"] >= 100
    assert seen["organization"] >= 33


def test_what_is_learned_while_a_directory_is_written_counts_the_batch_just_written(
    imported: Import, written: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Figures of the time before a batch are those of an empty directory: the next one pays for it."""
    monkeypatch.setattr(policy, "BATCH", 50)
    counted: list[int] = []
    count = text("SELECT count(*) FROM directory_service WHERE source_id IS NOT NULL")

    def keep() -> None:
        counted.append(database_extension.session.scalar(count))

    monkeypatch.setattr(services, "learn", keep)
    before = database_extension.session.scalar(count)
    imported("hsds-json", written("many.json", directory_of(100)))
    assert [each - before for each in counted] == [50, 100, 100]
