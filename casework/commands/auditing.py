"""Checks the audit's chain without trusting the application that wrote it."""

import sys

import click
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from casework.audit.verify import verify
from casework.config import ConfigurationError, read_settings


@click.group("audit")
def audit_group() -> None:
    """The audit: append-only, chained, verifiable."""


@audit_group.command("verify")
def verify_command() -> None:
    """Recompute the whole chain; exit 1 and say where it breaks."""
    try:
        settings = read_settings()
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None
    url = settings.reader_database_url or settings.migration_database_url
    if not url:
        raise click.ClickException("READER_DATABASE_URL is not set: it reads every service’s log.")
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    with engine.connect() as connection:
        result = verify(connection)
    engine.dispose()
    if not result.is_intact:
        click.echo(f"BROKEN at entry {result.broken_at}: {result.reason}")
        sys.exit(1)
    click.echo(f"The chain is whole: {result.entries} entries, head {result.head}.")
