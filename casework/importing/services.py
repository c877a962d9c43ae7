"""Imports of a directory: started, worked on batch by batch, paused, resumed, cancelled, ended.

A batch, its remarks and its count are one transaction: what is not committed did not happen, and the
next turn goes on behind what is.
"""

import time
from collections.abc import Sequence
from itertools import islice
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from sqlalchemy import exists, select, update

from casework import audit
from casework.accounts.models import Service
from casework.background import Job
from casework.database import after_commit, now
from casework.directory.figures import learn
from casework.directory.listing_models import Location, ServiceAtLocation
from casework.directory.models import DirectoryService, Organization
from casework.extensions import db
from casework.importing import policy, queries, uploads
from casework.importing.models import DirectoryImport, ImportFormat, ImportRemark
from casework.importing.reading.reasons import Reason
from casework.importing.reading.records import Read
from casework.importing.reading.writing import Writer
from casework.many import insert_rows
from casework.runs import services as runs
from casework.runs.models import ACTIVE_STATES, RunState
from casework.runs.policy import LEASE
from casework.security import Actor


def start_import(
    actor: Actor, *, format_: ImportFormat, source: str, language: str
) -> DirectoryImport:
    """Start an import of one source, its texts in one language; raise AlreadyRunning or NoSource."""
    if not policy.is_source_name(source):
        raise policy.NoSource(field="source")
    if queries.active(actor.service_id) is not None:
        raise policy.AlreadyRunning
    run = runs.begin(
        actor,
        DirectoryImport,
        otherwise=policy.AlreadyRunning,
        format=format_,
        source=source,
        language=language,
        position=0,
        percent=0,
        written=0,
        refused=0,
        repaired=0,
        vanished=0,
    )
    _record(actor, run, "started")
    return run


def start_upload(
    actor: Actor, content: BinaryIO, *, format_: ImportFormat, source: str, language: str
) -> DirectoryImport:
    """Start an import of what was uploaded: kept in a private file until the import ends."""
    run = start_import(actor, format_=format_, source=source, language=language)
    uploads.keep(actor.service_id, run.id, content)
    after_commit(Job.CONTINUE_IMPORT, actor.service_id, run.id)
    return run


def pause_import(actor: Actor, run: DirectoryImport) -> None:
    """Let no further batch begin until somebody resumes the import; raise ImportIsOver."""
    _set_state(actor, run, RunState.PAUSED, was=(RunState.RUNNING,))


def resume_import(actor: Actor, run: DirectoryImport) -> None:
    """Let a paused import go on where it stopped; raise ImportIsOver."""
    _set_state(actor, run, RunState.RUNNING, was=(RunState.PAUSED,))
    if run.started_by is not None:
        after_commit(Job.CONTINUE_IMPORT, run.service_id, run.id)


def cancel_import(actor: Actor, run: DirectoryImport) -> None:
    """End an import; what it wrote stays, and nothing becomes inactive. Raises ImportIsOver."""
    _set_state(actor, run, RunState.CANCELLED, was=ACTIVE_STATES)
    uploads.forget(run.service_id, run.id)


def fail_import(actor: Actor, run: DirectoryImport, reason: Reason) -> None:
    """End an import whose source cannot be read; what was written before stays."""
    run.failure = reason
    _set_state(actor, run, RunState.FAILED, was=ACTIVE_STATES)


def write_batch(
    service_id: UUID, import_id: UUID, reads: Sequence[Read], *, position: int, percent: int
) -> None:
    """Write one batch and count it; raise ImportIsOver when somebody paused it meanwhile.

    The row is locked first, so that of two workers with the same batch the second finds it counted
    and leaves the rest to the first.
    """
    began = time.monotonic()
    run = _locked(service_id, import_id)
    if run.state is not RunState.RUNNING or run.position != position:
        raise policy.ImportIsOver
    written = _writer(run).write(reads)
    _remember(run, reads)
    if policy.has_grown(run.position, run.position + len(reads)):
        learn()
    run.position += len(reads)
    run.percent = min(max(percent, run.percent), 99)
    run.written += written
    run.refused += sum(_is_refused(read) for read in reads)
    run.repaired += sum(bool(read.remarks) and not _is_refused(read) for read in reads)
    run.worked_ms += max(int((time.monotonic() - began) * 1000), 1)
    run.wake_at, run.updated_at = now() + LEASE, now()


