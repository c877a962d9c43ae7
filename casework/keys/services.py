"""Runs that bring data keys and index terms up to date: started, worked on batch by batch, ended.

start   a row says what is to be done; at most one for each kind and service is active
claim   wake_at is moved on by the lease, the id leaves for a worker
batch   the work and its count are one transaction: what is not committed did not happen
"""

import time
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from casework import audit, vault
from casework.background import Job
from casework.database import after_commit, attempt, now
from casework.extensions import db
from casework.keys import policy, queries
from casework.keys.models import ACTIVE_STATES, KeyRun, RunKind, RunState
from casework.security import Actor


class Worked(NamedTuple):
    """What a batch of a run did, and whether the run ended with it."""

    moved: int
    failed: int
    is_done: bool

    @property
    def is_held_up(self) -> bool:
        """Whether something is left that others hold just now."""
        return not (self.moved or self.failed or self.is_done)


class Work(NamedTuple):
    """How one kind of run works: where all shall stand, a batch, what is left, and trying again."""

    target: Callable[[], int]
    batch: Callable[[uuid.UUID, int], vault.Batch]
    left: Callable[[uuid.UUID], int]
    forget_failed: Callable[[uuid.UUID], None]


WORK = {
    RunKind.REWRAP: Work(
        lambda: vault.ring().current,
        vault.rewrap_batch,
        vault.keys_to_move,
        vault.forget_failed_keys,
    ),
    RunKind.REINDEX: Work(
        lambda: vault.ring().index_current,
        vault.reindex_batch,
        vault.owners_to_reindex,
        vault.forget_failed_terms,
    ),
}


def start_run(actor: Actor, *, kind: RunKind) -> KeyRun:
    """Start a run through the actor's service; what failed before is tried again.

    Raises NothingToDo, or AlreadyRunning when one of this kind is running or paused.
    """
    work, at = WORK[kind], now()
    if queries.active_run(actor.service_id, kind) is not None:
        raise policy.AlreadyRunning
    work.forget_failed(actor.service_id)
    total = work.left(actor.service_id)
    if not total:
        raise policy.NothingToDo
    run = KeyRun(
        service_id=actor.service_id,
        kind=kind,
        target=work.target(),
        state=RunState.RUNNING,
        total=total,
        done=0,
        failed=0,
        worked_ms=0,
        wake_at=at,
        started_by=actor.id,
        started_at=at,
        updated_at=at,
    )
    try:
        with attempt():
            db.session.add(run)
    except IntegrityError:
        raise policy.AlreadyRunning from None
    _record(actor, run, "started", {"target": run.target, "total": total})
    after_commit(Job.CONTINUE_KEY_RUN, actor.service_id, run.id)
    return run


def pause_run(actor: Actor, run: KeyRun) -> None:
    """Let no further batch begin until somebody resumes the run; raise RunIsOver."""
    _set_state(actor, run, RunState.PAUSED, was=(RunState.RUNNING,))


def resume_run(actor: Actor, run: KeyRun) -> None:
    """Let a paused run go on where it stopped; raise RunIsOver."""
    _set_state(actor, run, RunState.RUNNING, was=(RunState.PAUSED,))
    after_commit(Job.CONTINUE_KEY_RUN, actor.service_id, run.id)


def cancel_run(actor: Actor, run: KeyRun) -> None:
    """End a run; what it moved stays moved, and all stays readable. Raises RunIsOver."""
    _set_state(actor, run, RunState.CANCELLED, was=ACTIVE_STATES)


def claim_due(service_id: uuid.UUID) -> list[uuid.UUID]:
    """Take the runs whose lease ran out; a doubled sweep finds none, and would do no harm."""
    at = now()
    taken = db.session.scalars(
        update(KeyRun)
        .where(
            KeyRun.service_id == service_id,
            KeyRun.state == RunState.RUNNING,
            KeyRun.wake_at <= at,
        )
        .values(wake_at=at + policy.LEASE)
        .returning(KeyRun.id)
        .execution_options(synchronize_session=False)
    )
    return list(taken)


def begin_turn(service_id: uuid.UUID, run_id: uuid.UUID) -> bool:
    """Count anew what is left of a run, and tell whether this process can work on it.

    A ring with a newer current key takes the run along to that one. A process that still has an
    older ring leaves it alone: it would carry everything back.
    """
    run = queries.run(Actor.system(service_id), run_id)
    work = WORK[run.kind]
    if run.state is not RunState.RUNNING or work.target() < run.target:
        return False
    changed = update(KeyRun).values(
        target=work.target(),
        total=KeyRun.done + KeyRun.failed + work.left(service_id),
        wake_at=now() + policy.LEASE,
    )
    return _where_running(changed, run_id)


def work_batch(service_id: uuid.UUID, run_id: uuid.UUID) -> Worked | None:
    """Do one batch of a run and count it; None when the run is not, or no longer, to be worked on.

    The count comes last, so that the run's row is locked for a moment only and two workers do not
    wait for each other. Raises RunIsOver when somebody paused it meanwhile: the caller rolls back.
    """
    began = time.monotonic()
    run = queries.run(Actor.system(service_id), run_id)
    work = WORK[run.kind]
    if run.state is not RunState.RUNNING or work.target() != run.target:
        return None
    batch = work.batch(service_id, policy.BATCH[run.kind])
    # Flushed first, so that its time counts too.
    db.session.flush()
    is_done = batch.is_empty and not work.left(service_id)
    changed = update(KeyRun).values(
        done=KeyRun.done + batch.moved,
        failed=KeyRun.failed + batch.failed,
        worked_ms=KeyRun.worked_ms + max(int((time.monotonic() - began) * 1000), 1),
        wake_at=now() + (policy.HELD_RETRY if batch.is_empty else policy.LEASE),
        updated_at=now(),
    )
    if not _where_running(changed, run_id):
        raise policy.RunIsOver
    if is_done:
        _finish(service_id, run_id)
    return Worked(batch.moved, batch.failed, is_done)


def _finish(service_id: uuid.UUID, run_id: uuid.UUID) -> None:
    """End a run that has nothing left; of two workers that see it, the second finds it ended."""
    run = queries.run(Actor.system(service_id), run_id)
    run.state, run.ended_at, run.total = RunState.DONE, now(), run.done + run.failed
    _record(
        Actor.system(service_id),
        run,
        "done",
        {"target": run.target, "done": run.done, "failed": run.failed},
    )


def _set_state(actor: Actor, run: KeyRun, state: RunState, *, was: tuple[RunState, ...]) -> None:
    at = now()
    changed = db.session.execute(
        update(KeyRun)
        .where(KeyRun.id == run.id, KeyRun.state.in_(was))
        .values(
            state=state,
            wake_at=at,
            updated_at=at,
            ended_at=None if state in ACTIVE_STATES else at,
        )
        .returning(KeyRun.id)
        .execution_options(synchronize_session=False)
    ).first()
    if changed is None:
        raise policy.RunIsOver
    db.session.refresh(run)
    _record(actor, run, state.value, {"done": run.done, "failed": run.failed})


def _where_running(changed: Any, run_id: uuid.UUID) -> bool:
    """Write to a run only while it is running; tell whether it is."""
    row = db.session.execute(
        changed.where(KeyRun.id == run_id, KeyRun.state == RunState.RUNNING)
        .returning(KeyRun.id)
        .execution_options(synchronize_session=False)
    ).first()
    return row is not None


def _record(actor: Actor, run: KeyRun, what: str, detail: dict[str, int]) -> None:
    audit.record(actor, f"keys:{run.kind.value}:{what}", run, detail=detail)
