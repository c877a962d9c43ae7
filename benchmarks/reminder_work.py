"""The work that every contender does for a due reminder: in-app row, outbox row, entry in the chain.

Ours does more before it writes (consent, plan and hours are asked again); these do the writes alone.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text

from casework.audit.chain import Act
from casework.audit.writing import append, time_of
from casework.database import SET_TENANT

ABOUT = text(
    "SELECT r.id, r.follow_up_id, f.assigned_to, c.person_id FROM reminder r "
    'JOIN follow_up f ON f.id = r.follow_up_id JOIN "case" c ON c.id = f.case_id WHERE r.id = ANY(:ids)'
)
TELL = text(
    "INSERT INTO notice (id, service_id, account_id, kind, subject_type, subject_id, occurrence_key, at) "
    "VALUES (:id, :service, :account, 'call_back_due', 'follow_up', :subject, :key, now())"
)
# One letter waits for a reader at most, as with us.
WRITE = text(
    "INSERT INTO letter (id, service_id, kind, account_id, status, idempotency_key, wake_at, attempts,"
    " created_at) SELECT :id, :service, 'call_backs_due', :account, 'queued', :key, now(), 0, now() "
    "WHERE NOT EXISTS (SELECT 1 FROM letter WHERE account_id = :account"
    " AND kind = 'call_backs_due' AND status = 'queued')"
)
SHOWN = text(
    "UPDATE reminder SET status = 'shown', claim = NULL, shown_at = now() WHERE id = ANY(:ids)"
)
CLAIM = text(
    "UPDATE reminder SET wake_at = clock_timestamp() + :lease, claim = :claim, attempts = attempts + 1 "
    "WHERE id = ANY(ARRAY(SELECT id FROM reminder WHERE status = 'scheduled' AND wake_at <= now() "
    "ORDER BY wake_at LIMIT :batch FOR UPDATE SKIP LOCKED)) RETURNING id"
)
FINISH = text(
    "UPDATE reminder SET status = 'shown', claim = NULL, shown_at = now() "
    "WHERE id = ANY(:ids) AND claim = :claim AND status = 'scheduled' RETURNING id"
)
OLDEST = text(
    "SELECT id FROM reminder WHERE status = 'scheduled' AND wake_at <= clock_timestamp() "
    "ORDER BY wake_at LIMIT 1"
)
STILL_AS_SEEN = text(
    "UPDATE reminder SET status = 'shown', shown_at = now() WHERE id = :id AND status = 'scheduled'"
)


def enter(connection: Connection, service_id: uuid.UUID) -> None:
    """Let a connection see the rows of the service, as ours has to."""
    connection.execute(SET_TENANT, {"service": str(service_id)})


def write(connection: Connection, service_id: uuid.UUID, ids: Sequence[uuid.UUID]) -> None:
    """Write the three rows for each of these reminders; nothing here makes doing it twice harmless."""
    rows = connection.execute(ABOUT, {"ids": list(ids)}).all()
    if not rows:
        return
    keyed = [
        {
            "id": uuid.uuid4(),
            "service": service_id,
            "account": row.assigned_to,
            "subject": row.follow_up_id,
            "key": str(uuid.uuid4()),
        }
        for row in rows
    ]
    connection.execute(TELL, keyed)
    # A batch writes at most one letter a reader: what is merged need not be asked for again.
    connection.execute(WRITE, list({row["account"]: row for row in keyed}.values()))
    at_us = time_of(connection)
    append(
        connection,
        [
            Act(
                at_us=at_us,
                service_id=service_id,
                actor_kind="system",
                actor_id=None,
                action="followup:reminder:shown",
                object_type="reminder",
                object_id=str(row.id),
                subjects=(row.person_id,),
            )
            for row in rows
        ],
    )


def write_one(engine: Engine, service_id: uuid.UUID, reminder_id: uuid.UUID) -> None:
    """Do the work of one reminder in one transaction, and mark it as done."""
    with engine.begin() as connection:
        enter(connection, service_id)
        write(connection, service_id, [reminder_id])
        connection.execute(SHOWN, {"ids": [reminder_id]})


def take_batch(engine: Engine, service_id: uuid.UUID, batch: int, lease: timedelta) -> int:
    """Claim a batch, commit, then write and finish it in one transaction: the limit of the engine."""
    claim = uuid.uuid4()
    with engine.begin() as connection:
        enter(connection, service_id)
        values: dict[str, Any] = {"lease": lease, "claim": claim, "batch": batch}
        taken = list(connection.execute(CLAIM, values).scalars())
    if taken:
        with engine.begin() as connection:
            enter(connection, service_id)
            mine = list(connection.execute(FINISH, {"ids": taken, "claim": claim}).scalars())
            write(connection, service_id, mine)
    return len(taken)


def compare_and_set(engine: Engine, service_id: uuid.UUID) -> int:
    """Take the oldest due row if nobody else has, commit, then do its work."""
    with engine.begin() as connection:
        enter(connection, service_id)
        oldest = connection.execute(OLDEST).scalar()
        if oldest is None:
            return 0
        is_mine = connection.execute(STILL_AS_SEEN, {"id": oldest}).rowcount == 1
    if is_mine:
        with engine.begin() as connection:
            enter(connection, service_id)
            write(connection, service_id, [oldest])
    return 1
