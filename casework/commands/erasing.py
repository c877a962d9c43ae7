"""Erases a case, and what is past its retention time, from the command line."""

from uuid import UUID

import click

from casework import audit, database
from casework.accounts import queries as accounts
from casework.cases import hold_queries
from casework.cases import queries as cases
from casework.cases import services as case_services
from casework.cases.erasure_models import ErasureReason
from casework.cases.models import Case
from casework.cases.policy import OnLegalHold
from casework.commands.applications import application, chosen_service
from casework.keeping import queries, tasks
from casework.security import Actor
from casework.web.references import parse_reference

REASONS = {"wish": ErasureReason.PERSONS_WISH, "retention": ErasureReason.RETENTION}


@click.command("erase")
@click.argument("ref")
@click.option("--service", "code", required=True, help="The code of the service, such as north.")
@click.option(
    "--reason", type=click.Choice(list(REASONS)), default="wish", show_default=True, help="Why."
)
@click.option("--dry-run", "is_dry", is_flag=True, help="Only count what would be erased.")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask for the reference once more.")
def erase_command(ref: str, code: str, reason: str, is_dry: bool, is_sure: bool) -> None:
    """Erase the case REF for good, and its person with their last case.

    Whoever runs this has made sure that the person asks (R32); a legal hold refuses it.
    """
    with application():
        service = chosen_service(code)
        actor = Actor.command(service.id)
        case = _case(actor, ref)
        if hold_queries.of_case(actor, case.id) is not None:
            if not is_dry:
                audit.refused(actor, "case:erased", Case.__tablename__, case.id)
            raise OnLegalHold
        counts = queries.footprint(actor, case)
        for table, rows in counts.items():
            click.echo(f"{table:<20}{rows:>7}")
        if is_dry:
            click.echo(f"Dry run: {sum(counts.values())} rows would be erased. Nothing was.")
            return
        if not is_sure and parse_reference(click.prompt("Type the reference to erase")) != case.ref:
            raise click.ClickException("This is not the reference. Nothing was erased.")
        case_services.erase_case(actor, case, reason=REASONS[reason])
    click.echo(f"Erased: {sum(counts.values())} rows. Agencies with open requests are told.")


@click.group("retention")
def retention_group() -> None:
    """Retention: closed cases are erased when their time is over."""


@retention_group.command("report")
@click.option("--service", "code", help="One service; all when left out.")
def report_command(code: str | None) -> None:
    """Count what is past its time, by why it ended; nothing is erased."""
    with application():
        for actor in _actors(code):
            _print_report(actor)
        database.enter_service(None)


@retention_group.command("run")
@click.option("--service", "code", help="One service; all when left out.")
def run_command(code: str | None) -> None:
    """Report, then erase everything that is past its time and not held.

    A case that cannot be erased keeps no other waiting; the exit code is 1 when there was any.
    """
    number_failed = 0
    with application():
        for actor in _actors(code):
            _print_report(actor)
            erased, failed = 0, set[UUID]()
            while done := tasks.run_once(actor, failed=failed):
                erased += done
            click.echo(f"  {erased} erased" + (f", {len(failed)} failed" if failed else ""))
            number_failed += len(failed)
        database.enter_service(None)
    if number_failed:
        raise click.ClickException(
            f"{number_failed} of the cases past their time could not be erased: the log says why."
        )


def _case(actor: Actor, text: str) -> Case:
    ref = parse_reference(text)
    try:
        return cases.get_in_service(actor, ref or "")
    except database.NotFound:
        raise click.ClickException("No case of this service has this reference.") from None


def _actors(code: str | None) -> list[Actor]:
    """Give the actor of one service, or of each."""
    ids: list[UUID] = [chosen_service(code).id] if code else list(accounts.every_service_id())
    return [Actor.command(service_id) for service_id in ids]


def _print_report(actor: Actor) -> None:
    database.enter_service(actor.service_id)
    told = queries.report(actor, database.now(), queries.days_of(actor))
    click.echo(
        f"{accounts.service_of(actor).code}: {told.total} past their time, {told.held} of them held"
    )
    for closure, number in told.due.items():
        click.echo(f"  {closure.value:<30}{number:>6}")
