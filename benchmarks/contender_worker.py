"""The Celery worker of ours for `celery -A benchmarks.contender_worker`, with the lease of the run."""

from celery.signals import worker_ready

from benchmarks.contender import lease, ready
from casework.followups.services import reminders
from celery_worker import celery

reminders.LEASE = lease()
worker_ready.connect(lambda **_: ready(), weak=False)
__all__ = ["celery"]
