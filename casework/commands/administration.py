"""Adds services and staff from the command line, as the first administrator must."""

import secrets

import click

from casework import database
from casework.accounts import services as accounts
from casework.accounts.policy import STAFF_ROLES
from casework.commands.applications import application, chosen_service
from casework.security import Role


@click.group("service")
def service_group() -> None:
    """Services: the tenants of this deployment."""


@service_group.command("add")
@click.option("--code", required=True, help="Short and lower case, such as north.")
@click.option("--name-en", required=True)
@click.option("--name-fr", required=True)
@click.option("--time-zone", default="America/Toronto", show_default=True)
def add_service(code: str, name_en: str, name_fr: str, time_zone: str) -> None:
    """Add a service, with its default consent wordings."""
    with application():
        accounts.create_service(code=code, name_en=name_en, name_fr=name_fr, time_zone=time_zone)
    click.echo(f"Added the service {code}.")


@click.group("staff")
def staff_group() -> None:
    """Staff: who signs in, and what they may do."""


@staff_group.command("add")
@click.option("--service", "code", required=True)
@click.option("--email", required=True)
@click.option("--name", required=True, help="As colleagues see it.")
@click.option("--role", type=click.Choice([str(role.value) for role in STAFF_ROLES]), required=True)
@click.option("--locale", type=click.Choice(["en_CA", "fr_CA"]), default="en_CA")
def add_staff(code: str, email: str, name: str, role: str, locale: str) -> None:
    """Add a member of staff; the passphrase is made here, shown once, and never stored in clear."""
    password = "-".join(secrets.token_hex(3) for _ in range(4))
    with application():
        service = chosen_service(code)
        accounts.add_member(
            service,
            email=email,
            display_name=name,
            role=Role(role),
            password=password,
            locale=locale,
        )
        database.flush()
    click.echo(f"Added. Passphrase, shown once: {password}")
