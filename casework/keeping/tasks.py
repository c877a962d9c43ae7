"""The night's sweep: first the report, then what is past its time, a few cases at a time (R24)."""

from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from casework import accounts, database
from casework.background import Job, sweep
from casework.keeping import policy, queries, services
from casework.security import Actor

log = structlog.get_logger()

# Small enough to end within a task's time; the sweep comes again several times a night.
BATCH = 25


@sweep(Job.ERASE_PAST_TIME, every=600)
def erase_past_time(service_id: UUID) -> None:
    """Erase what is past its time while it is night where the service is."""
    actor = Actor.system(service_id)
    if policy.is_night(database.now(), accounts.queries.service_of(actor).time_zone):
        run_once(actor)


def run_once(actor: Actor, *, batch: int = BATCH, failed: set[UUID] | None = None) -> int:
    """Report, then erase a batch, each case in a transaction of its own; tell how many there were.

    What cannot be erased now is put into `failed` and left for the next turn: those behind it move
    up, so that even a whole batch of such cases keeps nothing else waiting.
    """
    database.enter_service(actor.service_id)
    services.tell_report(actor)
    database.commit()
    failed = set() if failed is None else failed
    erased = 0
    while due := queries.past_time(
        actor, database.now(), queries.days_of(actor), limit=batch - erased, without=failed
    ):
        for case_id in due:
            if _is_erased(actor, case_id):
                erased += 1
            else:
                failed.add(case_id)
        if erased == batch:
            break
    return erased


def _is_erased(actor: Actor, case_id: UUID) -> bool:
    """Erase one case and commit; tell whether that was possible."""
    try:
        services.erase_one(actor, case_id)
        database.commit()
    except SoftTimeLimitExceeded:
        # The worker is about to be stopped: that says nothing about this case.
        database.rollback()
        raise
    except Exception as problem:
        database.rollback()
        log.error("case.not_erased", case_id=str(case_id), why=type(problem).__name__)
        return False
    return True
