"""The entry point of workers and beats in a hurry: the same code, with its times made short."""

from datetime import timedelta

from casework import background
from casework.background import Job
from casework.commands import timer
from casework.followups.services import reminders
from casework.notices import policy

# Two minutes of a lease are six seconds here: a test cannot wait for what a killed worker held. On a
# busy machine that is so short that it may run out often, without anything being wrong with a row.
reminders.LEASE = timedelta(seconds=6)
reminders.MOST_CLAIMS = 1000
policy.LEASE = timedelta(seconds=6)
policy.QUIET_FOR = timedelta(seconds=1)
timer.LOOK_EVERY = 1.0
# Each reminder is claimed by many, and few at a time, so that there is much to be killed.
reminders.BATCH = 5
reminders.claim.__kwdefaults__["limit"] = 5
background.VISIBILITY_TIMEOUT = 5

from celery_worker import celery, flask_app  # noqa: E402

# The other sweeps keep their times: on a small machine they would leave no room for these.
for job in (Job.CLAIM_REMINDERS, Job.CLAIM_LETTERS):
    background.timetable[job] |= {"schedule": 2.0, "options": {"expires": 10}}
    background.turns[job] = background.turns[job]._replace(every=2.0)

__all__ = ["celery", "flask_app"]
