"""Celery for Flask: every job by name, tasks that take ids only, sweeps, and the timetable.

The database is the schedule; Celery and Redis only carry ids (engine.md section 3). No task ever
has an eta or a countdown: what has a due date is a row, found by a sweep.
"""

import json
import uuid
from base64 import b64decode
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import wraps
from typing import Any, NamedTuple, cast

import structlog
from celery import Celery, Task, shared_task
from celery.signals import beat_init
from flask import Flask
from redis import Redis

from casework import database, pulse
from casework.config import Settings

log = structlog.get_logger()

VISIBILITY_TIMEOUT = 120  # seconds; set in all three places Celery reads it from
TICK_KEY = "casework:tick"
UNACKNOWLEDGED = "unacked"  # where the transport keeps what a worker has in its hands


class Job(StrEnum):
    """Every background job there is; the name is what travels through the broker."""

    TICK = "casework.tick"
    END_CONSENTS = "people.end_consents"
    WARN_OF_CONSENTS = "people.warn_of_consents"
    CLAIM_LETTERS = "notices.claim_letters"
    SEND_LETTER = "notices.send_letter"
    REFERRAL_CLOCKS = "referrals.clocks"
    CLAIM_REMINDERS = "followups.claim_reminders"
    DELIVER_REMINDERS = "followups.deliver_reminders"
    ROLL_WINDOWS = "followups.roll_windows"
    PROMPT_LIST_CALLS = "followups.prompt_list_calls"
    MOVE_CALLS = "followups.move_calls"
    ERASE_PAST_TIME = "keeping.erase_past_time"
    QUEUE_DIGESTS = "agenda.queue_digests"
    CLAIM_IMPORTS = "importing.claim_imports"
    CONTINUE_IMPORT = "importing.continue_import"
    CLAIM_KEY_RUNS = "keys.claim_key_runs"
    CONTINUE_KEY_RUN = "keys.continue_key_run"


# Not a job: what is asked for by this name is taken out of the broker instead of put in.
FORGET = "forget"


class Turn(NamedTuple):
    """What a sweep does for one service when nobody else does it: all of it, without the broker."""

    every: float
    take: Callable[[uuid.UUID], object]


timetable: dict[str, dict[str, Any]] = {}
sweeps: dict[str, Callable[[], object]] = {}
turns: dict[str, Turn] = {}
jobs: dict[str, Callable[..., object]] = {}
_service_ids: Callable[[], Iterable[uuid.UUID]] = tuple


def list_services_with(
    service_ids: Callable[[], Iterable[uuid.UUID]],
) -> Callable[[], Iterable[uuid.UUID]]:
    """Say how a sweep finds the services to go through, one after the other; give how it did before."""
    global _service_ids
    before, _service_ids = _service_ids, service_ids
    return before


class RowTask(Task):
    """A task in its own application context; the outcome is committed, a failure rolled back."""

    flask_app: Flask

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with self.flask_app.app_context():
            try:
                answer = self.run(*args, **kwargs)
                database.commit()
            except Exception:
                database.rollback()
                raise
            return answer


def task(job: Job) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Register a task (service_id, row_id): it enters the service, runs, and its work is committed."""

    def register(function: Callable[..., object]) -> Callable[..., object]:
        @wraps(function)
        def run(service_id: str, *row_ids: str) -> None:
            database.enter_service(uuid.UUID(service_id))
            function(uuid.UUID(service_id), *(uuid.UUID(row_id) for row_id in row_ids))

        shared_task(name=str(job), ignore_result=True)(run)
        jobs[str(job)] = run
        return function

    return register


def sweep(
    job: Job, *, every: float, alone: Callable[[uuid.UUID], object] | None = None
) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Register a sweep: every so many seconds, once per service, each in its own transaction.

    A sweep may run twice at the same time and must then do nothing the second time. One service's
    failure does not stop the next one's turn. A sweep that hands work to the broker says what does
    that work without it: the worker's own clock takes such a turn when beat or broker are silent.
    """

    def register(function: Callable[..., object]) -> Callable[..., object]:
        @wraps(function)
        def run() -> None:
            for service_id in service_ids():
                database.enter_service(service_id)
                take_turn(str(job), function, service_id)

        shared_task(name=str(job), ignore_result=True, expires=every * 2)(run)
        sweeps[str(job)] = run
        turns[str(job)] = Turn(every, alone or function)
        timetable[str(job)] = {
            "task": str(job),
            "schedule": every,
            "options": {"expires": every * 2},
        }
        return function

    return register


