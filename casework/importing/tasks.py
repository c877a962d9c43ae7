"""Imports at work: batch after batch, each in a transaction of its own."""

import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from uuid import UUID

from casework import database
from casework.background import Job, sweep, task
from casework.importing import policy, queries, services, uploads
from casework.importing.reading.reasons import Reason, Unreadable
from casework.importing.reading.records import Read
from casework.importing.reading.sources import open_source
from casework.runs.models import ACTIVE_STATES, RunState
from casework.security import Actor


@sweep(Job.CLAIM_IMPORTS, every=30.0)
def claim_imports(service_id: UUID) -> None:
    """Hand every import that nobody works on to a worker, and forget files nobody needs."""
    for import_id in services.claim_due(service_id):
        database.after_commit(Job.CONTINUE_IMPORT, service_id, import_id)
    found = queries.active(service_id)
    uploads.forget_others(service_id, found.id if found else None)


@task(Job.CONTINUE_IMPORT)
def continue_import(service_id: UUID, import_id: UUID) -> None:
    """Work on an import for a turn; if something is left, ask for the next one."""
    path = uploads.path_of(service_id, import_id)
    if work_on(service_id, import_id, path, seconds=policy.TURN_SECONDS):
        database.after_commit(Job.CONTINUE_IMPORT, service_id, import_id)
    elif queries.run(Actor.system(service_id), import_id).state not in ACTIVE_STATES:
        uploads.forget(service_id, import_id)


def work_on(
    service_id: UUID,
    import_id: UUID,
    path: Path,
    *,
    seconds: float | None = None,
    tell: Callable[[int], object] | None = None,
) -> bool:
    """Work on an import until it ends or the time is up; tell whether something is left to do.

    The source is read from its beginning and what was counted already is passed over, so that a
    turn which was killed has neither lost nor doubled anything.
    """
    actor = Actor.system(service_id)
    run = queries.run(actor, import_id)
    if run.state is not RunState.RUNNING:
        return False
    ends_at = time.monotonic() + seconds if seconds is not None else None
    format_, position = run.format, run.position
    try:
        reader = open_source(format_, path)
        for batch in _batches(islice(reader.rows(), position, None)):
            services.write_batch(
                service_id, import_id, batch, position=position, percent=reader.percent
            )
            position += len(batch)
            database.commit()
            if tell:
                tell(reader.percent)
            if ends_at is not None and time.monotonic() > ends_at:
                return True
        if not position:
            raise Unreadable(Reason.NO_PARTS)
        services.finish_import(service_id, import_id, is_whole=reader.is_whole)
        database.commit()
    except policy.ImportIsOver:
        database.rollback()
    except Unreadable as problem:
        _fail(actor, import_id, problem.reason)
    except FileNotFoundError:
        _fail(actor, import_id, Reason.FILE_GONE)
    return False


def _fail(actor: Actor, import_id: UUID, reason: Reason) -> None:
    """End an import whose source cannot be read, unless somebody has ended it already."""
    database.rollback()
    run = queries.run(actor, import_id)
    if run.state in ACTIVE_STATES:
        services.fail_import(actor, run, reason)
    database.commit()


def _batches(rows: Iterator[Read]) -> Iterator[tuple[Read, ...]]:
    """Cut rows into batches; one ends early when its rows take long, so that what is done is kept."""
    for first in rows:
        batch, ends_at = [first], time.monotonic() + policy.BATCH_SECONDS
        while len(batch) < policy.BATCH and time.monotonic() < ends_at:
            following = next(rows, None)
            if following is None:
                break
            batch.append(following)
        yield tuple(batch)
