"""The worker's own clock: takes the turns that beat, or the broker, should have brought and did not.

It is a thread in each process of a worker, which needs neither beat nor Redis. It looks at when each
sweep last ran in each service, and where that is too long ago it does the work here. Of several who
look at once one takes the turn, and a turn taken twice does nothing the second time.
"""

import threading
from datetime import timedelta

import structlog
from celery.signals import worker_process_init, worker_process_shutdown
from flask import Flask

from casework import background, database, pulse
from casework.background import Turn
from casework.extensions import db

log = structlog.get_logger()

LOOK_EVERY = 5.0  # seconds
# A sweep that missed this many of its turns is silent; beat and broker may be a little late.
MISSED_TURNS = 3


def silence_of(turn: Turn) -> timedelta:
    """Tell after how long without a beat a sweep counts as silent."""
    return timedelta(seconds=turn.every * MISSED_TURNS)


def take_missed_turns(app: Flask) -> list[str]:
    """Do the work of every sweep that has been silent for too long; name what was done."""
    taken = []
    with app.app_context():
        try:
            for service_id in background.service_ids():
                database.enter_service(service_id)
                for job, turn in background.turns.items():
                    if not pulse.take_turn(service_id, job, silent_for=silence_of(turn)):
                        database.rollback()
                        continue
                    database.commit()
                    background.take_turn(job, turn.take, service_id)
                    taken.append(job)
        finally:
            database.rollback()
            database.enter_service(None)
            db.session.remove()
    return taken


class Timer(threading.Thread):
    """Looks every few seconds, until it is told to stop; whatever goes wrong, it looks again."""

    def __init__(self, app: Flask, *, every: float = LOOK_EVERY) -> None:
        super().__init__(name="casework-timer", daemon=True)
        self._app, self._every = app, every
        self._ended = threading.Event()

    def run(self) -> None:
        """Look until told to stop."""
        while not self._ended.wait(self._every):
            try:
                for job in take_missed_turns(self._app):
                    log.warning("sweep.taken_by_timer", job=job)
            except Exception as error:
                log.error("timer.failed", error=type(error).__name__)

    def stop(self) -> None:
        """Look no more; what is being done is finished."""
        self._ended.set()


def start_with_workers(app: Flask) -> None:
    """Let each process of a worker have a clock of its own from its start on."""

    @worker_process_init.connect(weak=False)
    def begin(**_: object) -> None:
        timer = Timer(app)
        timer.start()
        worker_process_shutdown.connect(lambda **_: timer.stop(), weak=False)
