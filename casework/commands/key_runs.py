"""Brings data keys and index terms up to date here and now, and tells where they stand."""

import time
from collections.abc import Iterator
from uuid import UUID

import click

from casework import database, vault
from casework.accounts import queries as accounts
from casework.accounts.models import Service
from casework.commands.applications import application
from casework.keys import policy, queries, services, tasks
from casework.keys.models import KeyRun, RunKind
from casework.keys.queries import KeyLine
from casework.runs.models import RunState
from casework.security import Actor

# How often, and how long, to try again what others hold before leaving it to the worker.
HELD_TRIES = 50
HELD_WAIT = 0.2

TARGETS = {RunKind.REWRAP: "key", RunKind.REINDEX: "version"}
WORDS = {RunKind.REWRAP: "data keys", RunKind.REINDEX: "owners of search terms"}


@click.command("rewrap")
def rewrap_command() -> None:
    """Bring every data key under the current key, while everybody goes on working.

    May be stopped at any moment, begun again, and run beside the worker.
    """
    _run_everywhere(RunKind.REWRAP)


@click.command("reindex")
def reindex_command() -> None:
    """Make every search term again under the current index key; everybody stays findable."""
    _run_everywhere(RunKind.REINDEX)


@click.command("status")
def status_command() -> None:
    """Tell which keys the ring has, what stands under each, and what may be retired."""
    with application():
        ring = vault.ring()
        standing, runs = {}, list[str]()
        for service in _each_service():
            standing[service.code] = queries.keys_view(service.id)
            # An older run says nothing about the key that is current now.
            targets = {RunKind.REWRAP: ring.current, RunKind.REINDEX: ring.index_current}
            latest = queries.latest_runs(service.id).values()
            runs += [
                _run_line(service.code, run) for run in latest if run.target == targets[run.kind]
            ]
        click.echo(f"Key ring: key {ring.current} is current.")
        for line in _lines({code: view.keks for code, view in standing.items()}, "data keys"):
            click.echo(f"  key {line}")
        click.echo(f"Index: version {ring.index_current} is current.")
        for line in _lines({code: view.index for code, view in standing.items()}, "terms"):
            click.echo(f"  version {line}")
        click.echo("Runs towards them:" if runs else "No run towards them has been started.")
        for text in runs:
            click.echo(f"  {text}")


def _each_service() -> Iterator[Service]:
    """Enter one service after the other, and none at the end."""
    for service_id in accounts.every_service_id():
        database.enter_service(service_id)
        yield accounts.service_of(Actor.command(service_id))
    database.enter_service(None)


def _lines(standing: dict[str, list[KeyLine]], what: str) -> Iterator[str]:
    """Say for each number how much stands under it over all services, and whether it may go."""
    by_number: dict[int, dict[str, KeyLine]] = {}
    for code, lines in standing.items():
        for line in lines:
            by_number.setdefault(line.number, {})[code] = line
    for number, by_service in sorted(by_number.items()):
        lines = list(by_service.values())
        count = sum(line.count for line in lines)
        failed = sum(line.failed for line in lines)
        holders = [code for code, line in by_service.items() if line.count]
        text = f"{number}: {count} {what}, {_advice(lines[0], holders)}"
        yield text + (f"; {failed} of them could not be opened" if failed else "")


def _advice(line: KeyLine, holders: list[str]) -> str:
    where = ", ".join(holders)
    if not line.is_in_ring:
        return f"MISSING from the key ring: what stands under it in {where} cannot be opened"
    if line.is_current:
        return "current"
    if holders:
        return f"only opens; not to be retired: still needed by {where}"
    return "only opens; may be retired"


def _run_line(code: str, run: KeyRun) -> str:
    return (
        f"{code}: {run.done} {WORDS[run.kind]} brought to {TARGETS[run.kind]} {run.target}, "
        f"{run.failed} failed, {run.left} left ({run.state.value})"
    )


def _run_everywhere(kind: RunKind) -> None:
    with application():
        is_whole = True
        for service in _each_service():
            code, service_id = service.code, service.id
            run_id = _run_to_work_on(service_id, kind)
            if run_id is None:
                click.echo(f"{code}: nothing to do")
                continue
            _work(code, service_id, run_id)
            run = queries.run(Actor.command(service_id), run_id)
            click.echo(_run_line(code, run))
            is_whole = is_whole and run.state is RunState.DONE and not run.failed
        if not is_whole:
            raise click.ClickException(
                f"Not all {WORDS[kind]} stand under the current key: see “casework keys status”,"
                " and the audit for those that could not be opened."
            )


def _run_to_work_on(service_id: UUID, kind: RunKind) -> UUID | None:
    """Take up the run that is under way, a paused one too, or start one; None: nothing to do."""
    actor = Actor.command(service_id)
    run = queries.active_run(service_id, kind)
    try:
        if run is None:
            run = services.start_run(actor, kind=kind)
        elif run.state is RunState.PAUSED:
            services.resume_run(actor, run)
    except policy.NothingToDo:
        database.rollback()
        return None
    except policy.AlreadyRunning:
        # The page was quicker: its run is taken up.
        database.rollback()
        return _run_to_work_on(service_id, kind)
    run_id = run.id
    database.commit()
    return run_id


def _work(code: str, service_id: UUID, run_id: UUID) -> None:
    """Work on a run until it ends, is paused or cancelled, or others hold what is left."""
    if not tasks.begin_turn(service_id, run_id):
        return
    begun = queries.run(Actor.command(service_id), run_id)
    at, held = begun.done + begun.failed, 0
    with click.progressbar(length=begun.total, label=code, show_pos=True) as bar:
        bar.update(at)
        while held < HELD_TRIES:
            worked = tasks.take_batch(service_id, run_id)
            if worked is None or worked.is_done:
                return
            # The worker may have done a part: the row knows of both.
            run = queries.run(Actor.command(service_id), run_id)
            bar.update(run.done + run.failed - at)
            at = run.done + run.failed
            held = held + 1 if worked.is_held_up else 0
            if held:
                time.sleep(HELD_WAIT)
