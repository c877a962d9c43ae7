"""Runs that bring data keys and index terms up to date: started, worked on batch by batch, ended.

A batch and its count are one transaction: what is not committed did not happen.
"""

import time
import uuid
from collections.abc import Callable
from typing import NamedTuple

from casework import audit, vault
from casework.background import Job
from casework.database import after_commit, now
from casework.extensions import db
from casework.keys import policy, queries
from casework.keys.models import KeyRun, RunKind
from casework.runs import services as runs
from casework.runs.models import ACTIVE_STATES, RunState
from casework.runs.policy import LEASE, RunIsOver
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
    work = WORK[kind]
    if queries.active_run(actor.service_id, kind) is not None:
        raise policy.AlreadyRunning
    work.forget_failed(actor.service_id)
    total = work.left(actor.service_id)
    if not total:
        raise policy.NothingToDo
    run = runs.begin(
        actor,
        KeyRun,
        otherwise=policy.AlreadyRunning,
        kind=kind,
        target=work.target(),
        total=total,
        done=0,
        failed=0,
    )
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
    return runs.claim_due(KeyRun, service_id)


def begin_turn(service_id: uuid.UUID, run_id: uuid.UUID) -> bool:
    """Count anew what is left of a run, and tell whether this process can work on it.

    A ring with a newer current key takes the run along to that one. A process that still has an
    older ring leaves it alone: it would carry everything back.
    """
    run = queries.run(Actor.system(service_id), run_id)
    work = WORK[run.kind]
    if run.state is not RunState.RUNNING or work.target() < run.target:
        return False
    return runs.write_running(
        KeyRun,
        run_id,
        target=work.target(),
        total=KeyRun.done + KeyRun.failed + work.left(service_id),
        wake_at=now() + LEASE,
    )


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
    is_running = runs.write_running(
        KeyRun,
        run_id,
        done=KeyRun.done + batch.moved,
        failed=KeyRun.failed + batch.failed,
        worked_ms=KeyRun.worked_ms + max(int((time.monotonic() - began) * 1000), 1),
        wake_at=now() + (policy.HELD_RETRY if batch.is_empty else LEASE),
        updated_at=now(),
    )
    if not is_running:
        raise RunIsOver
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
    runs.set_state(run, state, was=was)
    _record(actor, run, state.value, {"done": run.done, "failed": run.failed})


def _record(actor: Actor, run: KeyRun, what: str, detail: dict[str, int]) -> None:
    audit.record(actor, f"keys:{run.kind.value}:{what}", run, detail=detail)
