"""Migrations: one head, the same schema as the models, up and down with data, walls on every table."""

import uuid
from pathlib import Path
from typing import Any

import flask_migrate
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool

from casework import create_app
from casework.commands.servers import OWNER, create_database, drop_database
from casework.extensions import db
from tests.conftest import settings_for


def test_there_is_one_head(app: Flask) -> None:
    with app.app_context():
        config = app.extensions["migrate"].migrate.get_config()
        assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_the_models_equal_the_migrated_schema(live_db: Flask) -> None:
    with live_db.app_context():
        flask_migrate.check()


def test_migrations_run_down_and_up_again_over_data(
    servers: Any, keys: str, template: str, tmp_path: Path
) -> None:
    name = f"down_{uuid.uuid4().hex[:8]}"
    create_database(servers, name, template=template)
    app = create_app(settings_for(servers, keys, name, tmp_path))
    with app.app_context():
        flask_migrate.downgrade(revision="base")
        engine = create_engine(servers.url(OWNER, name), poolclass=NullPool)
        assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
        flask_migrate.upgrade()
        assert len(inspect(engine).get_table_names()) > 20
        for bound in db.engines.values():
            bound.dispose()
    drop_database(servers, name)


def test_every_table_of_a_service_stands_behind_its_wall(
    servers: Any, template: str, as_owner: Any
) -> None:
    rows = as_owner(
        template,
        "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, "
        "EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid) "
        "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'service_id' "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')",
    )
    assert len(rows) > 15
    assert [row for row in rows if not row[1] or not row[3]] == []
    # Under FORCE even the owner's own dump would fail (engine.md section 5).
    assert [row for row in rows if row[2]] == []


def test_the_application_owns_nothing(servers: Any, template: str, as_owner: Any) -> None:
    owned = as_owner(
        template,
        "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner "
        "WHERE r.rolname = 'casework_app'",
    )
    assert owned[0][0] == 0


def test_foreign_keys_between_services_carry_the_service(app: Flask) -> None:
    loose = []
    for table in db.metadata.tables.values():
        if "service_id" not in table.columns:
            continue
        for key in table.foreign_key_constraints:
            target = key.referred_table
            is_walled = "service_id" in target.columns
            if is_walled and "service_id" not in key.column_keys:
                loose.append(f"{table.name}.{key.column_keys}")
    assert loose == []
