"""Checks the audit's chain without trusting the application that wrote it."""

import sys

import click

from casework.audit.sealed_rows import SealedResult, verify_sealed
from casework.audit.verify import verify
from casework.commands.applications import every_service
from casework.config import ConfigurationError, read_settings
from casework.extensions import Base


@click.group("audit")
def audit_group() -> None:
    """The audit: append-only, chained, verifiable."""


@audit_group.command("verify")
@click.option(
    "--sealed",
    "is_sealed",
    is_flag=True,
    help="Also hash every sealed row and compare it with what was written last.",
)
def verify_command(is_sealed: bool) -> None:
    """Recompute the whole chain; exit 1 and say where it breaks."""
    try:
        settings = read_settings()
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None
    with every_service(settings) as connection:
        result = verify(connection)
        sealed = verify_sealed(connection, Base) if is_sealed and result.is_intact else None
    if not result.is_intact:
        click.echo(f"BROKEN at entry {result.broken_at}: {result.reason}")
        sys.exit(1)
    click.echo(f"The chain is whole: {result.entries} entries, head {result.head}.")
    if sealed is not None:
        _tell_sealed(sealed)


def _tell_sealed(sealed: SealedResult) -> None:
    """Say which rows hold an older value, by table and id, and exit 1 when there is one."""
    for table, row_id in sealed.replayed:
        click.echo(f"REPLAYED {table} {row_id}: it does not hold what was written last.")
    for table, count in sorted(sealed.unrecorded.items()):
        click.echo(f"{count} rows of {table} were never recorded: nothing can be said of them.")
    if not sealed.is_intact:
        sys.exit(1)
    recorded = sealed.rows - sealed.unrecorded.total()
    click.echo(f"Every sealed row is as it was last written: {recorded} rows.")
