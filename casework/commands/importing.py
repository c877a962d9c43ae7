"""Imports a directory that somebody publishes: what is refused is said row by row, the rest is taken."""

import csv
from pathlib import Path
from uuid import UUID

import click

from casework import database
from casework.commands.applications import application, chosen_service
from casework.database import Refused
from casework.directory import services as directory
from casework.directory.needs import NeedCode
from casework.importing import policy, queries, refusals, services, tasks
from casework.importing.models import DirectoryImport, ImportFormat
from casework.runs.models import RunState
from casework.security import Actor

MOST_TERMS_SHOWN = 20


@click.group("directory")
def directory_group() -> None:
    """The directory: imports, and which need each term of a taxonomy stands for."""


@directory_group.command("import")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--format", "format_", type=click.Choice([f.value for f in ImportFormat]), required=True
)
@click.option("--service", "code", required=True, help="The code of the service it is for.")
@click.option("--source", help="A short name for where it comes from; by default the format.")
@click.option("--language", type=click.Choice(policy.LANGUAGES), default="en", show_default=True)
@click.option(
    "--refused", type=click.Path(path_type=Path), help="Write refused and repaired rows here (CSV)."
)
def import_command(
    path: Path, format_: str, code: str, source: str | None, language: str, refused: Path | None
) -> None:
    """Import PATH, a file, a folder or a zip; a second import updates, and nothing is deleted.

    May be stopped at any moment and begun again. What the source no longer has becomes inactive.
    """
    with application():
        service_id = chosen_service(code).id
        run_id = _begin(service_id, ImportFormat(format_), source or format_, language)
        with click.progressbar(length=100, label=code) as bar:
            tasks.work_on(
                service_id, run_id, path, tell=lambda percent: bar.update(percent - bar.pos)
            )
        run = queries.run(Actor.command(service_id), run_id)
        if refused:
            _write_refused(service_id, run_id, refused)
        _report(run)


@directory_group.command("terms")
@click.option("--service", "code", required=True)
@click.option(
    "--load",
    "path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A CSV with the columns vocabulary, code and need.",
)
def terms_command(code: str, path: Path | None) -> None:
    """List the terms that stand for no need yet, or load which need each stands for.

    The needs take effect with the next import.
    """
    with application():
        service_id = chosen_service(code).id
        actor = Actor.command(service_id)
        if path:
            loaded = _load_terms(actor, path)
            click.echo(
                f"{loaded} terms have a need now. Import again, so that services have it too."
            )
            return
        for term in queries.terms_without_need(actor):
            click.echo(f"{term.vocabulary},{term.code},{term.name}")
        click.echo(f"Needs: {', '.join(need.value for need in NeedCode)}", err=True)


def _begin(service_id: UUID, format_: ImportFormat, source: str, language: str) -> UUID:
    """Start an import; one that a command began and did not end is given up for it."""
    actor = Actor.command(service_id)
    before = queries.active(service_id)
    if before is not None and before.started_by is None:
        services.cancel_import(actor, before)
        database.flush()
    run = services.start_import(actor, format_=format_, source=source, language=language)
    run_id = run.id
    database.commit()
    return run_id


def _report(run: DirectoryImport) -> None:
    click.echo(
        f"{run.written} services imported, {run.refused} rows refused, {run.repaired} repaired."
    )
    click.echo(f"{run.vanished} services are no longer in the source and became inactive.")
    unmapped = queries.terms_without_need(Actor.command(run.service_id))
    if unmapped:
        click.echo(f"{len(unmapped)} terms stand for no need yet: see “casework directory terms”.")
        for term in unmapped[:MOST_TERMS_SHOWN]:
            click.echo(f"  {term.vocabulary} {term.code} {term.name}")
    if run.state is RunState.FAILED and run.failure:
        raise click.ClickException(f"It could not be imported. {run.failure.label}")
    if run.state is not RunState.DONE:
        raise click.ClickException("The import was ended by somebody else.")


def _write_refused(service_id: UUID, run_id: UUID, path: Path) -> None:
    actor = Actor.command(service_id)
    rest = policy.not_named(queries.run(actor, run_id))
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(refusals.lines_of(queries.remarks(actor, run_id), rest))


def _load_terms(actor: Actor, path: Path) -> int:
    known = {need.value for need in NeedCode}
    loaded = 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            need = (row.get("need") or "").strip()
            if need not in known or not row.get("vocabulary") or not row.get("code"):
                raise click.ClickException(
                    f"Line {number} needs a vocabulary, a code and one of these needs:"
                    f" {', '.join(sorted(known))}."
                )
            try:
                directory.set_need_of_term(
                    actor,
                    vocabulary=row["vocabulary"].strip(),
                    code=row["code"].strip(),
                    name=(row.get("name") or "").strip(),
                    need=NeedCode(need),
                )
            except Refused as refusal:
                raise click.ClickException(f"Line {number}: {refusal.message}") from None
            loaded += 1
    return loaded
