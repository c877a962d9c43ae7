"""Opens the application for one command: configured, inside its context, committed at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from casework import create_app, database
from casework.accounts import queries as accounts
from casework.accounts.models import Service
from casework.commands.addresses import NotAnAddress, engine_for
from casework.config import ConfigurationError, Settings
from casework.vault import KeyRetired, RingRefused


@contextmanager
def application() -> Iterator[Flask]:
    """Open the application; what is missing is one sentence, not a traceback."""
    try:
        app = create_app()
    except (ConfigurationError, RingRefused) as error:
        raise click.ClickException(str(error)) from None
    with app.app_context():
        try:
            yield app
            database.commit()
        except database.Refused as refusal:
            database.rollback()
            raise click.ClickException(str(refusal.message)) from None
        except KeyRetired as refusal:
            database.rollback()
            raise click.ClickException(str(refusal)) from None
        except OperationalError as error:
            database.rollback()
            # A deadlock or a time limit has a code: that is not a database which does not answer.
            if getattr(error.orig, "sqlstate", None) is not None:
                raise
            raise click.ClickException(
                "The database does not answer: look at DATABASE_URL, and whether it runs."
            ) from None
        except BaseException:
            database.rollback()
            raise


def chosen_service(code: str) -> Service:
    """Find a service by its code and enter it."""
    service = accounts.service_by_code(code)
    if service is None:
        raise click.ClickException(f"There is no service with the code {code}.")
    database.enter_service(service.id)
    return service


@contextmanager
def every_service(settings: Settings) -> Iterator[Connection]:
    """Open the database as a role that sees the rows of all services, to count them."""
    url = settings.reader_database_url or settings.migration_database_url
    if not url:
        raise click.ClickException("READER_DATABASE_URL is not set: it reads every service’s rows.")
    try:
        engine = engine_for(url, "READER_DATABASE_URL")
    except NotAnAddress as problem:
        raise click.ClickException(str(problem)) from None
    try:
        with engine.connect() as connection:
            # A role behind the walls would count nothing, and so find everything in order.
            if connection.execute(text("SELECT row_security_active('data_key')")).scalar_one():
                raise click.ClickException(
                    "READER_DATABASE_URL must name the reader’s role: this one does not see all services."
                )
            yield connection
    except OperationalError:
        raise click.ClickException("The database of READER_DATABASE_URL does not answer.") from None
