"""The second wall: PostgreSQL itself shows a service only its own rows, in every table there is."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Connection,
    Table,
    create_engine,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from casework.accounts import queries, services
from casework.database import CodeType, Model, enter_service
from tests.world import PASSWORD

NORTH, SOUTH = uuid.uuid4(), uuid.uuid4()
TENANT_TABLES = sorted(
    name for name, table in Model.metadata.tables.items() if "service_id" in table.columns
)
REFUSED = re.compile("row-level security|permission denied")
ENTER = text("SELECT set_config('casework.service', :service, true)")
# Values that a check constraint or a type asks for.
AT = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


def sample(table: Table, service_id: uuid.UUID) -> dict[str, Any]:
    """Make a row with something in every column that must not be empty."""
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.name == "service_id":
            row[column.name] = service_id
        elif not column.nullable:
            row[column.name] = _value(column.type, service_id)
    return row


def _value(kind: Any, service_id: uuid.UUID) -> Any:
    if isinstance(kind, CodeType):
        return next(iter(kind.codes))
    if isinstance(kind, JSON):
        return []
    number = service_id.int % 1000
    samples: dict[type, Any] = {
        uuid.UUID: uuid.uuid4(),
        str: uuid.uuid4().hex[:8],
        bytes: uuid.uuid4().bytes * 2,
        bool: False,
        int: number,
        datetime: AT,
        date: AT.date(),
        list: [],
    }
    if isinstance(kind, TSVECTOR):
        return ""
    return samples.get(kind.python_type, uuid.uuid4().bytes * 2)


@pytest.fixture(scope="module")
def two_services(servers: Any, app: Any) -> Iterator[Connection]:
    """Write one row of each of two services into every table, and become the application.

    The superuser writes them without regard to keys; nothing is ever committed.
    """
    engine = create_engine(servers.admin_url("casework_rolled_back"), poolclass=NullPool)
    with engine.connect() as connection:
        outer = connection.begin()
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for name in TENANT_TABLES:
            table = Model.metadata.tables[name]
            for service_id in (NORTH, SOUTH):
                connection.execute(insert(table).values(sample(table, service_id)))
        connection.execute(text("SET LOCAL session_replication_role = origin"))
        connection.execute(text("SET LOCAL ROLE casework_app"))
        yield connection
        outer.rollback()
    engine.dispose()


@pytest.fixture
def wall(two_services: Connection) -> Iterator[Connection]:
    """Give that connection with no service entered; what a test does is undone after it."""
    savepoint = two_services.begin_nested()
    yield two_services
    savepoint.rollback()


def enter(connection: Connection, service_id: uuid.UUID | None) -> None:
    connection.execute(ENTER, {"service": str(service_id or "")})


def seen(connection: Connection, name: str) -> list[uuid.UUID]:
    table = Model.metadata.tables[name]
    return list(connection.execute(select(table.columns.service_id)).scalars())


def test_there_are_tables_to_test() -> None:
    assert {"membership", "web_session", "case", "person", "notice"} <= set(TENANT_TABLES)


@pytest.mark.parametrize("name", TENANT_TABLES)
def test_with_no_service_entered_no_row_shows(wall: Connection, name: str) -> None:
    assert seen(wall, name) == []
    enter(wall, None)
    assert seen(wall, name) == []


@pytest.mark.parametrize("name", TENANT_TABLES)
def test_a_service_sees_its_own_rows_only(wall: Connection, name: str) -> None:
    for service_id in (NORTH, SOUTH):
        enter(wall, service_id)
        assert seen(wall, name) == [service_id]


@pytest.mark.parametrize("name", TENANT_TABLES)
def test_a_row_cannot_be_written_into_another_service(wall: Connection, name: str) -> None:
    table = Model.metadata.tables[name]
    enter(wall, NORTH)
    with pytest.raises(ProgrammingError, match=REFUSED):
        wall.execute(insert(table).values(sample(table, SOUTH)))


@pytest.mark.parametrize("name", TENANT_TABLES)
def test_a_row_of_another_service_cannot_be_changed_or_deleted(wall: Connection, name: str) -> None:
    table = Model.metadata.tables[name]
    enter(wall, NORTH)
    for statement in (
        update(table).where(table.columns.service_id == SOUTH).values(service_id=NORTH),
        table.delete().where(table.columns.service_id == SOUTH),
    ):
        try:
            with wall.begin_nested():
                assert wall.execute(statement).rowcount == 0
        except ProgrammingError as refused:
            assert "permission denied" in str(refused)
    enter(wall, SOUTH)
    assert seen(wall, name) == [SOUTH]


@pytest.mark.parametrize("name", TENANT_TABLES)
def test_a_row_cannot_be_moved_to_another_service(wall: Connection, name: str) -> None:
    table = Model.metadata.tables[name]
    enter(wall, NORTH)
    with pytest.raises(ProgrammingError, match=REFUSED):
        wall.execute(update(table).values(service_id=SOUTH))


@pytest.mark.parametrize("name", TENANT_TABLES)
def test_a_key_to_another_table_carries_the_service(wall: Connection, name: str) -> None:
    """Foreign keys ignore policies: without the service in them a row could point across."""
    wall.execute(text("RESET ROLE"))
    for key in inspect(wall).get_foreign_keys(name):
        target = key["referred_table"]
        if target not in TENANT_TABLES:
            assert target in ("service", "account"), f"{name} points to {target}"
            continue
        assert "service_id" in key["constrained_columns"], f"{name} -> {target}"
        place = key["constrained_columns"].index("service_id")
        assert key["referred_columns"][place] == "service_id"


@pytest.mark.parametrize("name", TENANT_TABLES)
def test_row_level_security_is_on_and_the_application_owns_nothing(
    wall: Connection, name: str
) -> None:
    row = wall.execute(
        text(
            "SELECT c.relrowsecurity, pg_get_userbyid(c.relowner) FROM pg_class c "
            "WHERE c.relname = :name AND c.relnamespace = 'public'::regnamespace"
        ),
        {"name": name},
    ).one()
    assert tuple(row) == (True, "casework_owner")


def test_every_other_table_is_known_to_hold_nothing_of_a_service(wall: Connection) -> None:
    """A table without service_id is a decision, listed here."""
    others = set(Model.metadata.tables) - set(TENANT_TABLES)
    assert others == {"service", "account", "audit_head", "retired_key"}


def test_an_account_shows_only_through_a_membership(db: Any, world: Any) -> None:
    count = select(func.count()).select_from(Model.metadata.tables["account"])
    assert db.session.execute(count).scalar_one() == 5
    enter_service(world.south.id)
    assert db.session.execute(count).scalar_one() == 1
    enter_service(None)
    assert db.session.execute(count).scalar_one() == 0


@pytest.mark.parametrize("what", ["UPDATE account SET display_name = 'x'", "DELETE FROM account"])
def test_an_account_of_another_service_cannot_be_changed(db: Any, world: Any, what: str) -> None:
    enter_service(world.south.id)
    statement = text(f"{what} WHERE id = :id")
    try:
        with db.session.begin_nested():
            changed = db.session.execute(statement, {"id": world.amina.account_id}).rowcount
    except ProgrammingError as refused:
        assert "permission denied" in str(refused)
        changed = 0
    assert changed == 0


def test_a_service_can_only_be_added_by_whoever_entered_it(db: Any, world: Any) -> None:
    table = Model.metadata.tables["service"]
    row = sample(table, NORTH) | {"code": "other", "time_zone": "America/Toronto"}
    with pytest.raises(ProgrammingError, match="row-level security"):
        db.session.execute(insert(table).values(row))


# --- the look-ups that come before a service ------------------------------------------------------


def functions(connection: Any) -> dict[str, Any]:
    rows = connection.execute(
        text(
            "SELECT p.proname, p.proconfig, pg_get_userbyid(p.proowner) AS owner, p.proacl::text AS acl "
            "FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace"
        )
    )
    return {row.proname: row for row in rows}


def test_there_are_ten_such_functions_and_each_is_narrow(db: Any, world: Any) -> None:
    found = functions(db.session)
    assert set(found) == {
        "casework_sign_in",
        "casework_session",
        "casework_link",
        "casework_calendar",
        "casework_find",
        "casework_ranked",
        "casework_learn_directory",
        "casework_keys_in_use",
        "casework_index_versions_in_use",
        "casework_retire_key",
    }
    for function in found.values():
        assert function.owner == "casework_owner"
        assert any(setting.startswith("search_path=pg_catalog") for setting in function.proconfig)
        grantees = {grant.split("=")[0].strip('{"') for grant in function.acl.split(",")}
        assert grantees == {"casework_owner", "casework_app"}


def test_the_one_that_searches_stands_on_the_same_wall(db: Any, world: Any) -> None:
    """It finds what the service that is entered has, of another's nothing, and without one nothing."""
    asked = text("SELECT id FROM casework_find(CAST(:mark AS tsquery), 100)")

    def found(service_id: uuid.UUID | None) -> set[uuid.UUID]:
        enter_service(service_id)
        return set(db.session.scalars(asked, {"mark": "'kind:shelter' | 'kind:food_bank'"}))

    north, south = found(world.north.id), found(world.south.id)
    assert north
    assert south
    assert not north & south
    assert not found(None)


