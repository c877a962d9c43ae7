"""Key runs at work: a sweep that finds what is due, a job for one turn, and a turn without Celery."""

import time
from uuid import UUID

from casework import database
from casework.background import Job, sweep, task
from casework.keys import policy, services
from casework.keys.services import Worked
from casework.runs.policy import RunIsOver


@sweep(Job.CLAIM_KEY_RUNS, every=15.0)
def claim_key_runs(service_id: UUID) -> None:
    """Hand every run that nobody works on to a worker."""
    for run_id in services.claim_due(service_id):
        database.after_commit(Job.CONTINUE_KEY_RUN, service_id, run_id)


@task(Job.CONTINUE_KEY_RUN)
def continue_key_run(service_id: UUID, run_id: UUID) -> None:
    """Work on a run for a short turn; if something is left, ask for the next one."""
    if not begin_turn(service_id, run_id):
        return
    ends_at = time.monotonic() + policy.TURN_SECONDS
    while time.monotonic() < ends_at:
        worked = take_batch(service_id, run_id)
        if worked is None or worked.is_done or worked.is_held_up:
            return
    database.after_commit(Job.CONTINUE_KEY_RUN, service_id, run_id)


def begin_turn(service_id: UUID, run_id: UUID) -> bool:
    """Count what is left, and tell whether this process can work on the run."""
    can_work = services.begin_turn(service_id, run_id)
    database.commit()
    return can_work


def take_batch(service_id: UUID, run_id: UUID) -> Worked | None:
    """Do one batch in a transaction of its own; None when the run is no longer to be worked on."""
    try:
        worked = services.work_batch(service_id, run_id)
    except RunIsOver:
        database.rollback()
        return None
    database.commit()
    return worked
