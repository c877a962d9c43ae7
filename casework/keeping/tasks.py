"""The night's sweep: first the report, then what is past its time, a few cases at a time (R24)."""

from uuid import UUID

import structlog

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


def run_once(actor: Actor, *, batch: int = BATCH) -> int:
    """Report, then erase a batch, each case in a transaction of its own; tell how many there were.

    What cannot be erased now is left for the next turn, and keeps nothing else waiting.
    """
    database.enter_service(actor.service_id)
    services.tell_report(actor)
    database.commit()
    erased = 0
    due = queries.past_time(actor, database.now(), queries.days_of(actor), limit=batch)
    for case_id in due:
        try:
            services.erase_one(actor, case_id)
            database.commit()
            erased += 1
        except Exception as problem:
            database.rollback()
            log.error("case.not_erased", case_id=str(case_id), why=type(problem).__name__)
    return erased
