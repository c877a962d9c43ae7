"""The control: the same reminders by Celery's eta, as many projects do it; only here, to be seen failing."""

import os
import uuid
from datetime import datetime

from celery import Celery
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

BY_ETA = """
    INSERT INTO notice (id, service_id, account_id, kind, subject_type, subject_id, occurrence_key, at)
    SELECT gen_random_uuid(), f.service_id, c.owner_id, 'call_back_due', 'follow_up', f.id, :key, now()
    FROM follow_up f JOIN "case" c ON c.id = f.case_id WHERE f.id = :id
"""

celery = Celery("by_eta")
celery.conf.update(
    broker_url=os.environ.get("REDIS_URL", "redis://127.0.0.1:1/0"),
    broker_transport_options={"visibility_timeout": 5, "socket_timeout": 5},
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    worker_hijack_root_logger=False,
)


@celery.task(name="remind", ignore_result=True)
def remind(follow_up_id: str) -> None:
    """Tell whoever has it: what was scheduled is trusted to come once."""
    engine = create_engine(os.environ["CONTROL_DATABASE_URL"], poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(BY_ETA), {"id": follow_up_id, "key": uuid.uuid4().hex})


def plan(redis_url: str, follow_up_id: uuid.UUID, due_at: datetime) -> None:
    """Hand a reminder to the broker, to be run when it is due."""
    celery.conf.broker_url = redis_url
    remind.apply_async(args=[str(follow_up_id)], eta=due_at)
