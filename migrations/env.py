"""Alembic's environment: migrations run as the owner of the tables, never as the application."""

from alembic import context
from flask import current_app
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from casework.extensions import db

settings = current_app.config["CASEWORK"]


def render_item(kind: str, item: object, autogen: object) -> str | bool:
    """Write our own column types as plain ones, so that migrations never import the application."""
    name = type(item).__name__
    if kind == "type" and name == "CodeType":
        return "sa.String(length=40)"
    if kind == "type" and name == "Sealed":
        return "sa.LargeBinary()"
    return False


def run() -> None:
    """Run the migrations in one transaction."""
    url = settings.migration_database_url or settings.database_url
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            compare_type=False,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
