"""Claims and delivers reminders without the broker, when worker or Redis are down."""

import click

from casework import background
from casework.commands.applications import application


@click.group("reminders")
def reminders_group() -> None:
    """Reminders: the rows are the schedule."""


@reminders_group.command("run")
def run_command() -> None:
    """Run every sweep once, here and now; running it twice does nothing."""
    with application():
        for name, run in background.sweeps.items():
            run()
            click.echo(f"ran {name}")
