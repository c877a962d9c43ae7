"""Imports at work: batch after batch, each in a transaction of its own."""

import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from uuid import UUID

from casework import database
from casework.importing import policy, queries, services
from casework.importing.models import ImportState
from casework.importing.reading.reasons import Reason, Unreadable
from casework.importing.reading.records import Read
from casework.importing.reading.sources import open_source
from casework.security import Actor


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
    if run.state is not ImportState.RUNNING:
        return False
    ends_at = time.monotonic() + seconds if seconds is not None else None
    format_, position = run.format, run.position
    try:
        reader = open_source(format_, path)
        for batch in _batches(islice(reader.rows(), position, None)):
            services.write_batch(service_id, import_id, batch, percent=reader.percent)
            database.commit()
            if tell:
                tell(reader.percent)
            if ends_at is not None and time.monotonic() > ends_at:
                return True
        if not queries.run(actor, import_id).position:
            raise Unreadable(Reason.NO_PARTS)
        services.finish_import(service_id, import_id, is_whole=reader.is_whole)
        database.commit()
    except policy.ImportIsOver:
        database.rollback()
    except Unreadable as problem:
        database.rollback()
        services.fail_import(actor, queries.run(actor, import_id), problem.reason)
        database.commit()
    return False


def _batches(rows: Iterator[Read]) -> Iterator[tuple[Read, ...]]:
    while batch := tuple(islice(rows, policy.BATCH)):
        yield batch
