"""The embedded servers start from nothing, keep their data, and leave nothing behind."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from kombu import Connection
from sqlalchemy import create_engine, make_url, text

from casework.commands import postgres, valkey
from casework.commands.folders import ServersBusy
from casework.commands.servers import (
    APP,
    OWNER,
    READER,
    Servers,
    ServersMissing,
    broker_url_of,
    connect_as_admin,
    create_database,
    create_roles,
    database_exists,
    drop_database,
    embedded,
)

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module", params=["system", "wheels"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Servers]:
    """The servers of this machine, then those of the wheels."""
    source = {"system": request.param == "system", "wheels": request.param == "wheels"}
    if not postgres.installations(**source):
        pytest.skip(f"this machine has no PostgreSQL from {request.param}")
    redis_url = None
    if valkey.find_binary(**source) is None:
        redis_url = "redis://localhost:1"  # only PostgreSQL is looked at then
    with embedded(
        tmp_path_factory.mktemp(request.param), durable=False, redis_url=redis_url, **source
    ) as servers:
        create_roles(servers)
        yield servers


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with embedded(tmp_path_factory.mktemp("both"), durable=False) as servers:
        yield servers


def test_the_application_role_owns_nothing_and_obeys_row_security(running: Servers) -> None:
    with connect_as_admin(running) as connection:
        rows = connection.execute(
            "SELECT rolname, rolcanlogin, rolbypassrls, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname LIKE 'casework%'"
        ).fetchall()
    assert sorted(rows) == [
        (APP, True, False, False, False, False),
        (OWNER, True, False, False, False, False),
        (READER, True, True, False, False, False),
    ]


def test_creating_the_roles_again_changes_nothing(running: Servers) -> None:
    create_roles(running)


def test_a_database_is_cloned_from_a_template_and_dropped_in_use(running: Servers) -> None:
    create_database(running, "pattern")
    owner = create_engine(running.url(OWNER, "pattern"))
    with owner.begin() as connection:
        connection.execute(text("CREATE TABLE kept (word text)"))
        connection.execute(text("INSERT INTO kept VALUES ('hello')"))
    owner.dispose()
    create_database(running, "copy", template="pattern")
    clone = create_engine(running.url(OWNER, "copy"))
    with clone.connect() as connection:
        assert connection.scalar(text("SELECT word FROM kept")) == "hello"
        drop_database(running, "copy")
        connection.invalidate()
    clone.dispose()
    assert not database_exists(running, "copy")
    drop_database(running, "copy")


def test_the_reader_can_change_nothing_and_the_application_creates_no_tables(
    running: Servers,
) -> None:
    create_database(running, "refused")
    for role, refusal in ((READER, "read-only transaction"), (APP, "permission denied")):
        engine = create_engine(running.url(role, "refused"))
        with engine.connect() as connection, pytest.raises(Exception, match=refusal):
            connection.execute(text("CREATE TABLE mine (x int)"))
        engine.dispose()


def test_case_and_stems_work_beyond_ascii(running: Servers) -> None:
    with connect_as_admin(running) as connection:
        row = connection.execute(
            "SELECT lower('ÉLÈVE À'), to_tsvector('french', 'les hébergements') @@ to_tsquery('french', 'hébergement')"
        ).fetchone()
        encoding = connection.execute("SHOW server_encoding").fetchone()
    assert row == ("élève à", True)
    assert encoding == ("UTF8",)


def test_the_log_repeats_nothing_that_was_said(running: Servers) -> None:
    with connect_as_admin(running) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS once (word text UNIQUE CHECK (length(word) < 30))"
        )
        for word in ("marked-value", "marked-value", "marked-value" * 9):
            try:
                connection.execute("INSERT INTO once VALUES (%s)", [word])
            except psycopg.Error:
                continue
        with pytest.raises(psycopg.Error):
            connection.execute("SELECT 'marked-value' FROM nowhere")
    log = running.children[0].log.read_text()
    assert "violates unique constraint" in log
    assert "marked-value" not in log


def test_nothing_listens_on_a_network(running: Servers) -> None:
    with connect_as_admin(running) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_the_socket_folder_is_closed_to_others(both: Servers) -> None:
    folder = Path(str(both.superuser_url.query["host"]))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(os.fsencode(folder)) <= 80


def test_one_address_serves_redis_and_one_celery(both: Servers) -> None:
    client = redis.Redis.from_url(both.redis_url)
    assert client.ping()
    assert client.config_get("save")["save"] == ""
    client.close()
    with Connection(both.broker_url) as connection:
        queue = connection.SimpleQueue("setup")
        queue.put({"id": 1})
        message = queue.get(timeout=5)
        message.ack()
        queue.close()
    assert message.payload == {"id": 1}


@pytest.mark.parametrize(
    ("ours", "celerys"),
    [
        ("unix:///run/v.sock", "redis+socket:///run/v.sock?virtual_host=0"),
        ("unix:///run/v.sock?db=3", "redis+socket:///run/v.sock?virtual_host=3"),
        ("rediss://:secret@cache.example:6380/1", "rediss://:secret@cache.example:6380/1"),
    ],
)
def test_celery_writes_a_socket_in_its_own_way(ours: str, celerys: str) -> None:
    assert broker_url_of(ours) == celerys


def test_given_addresses_start_nothing(tmp_path: Path, both: Servers) -> None:
    given = both.admin_url()
    with embedded(tmp_path, durable=False, admin_url=given, redis_url=both.redis_url) as servers:
        assert servers.children == ()
        create_roles(servers)
        create_database(servers, "given")
        assert make_url(servers.url(APP, "given")).password
        engine = create_engine(servers.url(APP, "given"))
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT current_user")) == APP
        engine.dispose()
    assert "password" not in repr(servers)


def test_neither_wheels_nor_path_gives_one_clear_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(ServersMissing) as failure,
        embedded(tmp_path, durable=False, system=False, wheels=False),
    ):
        pass
    said = str(failure.value)
    assert "\n" not in said
    for word in (
        "PostgreSQL 15 or newer",
        "Redis or Valkey",
        "on PATH",
        "DATABASE_URL",
        "REDIS_URL",
    ):
        assert word in said


def test_only_what_is_missing_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(ServersMissing, match="needs Redis or Valkey\\. Install redis-server"),
        embedded(
            tmp_path,
            durable=False,
            admin_url="postgresql+psycopg://x@/y",
            system=False,
            wheels=False,
        ),
    ):
        pass


def test_a_second_start_in_the_same_folder_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    with embedded(tmp_path, durable=False) as first:
        with (
            pytest.raises(ServersBusy, match=f"process {os.getpid()}"),
            embedded(tmp_path, durable=False),
        ):
            pass
        assert database_exists(first, "postgres")


def test_data_of_another_version_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "data_version", lambda _data: 12)
    with (
        pytest.raises(ServersMissing, match="made by PostgreSQL 12"),
        embedded(tmp_path, durable=False),
    ):
        pass
