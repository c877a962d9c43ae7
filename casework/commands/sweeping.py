"""Reminders from a shell: deliver here and now without Redis, tell how late it is, try again what is parked."""

import json
from typing import Any
from uuid import UUID

import click

from casework import background, database
from casework.accounts import queries as accounts
from casework.background import Job
from casework.commands.applications import application, chosen_service
from casework.database import now
from casework.followups import queries
from casework.followups import services as followup_services
from casework.followups import tasks as followups
from casework.followups.models import Rung
from casework.notices import tasks as notices
from casework.security import Actor

# What these would hand to the broker is done here instead; “casework keys rewrap” does key runs.
CLAIMS = (Job.CLAIM_REMINDERS, Job.CLAIM_LETTERS, Job.CLAIM_KEY_RUNS)
HEADS = ("service", "due", "oldest overdue", "leased", "parked", "owner", "team", "supervisors")


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


@reminders_group.command("status")
@click.option("--json", "is_json", is_flag=True, help="For programs: one object for each service.")
def status_command(is_json: bool) -> None:
    """Tell for every service what is due, since when, what is in hand, parked, and for whom."""
    with application():
        rows = [_status_of(service_id) for service_id in accounts.every_service_id()]
        database.enter_service(None)
    if is_json:
        click.echo(json.dumps(rows, indent=2))
        return
    lines = [HEADS, *(_cells(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEADS))]
    for line in lines:
        padded = (cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))
        click.echo("  ".join((line[0].ljust(widths[0]), *padded)))


@reminders_group.command("replay")
@click.argument("reminder_ids", nargs=-1, type=click.UUID)
@click.option("--service", "code", required=True, help="The code of the service.")
@click.option("--all", "is_all", is_flag=True, help="Everything that is parked.")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask before.")
def replay_command(reminder_ids: tuple[UUID, ...], code: str, is_all: bool, is_sure: bool) -> None:
    """Show what is parked in a service, and try it again: the reminders named, or all of them."""
    with application():
        actor = Actor.command(chosen_service(code).id)
        found = queries.parked(actor.service_id)
        for row in found:
            click.echo(
                f"{row.id}  due {row.due_at:%Y-%m-%d %H:%M} UTC  {Rung(row.rung).name.lower()}"
            )
        if not found:
            click.echo("Nothing is parked.")
            return
        if not (reminder_ids or is_all):
            click.echo("Name the reminders to try again, or give --all.")
            return
        wanted = [row for row in found if is_all or row.id in reminder_ids]
        if len(wanted) < len(set(reminder_ids)):
            raise click.ClickException("Not every one of these is parked; nothing was changed.")
        if not is_sure:
            click.confirm(f"Try {len(wanted)} again?", abort=True)
        due = sum(followup_services.try_again(actor, row) for row in wanted)
        click.echo(f"{due} due again, {len(wanted) - due} no longer needed.")


def _status_of(service_id: UUID) -> dict[str, Any]:
    database.enter_service(service_id)
    at = now()
    standing = queries.standing_of(service_id, at)
    service = accounts.service_of(Actor.command(service_id))
    return {
        "service": service.code,
        "due": standing.due,
        "oldest_overdue_seconds": int(standing.late_by(at).total_seconds()),
        "leased": standing.leased,
        "parked": standing.parked,
        "by_rung": {rung.name.lower(): standing.waiting_by_rung.get(rung, 0) for rung in Rung},
    }


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    late = row["oldest_overdue_seconds"]
    age = f"{late // 60} min {late % 60} s" if late else "-"
    counts = (str(row["by_rung"][rung.name.lower()]) for rung in Rung)
    return (row["service"], str(row["due"]), age, str(row["leased"]), str(row["parked"]), *counts)
