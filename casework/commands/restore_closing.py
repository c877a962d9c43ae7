"""Ends in a restored database what was open when the backup was made, and lets no letter leave twice."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from casework.audit.chain import Act, microseconds
from casework.audit.writing import SEALED_ACTION, append
from casework.commands.backup_database import has_table
from casework.commands.restore_checks import Finding
from casework.notices.models import Letter
from casework.security.actors import ActorKind
from casework.vault.digests import digest_of, layout

# What was ended after the backup would be alive again: nobody here can know which of them were.
CLOSE = {
    "sessions": "UPDATE web_session SET ended_at = now() WHERE ended_at IS NULL",
    "agency links": "UPDATE referral_link SET revoked_at = now()"
    " WHERE revoked_at IS NULL AND expires_at > now()",
    "passphrase links": "UPDATE passphrase_link SET expires_at = now()"
    " WHERE used_at IS NULL AND expires_at > now()",
    "letters that may have left already": "UPDATE letter SET status = 'unknown', claim = NULL"
    " WHERE status IN ('queued', 'sending')",
}
# Whatever became of it, such a letter is not sent from here: to whom it went is not kept (R16, R17).
FORGET_ADDRESSEES = text(
    "UPDATE letter SET addressee = NULL WHERE addressee IS NOT NULL"
    " AND status NOT IN ('queued', 'sending') RETURNING service_id, id"
)


def close_what_was_open(connection: Connection) -> Finding:
    """End every session and link, and let no letter leave twice."""
    closed = [
        f"{connection.execute(text(statement)).rowcount} {what}"
        for what, statement in CLOSE.items()
    ]
    _forget_addressees(connection)
    return Finding(True, f"closed: {', '.join(closed)}")


def _forget_addressees(connection: Connection) -> None:
    """Destroy to whom letters without a subject went, as the outbox does once they have left."""
    if not _has_addressees(connection):
        return
    rows: dict[UUID, list[UUID]] = defaultdict(list)
    for service_id, letter_id in connection.execute(FORGET_ADDRESSEES):
        rows[service_id].append(letter_id)
    for service_id, letter_ids in rows.items():
        forget_owners(connection, service_id, letter_ids)
        _tell_chain(connection, service_id, letter_ids)


def _has_addressees(connection: Connection) -> bool:
    # Backups from before there were erasures have no such column.
    question = text(
        "SELECT 1 FROM information_schema.columns WHERE table_schema = 'public'"
        " AND table_name = 'letter' AND column_name = 'addressee'"
    )
    return connection.execute(question).first() is not None


def forget_owners(connection: Connection, service_id: UUID, owner_ids: list[UUID]) -> None:
    """Destroy the data keys, index terms and row digests of owners."""
    for table in ("data_key", "index_term", "row_digest"):
        if has_table(connection, table):
            statement = (
                f"DELETE FROM {table} WHERE service_id = :service_id AND owner_id = ANY(:ids)"  # noqa: S608
            )
            connection.execute(text(statement), {"service_id": service_id, "ids": owner_ids})


def _tell_chain(connection: Connection, service_id: UUID, letter_ids: list[UUID]) -> None:
    """Record what is sealed in these letters now, so that nobody takes it for a value put back."""
    columns = layout(Letter)
    if columns is None:
        raise TypeError("a letter has no sealed column")
    nothing = [None] * len(columns.columns)
    digests = {str(each): digest_of(columns, each, nothing).hex() for each in letter_ids}
    detail: dict[str, Any] = {"rows": digests}
    act = Act(
        at_us=microseconds(connection.execute(text("SELECT now()")).scalar_one()),
        service_id=service_id,
        actor_kind=ActorKind.COMMAND.value,
        actor_id=None,
        action=SEALED_ACTION,
        object_type="row_digest",
        object_id=None,
        detail=detail,
    )
    append(connection, [act])
