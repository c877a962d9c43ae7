"""Keys and indexes taken off for a mass of rows: all of them come back, whatever happens in between."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from casework import create_app
from casework.commands.seed.crowd import put_back_all
from casework.commands.seed.pouring import AUDIT, tables
from casework.commands.seed.stripping import NotPutBack, is_stripped, put_back, stripped, take_off
from casework.commands.servers import APP, OWNER, create_database, drop_database
from tests.conftest import settings_for

POURED = [*tables(), *AUDIT]
STANDING = text("""
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT tablename, indexname, indexdef, true FROM pg_indexes WHERE schemaname = 'public'
    ORDER BY 1, 2, 3
""")
BROKEN = text(
    "INSERT INTO data_key (owner_id, service_id, kek_id, wrapped, created_at)"
    " VALUES (gen_random_uuid(), gen_random_uuid(), 1, '', now())"
)
MENDED = text("DELETE FROM data_key WHERE wrapped = ''")


@pytest.fixture
def name(servers: Any, template: str) -> Iterator[str]:
    made = f"stripped_{uuid.uuid4().hex[:10]}"
    create_database(servers, made, template=template)
    yield made
    drop_database(servers, made)


@pytest.fixture
def owner(servers: Any, name: str) -> Iterator[Connection]:
    """Connect as the owner of the tables, as a seed does."""
    with create_engine(servers.url(OWNER, name), poolclass=NullPool).connect() as connection:
        yield connection


def standing(connection: Connection) -> list[Any]:
    with connection.begin():
        return list(connection.execute(STANDING))


def test_only_what_consent_is_asked_by_keeps_its_keys_and_all_come_back(owner: Connection) -> None:
    """R1: the consent of each copy is looked for while it is written."""
    before = standing(owner)
    with stripped(owner, POURED):
        left = standing(owner)
        assert is_stripped(owner)
    bare = {table for table, *_rest in before if table.strip('"') in POURED}
    kept = [row for row in left if row[0] in bare and not row[2].startswith("CHECK")]
    assert {table.strip('"') for table, *_rest in kept} == {"person", "case", "consent"}
    assert not any(row[2].startswith("FOREIGN KEY") for row in kept)
    assert len(before) - len(left) > 100
    assert standing(owner) == before
    assert not is_stripped(owner)


def test_a_failure_in_between_leaves_nothing_bare(owner: Connection) -> None:
    before = standing(owner)
    with pytest.raises(ZeroDivisionError), stripped(owner, POURED):
        raise ZeroDivisionError
    assert standing(owner) == before


def test_what_a_dead_process_took_off_comes_back_with_the_next_seed(
    servers: Any, keys: str, owner: Connection, name: str, tmp_path: Any
) -> None:
    before = standing(owner)
    take_off(owner, POURED)
    with create_app(settings_for(servers, keys, name, tmp_path)).app_context():
        assert put_back_all() > 100
        assert put_back_all() == 0
    assert standing(owner) == before


def test_a_row_that_belongs_nowhere_is_found_when_the_keys_come_back(owner: Connection) -> None:
    """The sentence says how to go on, and going on loses nothing."""
    before = standing(owner)
    take_off(owner, POURED)
    with owner.begin():
        owner.execute(BROKEN)
    with pytest.raises(NotPutBack, match=r"casework seed --cases 0.*data_key"):
        put_back(owner)
    assert is_stripped(owner)
    with owner.begin():
        owner.execute(MENDED)
    assert put_back(owner) > 0
    assert standing(owner) == before


def test_the_application_itself_cannot_take_anything_off(servers: Any, name: str) -> None:
    """Only the owner may: with the role of pages and workers nothing changes."""
    with create_engine(servers.url(APP, name), poolclass=NullPool).connect() as connection:
        before = standing(connection)
        with pytest.raises(Exception, match=r"permission denied|must be owner"):
            take_off(connection, POURED)
        assert standing(connection) == before
