"""A key retires only when nobody needs it: not the writer under way, not the process with an old ring."""

import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import pytest
import structlog
from click.testing import Result
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from casework import create_app, database
from casework.config import read_settings
from casework.extensions import db
from casework.vault import KeyRetired, RingRefused, create_key, index_put, refuse_misfit, retiring
from casework.vault.changes import Part, add_key
from casework.vault.data_keys import ciphers_for
from casework.vault.keyring import parse_ring
from casework.vault.providers import KeyFile
from tests.vault.installation import PHONE, Installation
from tests.world import World

Statement = Callable[..., list[Any]]


@pytest.fixture
def ask(installation: Installation) -> Statement:
    """Give the owner's way to the rows of all services."""
    engine = create_engine(installation.environment["MIGRATION_DATABASE_URL"], poolclass=NullPool)

    def execute(statement: str, **values: Any) -> list[Any]:
        with engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    return execute


@pytest.fixture
def somebody_else() -> Iterator[ThreadPoolExecutor]:
    """Give another who works at the same time."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


class Writer:
    """Somebody who keeps a new person, and has not committed yet."""

    def __init__(self, installation: Installation, part: Part, pool: ThreadPoolExecutor) -> None:
        self.owner = uuid4()
        self._wrote, self._go_on = Event(), Event()
        self._work = pool.submit(self._write, installation, part)
        assert self._wrote.wait(60)

    def _write(self, installation: Installation, part: Part) -> None:
        with installation.app.app_context():
            service = World.load().north
            database.enter_service(service.id)
            if part is Part.KEKS:
                create_key(service.id, self.owner)
            else:
                index_put(service.id, self.owner, "phone", PHONE)
            database.flush()
            self._wrote.set()
            self._go_on.wait(60)
            database.commit()
            db.session.remove()

    def commit(self) -> None:
        self._go_on.set()
        self._work.result(60)


def retire(installation: Installation, part: Part = Part.KEKS) -> Result:
    index = ("--index",) if part is Part.INDEX else ()
    return installation.run("keys", "retire", "1", "--yes", *index)


def numbers(installation: Installation, part: Part = Part.KEKS) -> list[int]:
    ring = parse_ring(installation.source.load(), "it")
    return ring.kek_ids if part is Part.KEKS else ring.index_versions


def error_of(result: Result) -> str:
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    return result.output


def opened(installation: Installation, owner: UUID) -> bool:
    with installation.app.app_context():
        database.enter_service(World.load().north.id)
        found = not isinstance(ciphers_for([owner])[owner], str)
        db.session.remove()
    return found


@pytest.mark.parametrize("part", list(Part))
def test_a_key_somebody_is_writing_under_does_not_retire(
    installation: Installation,
    ask: Statement,
    somebody_else: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
    part: Part,
) -> None:
    monkeypatch.setattr(retiring, "PATIENCE", "1s")
    writer = Writer(installation, part, somebody_else)
    installation.rotate_at_once(part)
    try:
        assert "writing for more than 1 seconds" in error_of(retire(installation, part))
    finally:
        writer.commit()
    assert numbers(installation, part) == [1, 2]
    assert ask("SELECT * FROM retired_key") == []
    assert "is still needed by 1 " in error_of(retire(installation, part))
    assert installation.run("keys", "status").exit_code == 0


def test_what_is_committed_while_retire_waits_is_counted(
    installation: Installation,
    ask: Statement,
    somebody_else: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retiring, "PATIENCE", "60s")
    writer = Writer(installation, Part.KEKS, somebody_else)
    installation.rotate_at_once()
    with ThreadPoolExecutor(1) as operator:
        answer: Future[Result] = operator.submit(retire, installation)
        while not ask("SELECT 1 FROM pg_locks WHERE NOT granted AND mode LIKE 'ShareRow%'"):
            assert not answer.done(), answer.result().output
            time.sleep(0.05)
        writer.commit()
        assert "is still needed by 1 data keys" in error_of(answer.result(60))
    assert numbers(installation) == [1, 2]
    assert installation.run("keys", "rewrap").exit_code == 0
    assert retire(installation).exit_code == 0
    assert opened(installation, writer.owner)


@pytest.mark.parametrize("part", list(Part))
def test_a_process_with_an_old_ring_writes_nothing_and_says_so_once(
    installation: Installation, ask: Statement, tmp_path: Path, part: Part
) -> None:
    shutil.copy(installation.source.path, forgotten := tmp_path / "forgotten.json")
    settings = installation.environment | {"CASEWORK_KEYS": f"file:{forgotten}"}
    app = create_app(read_settings(settings))
    installation.rotate_at_once(part)
    assert retire(installation, part).exit_code == 0
    assert numbers(installation, part) == [2]
    with app.app_context(), structlog.testing.capture_logs() as lines:
        service = World.load().north
        database.enter_service(service.id)
        with pytest.raises(KeyRetired, match="nothing was written"):
            if part is Part.KEKS:
                create_key(service.id, uuid4())
            else:
                index_put(service.id, uuid4(), "phone", PHONE)
        database.rollback()
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    assert [line["event"] for line in lines] == ["vault.key_retired"]
    assert ask("SELECT owner_id FROM data_key UNION ALL SELECT owner_id FROM index_term") == []
    with pytest.raises(RingRefused, match="current key is retired"):
        refuse_misfit(app)
    assert app.test_client().get("/readyz").json["checks"]["keys"] is False


def test_a_command_with_an_old_ring_ends_with_a_sentence(
    installation: Installation, tmp_path: Path
) -> None:
    installation.add_owner()
    shutil.copy(installation.source.path, forgotten := tmp_path / "forgotten.json")
    installation.rotate_at_once()
    installation.rewrap_all()
    assert retire(installation).exit_code == 0
    # The forgotten host would move everything back under the old key, had it the new one too.
    stale = KeyFile(forgotten)
    ring = installation.source.load()
    document = stale.load().replace('"keks": {', '"keks": {' + _second_key(ring) + ", ")
    stale.store(document)
    refused = installation.run("keys", "rewrap", CASEWORK_KEYS=f"file:{forgotten}")
    assert "a key that is retired" in error_of(refused)


def _second_key(ring: str) -> str:
    start = ring.index('"2":')
    return ring[start : ring.index("}", start)]


def test_a_ring_that_could_not_be_written_is_retired_by_the_same_command_again(
    installation: Installation, ask: Statement, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.rotate_at_once()

    def full(*_: object, **__: object) -> None:
        raise RingRefused("The key file cannot be written: no space left on device.")

    monkeypatch.setattr(KeyFile, "store", full)
    assert "no space left" in error_of(retire(installation))
    monkeypatch.undo()
    assert numbers(installation) == [1, 2]
    assert ask("SELECT part, number FROM retired_key") == [("keks", 1)]
    assert retire(installation).exit_code == 0
    assert numbers(installation) == [2]
    assert ask("SELECT part, number FROM retired_key") == [("keks", 1)]


def test_a_waiting_key_that_the_database_retired_never_becomes_current(
    installation: Installation, ask: Statement
) -> None:
    installation.source.store(add_key(installation.source.load(), Part.KEKS).ring)
    ask("INSERT INTO retired_key VALUES ('keks', 2)")
    refused = installation.run("keys", "rotate", "--activate")
    assert "Key 2 is retired in the database" in error_of(refused)
    assert parse_ring(installation.source.load(), "it").current == 1


def test_rows_of_an_older_backup_stay_and_may_leave_a_retired_key(
    installation: Installation, ask: Statement
) -> None:
    owner = installation.add_owner()
    ask("INSERT INTO retired_key VALUES ('keks', 1), ('index', 1)")
    ask("UPDATE data_key SET failed_for = 2")
    ask("UPDATE index_term SET failed_for = 2")
    installation.rotate_at_once()
    assert installation.run("keys", "rewrap").exit_code == 0
    assert ask("SELECT kek_id FROM data_key") == [(2,)]
    assert opened(installation, owner)


def test_readyz_fails_while_the_ring_could_not_be_read_anew(installation: Installation) -> None:
    client = installation.app.test_client()

    def fits() -> bool:
        return bool(client.get("/readyz").json["checks"]["keys"])

    good = installation.source.load()
    assert fits()
    installation.source.store("{}")
    assert not fits()
    assert not fits()
    installation.source.store(good)
    assert fits()
