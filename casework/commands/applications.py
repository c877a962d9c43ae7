"""Opens the application for one command: configured, inside its context, committed at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from casework import create_app, database
from casework.accounts import queries as accounts
from casework.accounts.models import Service
from casework.config import ConfigurationError
from casework.vault import RingRefused


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
