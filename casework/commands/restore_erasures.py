"""Erasures outlive a restore: their list is kept beside the backups, and done again after one (R17)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from sqlalchemy import Connection, text

from casework.audit.chain import NotACode, code
from casework.commands.backup import one_sentence, reading_url
from casework.commands.backup_database import connected, has_table, note
from casework.commands.backup_file import new_file
from casework.commands.backup_tools import CopyFailed
from casework.config import read_settings

FORMAT = "casework-erasures-1"


@dataclass(frozen=True)
class Erasure:
    """One erasure, in ids and a reason's code: what the tombstone holds."""

    service_id: UUID
    id: UUID
    case_id: UUID
    person_id: UUID | None
    reason: str
    erased_at: datetime
    by_account: UUID | None


COLUMNS = tuple(field.name for field in fields(Erasure))


@click.group("erasures")
def erasures_group() -> None:
    """Erasures: what must not come back with an old backup."""


@erasures_group.command("export")
@click.option("--to", "path", type=click.Path(path_type=Path), required=True, help="A new file.")
def export_command(path: Path) -> None:
    """Write the list of all erasures, ids only, for `casework restore --erasures`."""
    with one_sentence():
        url = reading_url(read_settings())
        with connected(url, "READER_DATABASE_URL") as connection:
            found = every_erasure(connection)
        write_list(path, found)
    click.echo(f"Wrote {len(found)} erasures to {path}. Keep it where the backups are.")


def every_erasure(connection: Connection) -> list[dict[str, str | None]]:
    """Read the tombstones of all services."""
    if not has_table(connection, "erasure"):
        return []
    question = f"SELECT {', '.join(COLUMNS)} FROM erasure ORDER BY erased_at, id"  # noqa: S608
    return [
        {
            name: value.isoformat() if isinstance(value, datetime) else value and str(value)
            for name, value in row._mapping.items()
        }
        for row in connection.execute(text(question))
    ]


def write_list(path: Path, found: Iterable[dict[str, str | None]]) -> None:
    """Write a list of erasures to a new file, one JSON object a line after the first."""
    first = {"format": FORMAT, "exported_at": datetime.now(UTC).isoformat(timespec="seconds")}
    content = "".join(json.dumps(line, sort_keys=True) + "\n" for line in (first, *found))
    with new_file(path) as descriptor, os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(content.encode("ascii"))


def read_list(path: Path) -> list[Erasure]:
    """Read what `write_list` wrote; raise CopyFailed when it is anything else."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError as problem:
        reason = (problem.strerror or "unknown reason").lower()
        raise CopyFailed(f"The list of erasures {path} cannot be read: {reason}.") from None
    except UnicodeDecodeError:
        lines = []
    try:
        if json.loads(lines[0])["format"] != FORMAT:
            raise ValueError
        return [_erasure(json.loads(line)) for line in lines[1:]]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise CopyFailed(f"{path} is not a list written by casework erasures export.") from None


def _erasure(line: dict[str, Any]) -> Erasure:
    return Erasure(
        service_id=UUID(line["service_id"]),
        id=UUID(line["id"]),
        case_id=UUID(line["case_id"]),
        person_id=UUID(line["person_id"]) if line["person_id"] else None,
        reason=_code(line["reason"]),
        erased_at=datetime.fromisoformat(line["erased_at"]),
        by_account=UUID(line["by_account"]) if line["by_account"] else None,
    )


def _code(reason: str) -> str:
    try:
        return code(reason)
    except NotACode:
        raise ValueError from None


def repeat(connection: Connection, erasures: Iterable[Erasure]) -> int:
    """Do again every erasure that this database does not know of; tell how many those were."""
    keeps_tombstones, done = has_table(connection, "erasure"), 0
    for erasure in erasures:
        if keeps_tombstones and _is_known(connection, erasure):
            continue
        erase_again(connection, erasure)
        if keeps_tombstones:
            _write_tombstone(connection, erasure)
        detail = {"erasure": erasure.id, "reason": erasure.reason}
        note(connection, "erasure:repeat", detail, ("case", str(erasure.case_id)))
        done += 1
    return done


# In this order: what points to a row by its id alone, before the row that would name it is gone.
# The tables below a case and below a person go with them (ON DELETE CASCADE).
ERASE = (
    """DELETE FROM notice WHERE service_id = :service_id AND subject_id IN (
        SELECT unnest(ARRAY[CAST(:case_id AS uuid), CAST(:person_id AS uuid)])
        UNION SELECT id FROM follow_up WHERE case_id = :case_id
        UNION SELECT id FROM referral WHERE case_id = :case_id)""",
    """DELETE FROM letter WHERE service_id = :service_id AND subject_id IN (
        SELECT id FROM referral WHERE case_id = :case_id
        UNION SELECT l.id FROM referral_link l JOIN referral r ON r.id = l.referral_id
        WHERE r.case_id = :case_id)""",
    "UPDATE emergency_hand_off SET case_id = NULL WHERE case_id = :case_id",
    'DELETE FROM "case" WHERE service_id = :service_id AND id = :case_id',
    """DELETE FROM person WHERE service_id = :service_id AND id = :person_id
        AND NOT EXISTS (SELECT 1 FROM "case" WHERE person_id = :person_id)""",
)
OWNED = ("row_digest", "index_term", "data_key")


def erase_again(connection: Connection, erasure: Erasure) -> None:
    """Destroy the keys, the index terms and the rows of one erased case, and of its person if they went.

    Nobody is told: agencies heard “withdrawn” when it was erased the first time.
    """
    owners = [owner for owner in (erasure.case_id, erasure.person_id) if owner is not None]
    for table in OWNED:
        if has_table(connection, table):
            statement = (
                f"DELETE FROM {table} WHERE service_id = :service_id AND owner_id = ANY(:ids)"  # noqa: S608
            )
            connection.execute(text(statement), {"service_id": erasure.service_id, "ids": owners})
    values = {name: getattr(erasure, name) for name in ("service_id", "case_id", "person_id")}
    for statement in ERASE:
        named = {name: value for name, value in values.items() if f":{name}" in statement}
        connection.execute(text(statement), named)


def _is_known(connection: Connection, erasure: Erasure) -> bool:
    question = text("SELECT 1 FROM erasure WHERE id = :id OR case_id = :case_id")
    values = {"id": erasure.id, "case_id": erasure.case_id}
    return connection.execute(question, values).first() is not None


def _write_tombstone(connection: Connection, erasure: Erasure) -> None:
    # A service or a colleague who came after the backup is not in it.
    statement = (
        "INSERT INTO erasure (service_id, id, case_id, person_id, reason, erased_at, by_account)"
        " SELECT id, :id, :case_id, :person_id, :reason, :erased_at,"
        " (SELECT id FROM account WHERE id = :by_account) FROM service WHERE id = :service_id"
    )
    values = {name: getattr(erasure, name) for name in COLUMNS}
    connection.execute(text(statement), values)