def take_turn(job: str, work: Callable[[uuid.UUID], object], service_id: uuid.UUID) -> bool:
    """Do a sweep's work in the entered service and leave a beat; tell whether it went well."""
    try:
        work(service_id)
        pulse.count(service_id, {job: 1})
        database.commit()
    except Exception as error:
        database.rollback()
        log.error("sweep.failed", job=job, error=type(error).__name__)
        return False
    return True


def service_ids() -> list[uuid.UUID]:
    """List the services that sweeps go through."""
    return list(_service_ids())


def forget_messages(*row_ids: uuid.UUID) -> None:
    """Once it is committed, take every message that names one of these rows out of the broker (R17)."""
    if row_ids:
        database.after_commit(FORGET, *row_ids)


def broker_client(app: Flask) -> Redis:
    """Give a Redis client for health checks; nothing but a tick time is ever stored through it."""
    settings: Settings = app.config["CASEWORK"]
    return Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2)


def init_app(app: Flask) -> None:
    """Make the Celery application of this Flask application and let committed jobs leave through it."""
    settings: Settings = app.config["CASEWORK"]
    RowTaskOfApp = type("RowTaskOfApp", (RowTask,), {"flask_app": app, "abstract": True})
    celery = Celery(app.name, task_cls=RowTaskOfApp, set_as_current=True)
    celery.conf.update(_celery_settings(settings))
    celery.set_default()

    @shared_task(name=str(Job.TICK), ignore_result=True, expires=60)
    def tick() -> None:
        """Leave a trace that beat, broker and worker all turn; /readyz looks for it."""
        broker_client(app).set(TICK_KEY, int(database.now().timestamp()), ex=600)

    @beat_init.connect(weak=False)
    def tick_at_once(**_: object) -> None:
        """Let /readyz see the beat as soon as it turns, not a quarter of a minute later."""
        celery.send_task(str(Job.TICK), retry=False)

    timetable[str(Job.TICK)] = {"task": str(Job.TICK), "schedule": 15.0, "options": {"expires": 30}}
    celery.conf.beat_schedule = timetable
    app.extensions["celery"] = celery

    def publish(job: str, ids: tuple[str, ...]) -> None:
        # A broker that is down must not undo what is committed: the sweep will find the row.
        try:
            if job == FORGET:
                drop_messages(broker_client(app), celery.conf.task_default_queue, ids)
                return
            celery.send_task(job, args=ids, retry=False)
        except Exception as error:
            log.warning("job.not_published", job=job, error=type(error).__name__)

    database.publish_with(publish)


def drop_messages(client: Redis, queue: str, ids: Iterable[str]) -> int:
    """Drop the messages about these rows, waiting or in a worker's hands; tell how many there were.

    A worker that has one already finds no row and does nothing; it misses no message of its own.
    """
    dropped = 0
    wanted = tuple(ids)
    for raw in client.lrange(queue, 0, -1):
        if _names(raw, wanted):
            dropped += client.lrem(queue, 0, cast("str", raw))  # as it stands, bytes or text
    for tag, raw in client.hscan_iter(UNACKNOWLEDGED):
        if _names(raw, wanted):
            client.zrem(f"{UNACKNOWLEDGED}_index", tag)
            dropped += client.hdel(UNACKNOWLEDGED, tag)
    return dropped


def _names(raw: bytes | str, ids: tuple[str, ...]) -> bool:
    """Tell whether a message names one of these ids, in its headers or in its encoded body.

    What is no message of ours is only searched as it stands: it must not keep the others there.
    """
    text = raw if isinstance(raw, str) else raw.decode(errors="replace")
    told = text + _body(text)
    return any(id_ in told for id_ in ids)


def _body(text: str) -> str:
    try:
        envelope = json.loads(text)
        message = envelope[0] if isinstance(envelope, list) else envelope
        return b64decode(message["body"]).decode(errors="replace")
    except (ValueError, LookupError, TypeError, RecursionError):
        log.warning("job.message_malformed")
        return ""


def _celery_settings(settings: Settings) -> dict[str, Any]:
    transport = {"visibility_timeout": VISIBILITY_TIMEOUT, "socket_timeout": 5}
    return {
        "broker_url": settings.broker_url,
        "broker_connection_retry_on_startup": True,
        "broker_transport_options": transport,
        "result_backend": None,
        "result_backend_transport_options": transport,
        "visibility_timeout": VISIBILITY_TIMEOUT,
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_publish_retry": False,
        "task_soft_time_limit": 60,
        "task_time_limit": 90,
        "task_serializer": "json",
        "accept_content": ["json"],
        "worker_prefetch_multiplier": 1,
        "worker_hijack_root_logger": False,
        "worker_send_task_events": False,
        "timezone": "UTC",
        "enable_utc": True,
    }
