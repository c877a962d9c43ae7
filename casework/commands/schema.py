"""Brings the database's schema up to date."""

import click
import flask_migrate

from casework.commands.applications import application


@click.group("db")
def database_group() -> None:
    """The database."""


@database_group.command("upgrade")
def upgrade_command() -> None:
    """Run the migrations that are missing, as the owner of the tables."""
    with application():
        flask_migrate.upgrade()
    click.echo("The database is up to date.")
