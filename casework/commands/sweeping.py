"""Delivers reminders and letters here and now, when the worker or Redis are down."""

import click

from casework import background, database
from casework.accounts import queries as accounts
from casework.background import Job
from casework.commands.applications import application
from casework.followups import tasks as followups
from casework.notices import tasks as notices

# What these would hand to the broker is done here instead; “casework keys rewrap” does key runs.
CLAIMS = (Job.CLAIM_REMINDERS, Job.CLAIM_LETTERS, Job.CLAIM_KEY_RUNS)


@click.group("reminders")
def reminders_group() -> None:
    """Reminders: the rows are the schedule."""


@reminders_group.command("run")
def run_command() -> None:
    """Take one turn for every service without the broker; a second turn finds nothing to do."""
    with application():
        for name, sweep in background.sweeps.items():
            if name not in CLAIMS:
                sweep()
        for service_id in accounts.every_service_id():
            shown = followups.run_once(service_id)
            sent = notices.run_once(service_id)
            click.echo(f"{service_id}: {shown} shown, {sent} sent")
        database.enter_service(None)
