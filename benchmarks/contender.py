"""One process of one contender: `python -m benchmarks.contender NAME`, told the rest by its environment.

It works until it is killed. What it may know: the database, the broker, the service, the lease.
"""

import asyncio
import logging
import os
import sys
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from celery import Celery
from celery.signals import worker_ready
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from redis import Redis
from sqlalchemy import Engine, create_engine, make_url, text

from benchmarks import reminder_work
from casework import ENGINE_OPTIONS, background, create_app
from casework.background import Job
from casework.followups import tasks
from casework.followups.services import reminders

IDLE = 0.02  # seconds a loop of ours, or of theirs, rests when nothing is due
THREADS = 4


@cache
def service_id() -> uuid.UUID:
    """Give the service whose reminders are due."""
    return uuid.UUID(os.environ["BENCH_SERVICE"])


@cache
def lease() -> timedelta:
    """Give how long a claim holds, the same for all who claim."""
    return timedelta(seconds=float(os.environ["BENCH_LEASE"]))


@cache
def engine() -> Engine:
    """Give this process’s connections to the database, as the application’s role."""
    return create_engine(os.environ["DATABASE_URL"], pool_size=THREADS, **ENGINE_OPTIONS)


def plain_url(url: str) -> str:
    """Write an SQLAlchemy address as libpq reads it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def ready() -> None:
    """Tell the run that this process has imported what it needs and begins to look."""
    (Path(os.environ["BENCH_READY"]) / str(os.getpid())).touch()


def repeat(turn: Callable[[], int]) -> None:
    """Take turns for ever, and rest when there was nothing to do."""
    ready()
    while True:
        if not turn():
            time.sleep(IDLE)


def ours() -> None:
    """Casework without a broker: the turn that `casework reminders run` takes."""
    app = create_app()
    with app.app_context():
        repeat(lambda: tasks.run_once(service_id()))


def beat() -> None:
    """Casework with Celery: the claiming sweep, without the timetable’s pauses in a backlog."""
    app = create_app()
    claim = background.sweeps[str(Job.CLAIM_REMINDERS)]
    broker: Redis = Redis.from_url(app.config["CASEWORK"].redis_url)

    def turn() -> int:
        # What waits in the broker while its lease runs out would be claimed a second time.
        if not broker.llen("celery"):
            with app.app_context():
                claim()
        return 0

    repeat(turn)


def bare() -> None:
    """The limit: two statements and the writes, in batches as large as ours."""
    repeat(lambda: reminder_work.take_batch(engine(), service_id(), reminders.BATCH, lease()))


def compare_and_set() -> None:
    """One row a time: the oldest that is due, if it is still as it was seen."""
    repeat(lambda: reminder_work.compare_and_set(engine(), service_id()))


def write_one(reminder_id: str) -> None:
    """Do the work of one reminder: what the job of every library below calls."""
    reminder_work.write_one(engine(), service_id(), uuid.UUID(reminder_id))


def scheduler(*, is_paused: bool = False) -> BackgroundScheduler:
    """Give APScheduler with its jobs in the same PostgreSQL; no job is ever too late for it."""
    made = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(url=os.environ["BENCH_ADMIN_URL"])},
        executors={"default": ThreadPoolExecutor(THREADS)},
        job_defaults={"misfire_grace_time": None, "max_instances": 100_000},
        timezone="UTC",
    )
    made.start(paused=is_paused)
    return made


def add_to_scheduler(ids: list[str], at: datetime) -> None:
    """Give APScheduler one job for each reminder, due at the same moment."""
    made = scheduler(is_paused=True)
    for reminder_id in ids:
        made.add_job("benchmarks.contender:write_one", "date", run_date=at, args=[reminder_id])
    made.shutdown()


def apscheduler() -> None:
    """APScheduler 3 with its SQLAlchemy job store: one process, as its documentation asks."""
    scheduler()
    ready()
    while True:
        time.sleep(1)


def procrastinate_app(*, is_worker: bool) -> App:
    """Give Procrastinate in the same PostgreSQL, with its one task."""
    info = plain_url(os.environ["BENCH_ADMIN_URL"])
    connector = (
        PsycopgConnector(conninfo=info) if is_worker else SyncPsycopgConnector(conninfo=info)
    )
    app = App(connector=connector)
    app.task(name="write_one")(write_one)
    return app


def add_to_procrastinate(ids: list[str], at: datetime) -> None:
    """Make Procrastinate’s tables if need be, and give it one job for each reminder."""
    with procrastinate_app(is_worker=False).open() as app:
        with engine().connect() as connection:
            is_new = connection.execute(
                text("SELECT to_regclass('procrastinate_jobs') IS NULL")
            ).scalar()
        if is_new:
            app.schema_manager.apply_schema()
        task = app.configure_task("write_one", schedule_at=at)
        task.batch_defer(*({"reminder_id": reminder_id} for reminder_id in ids))


def procrastinate() -> None:
    """Procrastinate’s own worker."""

    async def work() -> None:
        async with procrastinate_app(is_worker=True).open_async() as app:
            ready()
            await app.run_worker_async(
                concurrency=THREADS, install_signal_handlers=False, fetch_job_polling_interval=IDLE
            )

    asyncio.run(work())


def add_to_eta(ids: list[str], at: datetime) -> None:
    """Give Celery one message for each reminder, all with the same eta."""
    for reminder_id in ids:
        eta_celery().send_task("write_one", args=[reminder_id], eta=at)


@cache
def eta_celery() -> Celery:
    """Give a Celery that holds what is due later by eta, with the settings of ours otherwise."""
    made = Celery("bench", broker=os.environ["BENCH_BROKER_URL"])
    made.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        task_default_queue="bench-eta",
        broker_transport_options={"visibility_timeout": background.VISIBILITY_TIMEOUT},
        broker_connection_retry_on_startup=True,
    )
    made.task(name="write_one")(write_one)
    worker_ready.connect(lambda **_: ready(), weak=False)
    return made


logging.getLogger("procrastinate").setLevel(logging.ERROR)
# Where Celery’s own command looks for it: celery -A benchmarks.contender:eta worker
eta = eta_celery() if "BENCH_BROKER_URL" in os.environ else None

NAMES: dict[str, Callable[[], None]] = {
    "ours": ours,
    "beat": beat,
    "bare": bare,
    "compare_and_set": compare_and_set,
    "apscheduler": apscheduler,
    "procrastinate": procrastinate,
}


ADDERS = {
    "celery_eta": add_to_eta,
    "apscheduler": add_to_scheduler,
    "procrastinate": add_to_procrastinate,
}


def add(name: str, at: datetime) -> None:
    """Hand every waiting reminder over to a library that keeps a schedule of its own."""
    with engine().begin() as connection:
        reminder_work.enter(connection, service_id())
        ids = connection.execute(text("SELECT id::text FROM reminder WHERE status = 'scheduled'"))
        waiting = list(ids.scalars())
    ADDERS[name](waiting, at)


def main() -> None:
    """Work as the contender that was named, or hand its work over: add NAME MOMENT."""
    reminders.LEASE = lease()
    if sys.argv[1] == "add":
        add(sys.argv[2], datetime.fromisoformat(sys.argv[3]))
    else:
        NAMES[sys.argv[1]]()


if __name__ == "__main__":
    main()