def test_the_one_that_ranks_stands_there_too_and_what_it_calls_is_nobodys(
    db: Any, world: Any
) -> None:
    """What takes the id of a service from its caller may be called by no role of the application."""
    asked = text("SELECT unnest(casework_ranked(NULL, CAST(:mark AS tsquery), 100))")

    def found(service_id: uuid.UUID | None) -> set[uuid.UUID]:
        enter_service(service_id)
        return set(db.session.scalars(asked, {"mark": "'kind:shelter' | 'kind:food_bank'"}))

    north, south = found(world.north.id), found(world.south.id)
    assert north
    assert south
    assert not north & south
    assert not found(None)
    enter_service(world.north.id)
    given = text("SELECT casework_some(:other, NULL, NULL, false, 10)")
    with pytest.raises(ProgrammingError, match="permission denied"), db.session.begin_nested():
        db.session.execute(given, {"other": world.south.id})


def test_they_answer_one_row_for_an_exact_key_and_nothing_else(db: Any, world: Any) -> None:
    token = services.sign_in(world.amina.email, PASSWORD)
    assert token is not None
    enter_service(None)
    found = queries.session_of(token)
    assert found is not None
    assert found.service_id == world.north.id
    assert queries.account_to_sign_in("%@north.example") is None
    assert queries.account_to_sign_in("") is None
    row = queries.account_to_sign_in(world.amina.email)
    assert row is not None
    assert list(row.memberships) == [world.north.id]