def finish_import(service_id: UUID, import_id: UUID, *, is_whole: bool) -> None:
    """End an import; what its source no longer has becomes inactive, if it was read to its end."""
    run = _locked(service_id, import_id)
    if run.state is not RunState.RUNNING:
        raise policy.ImportIsOver
    if policy.has_grown(0, run.position):
        learn()
    # A source that holds nothing is a mistake far sooner than a directory that has vanished.
    if is_whole and run.written:
        run.vanished = _retire(run)
    run.state, run.percent, run.ended_at, run.updated_at = RunState.DONE, 100, now(), now()
    _record(Actor.system(service_id), run, "done")


def claim_due(service_id: UUID) -> list[UUID]:
    """Take the imports from the page whose lease ran out; a doubled sweep finds none."""
    # What a command began has its file where only that command finds it.
    return runs.claim_due(DirectoryImport, service_id, DirectoryImport.started_by.is_not(None))


def _locked(service_id: UUID, import_id: UUID) -> DirectoryImport:
    return db.session.scalars(
        select(DirectoryImport)
        .where(DirectoryImport.service_id == service_id, DirectoryImport.id == import_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


_writers: dict[UUID, Writer] = {}


def _writer(run: DirectoryImport) -> Writer:
    """Give the writer of this import; it remembers the terms it met. One at a time is kept."""
    if run.id not in _writers:
        zone = db.session.scalar(select(Service.time_zone).where(Service.id == run.service_id))
        _writers.clear()
        _writers[run.id] = Writer(run, str(zone))
    return _writers[run.id]


def _retire(run: DirectoryImport) -> int:
    """Make inactive what this import did not see; nothing is deleted, referrals point to it."""
    mine = (DirectoryService.service_id == run.service_id, DirectoryService.source == run.source)
    gone = db.session.execute(
        update(DirectoryService)
        .where(
            *mine,
            DirectoryService.seen_in.is_distinct_from(run.id),
            DirectoryService.is_active,
        )
        .values(is_active=False)
        .returning(DirectoryService.id)
        .execution_options(synchronize_session=False)
    ).all()
    offers = exists().where(
        DirectoryService.service_id == run.service_id,
        DirectoryService.organization_id == Organization.id,
        DirectoryService.is_active,
    )
    _set_active(Organization, run, offers)
    is_used = exists().where(
        ServiceAtLocation.service_id == run.service_id,
        ServiceAtLocation.location_id == Location.id,
        ServiceAtLocation.directory_service_id == DirectoryService.id,
        DirectoryService.is_active,
    )
    _set_active(Location, run, is_used)
    return len(gone)


def _set_active(model: type[Any], run: DirectoryImport, condition: Any) -> None:
    db.session.execute(
        update(model)
        .where(
            model.service_id == run.service_id,
            model.source == run.source,
            model.is_active.is_distinct_from(condition),
        )
        .values(is_active=condition)
        .execution_options(synchronize_session=False)
    )


def _remember(run: DirectoryImport, reads: Sequence[Read]) -> None:
    """Keep what is to be said of the rows, as long as there is room; the run counts every one."""
    room = max(policy.MOST_NAMED - run.refused - run.repaired, 0)
    rows = [
        {
            "id": uuid4(),
            "service_id": run.service_id,
            "import_id": run.id,
            "part": read.part[-200:],
            "line": read.line,
            "source_id": read.source_id[:120],
            "reason": remark.reason,
            "field": remark.field[:80],
            "is_refused": remark.is_refused,
        }
        for read in islice((read for read in reads if read.remarks), room)
        for remark in read.remarks[: policy.MOST_OF_ROW]
    ]
    if rows:
        db.session.execute(insert_rows(ImportRemark.__table__, rows))  # type: ignore[arg-type]


def _is_refused(read: Read) -> bool:
    return any(remark.is_refused for remark in read.remarks)


def _set_state(
    actor: Actor, run: DirectoryImport, state: RunState, *, was: tuple[RunState, ...]
) -> None:
    runs.set_state(run, state, was=was, is_over=policy.ImportIsOver)
    _record(actor, run, state.value)


def _record(actor: Actor, run: DirectoryImport, what: str) -> None:
    detail = {"written": run.written, "refused": run.refused, "vanished": run.vanished}
    audit.record(actor, f"directory:import:{what}", run, detail=detail)
