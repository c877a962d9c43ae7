"""Erasures outlive a restore: their list is kept beside the backups, and done again after one (R17)."""

from __future__ import annotations

import hashlib
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

from casework.cases.erasure_models import ErasureReason
from casework.commands.backup import one_sentence, reading_url
from casework.commands.backup_database import connected, has_table, note
from casework.commands.backup_file import new_file
from casework.commands.backup_tools import CopyFailed
from casework.commands.restore_checks import Finding
from casework.commands.restore_closing import forget_owners
from casework.config import read_settings

FORMAT = "casework-erasures-2"


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


@dataclass(frozen=True)
class ErasureList:
    """Every erasure there was when the list was written."""

    exported_at: datetime
    erasures: list[Erasure]


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
        # Before the rows are read: an erasure of the same moment is then younger than the list.
        at = datetime.now(UTC)
        with connected(url, "READER_DATABASE_URL") as connection:
            found = every_erasure(connection)
        digest = write_list(path, found, at)
    click.echo(f"Wrote {len(found)} erasures to {path}. Keep it where the backups are.")
    click.echo(f"SHA-256 of its lines {digest}")


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


def write_list(path: Path, found: Iterable[dict[str, str | None]], at: datetime) -> str:
    """Write a list of erasures to a new file, one JSON object a line, and give the lines' SHA-256.

    The first line holds their number and that digest: a copy that broke off is then no shorter list.
    """
    lines = [json.dumps(line, sort_keys=True) + "\n" for line in found]
    digest = _digest_of(lines)
    first = {
        "format": FORMAT,
        "exported_at": at.isoformat(timespec="seconds"),
        "count": len(lines),
        "sha256": digest,
    }
    content = "".join([json.dumps(first, sort_keys=True) + "\n", *lines])
    with new_file(path) as descriptor, os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(content.encode("ascii"))
    return digest


def _digest_of(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(lines).encode("ascii")).hexdigest()


def read_list(path: Path) -> ErasureList:
    """Read what `write_list` wrote; raise CopyFailed when it is anything else, or not all of it."""
    try:
        # The ends of lines are counted too: what a mail or an editor changed is another list.
        lines = path.read_bytes().decode("ascii").splitlines(keepends=True)
    except OSError as problem:
        reason = (problem.strerror or "unknown reason").lower()
        raise CopyFailed(f"The list of erasures {path} cannot be read: {reason}.") from None
    except UnicodeDecodeError:
        lines = []
    try:
        first = json.loads(lines.pop(0))
        if first["format"] != FORMAT:
            raise ValueError
        if (first["count"], first["sha256"]) != (len(lines), _digest_of(lines)):
            raise CopyFailed(
                f"The list of erasures {path} was cut short or changed since it was exported: take"
                " another copy of it."
            )
        return ErasureList(_moment(first["exported_at"]), [_erasure(json.loads(x)) for x in lines])
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
        raise CopyFailed(f"{path} is not a list written by casework erasures export.") from None


def _erasure(line: dict[str, Any]) -> Erasure:
    return Erasure(
        service_id=UUID(line["service_id"]),
        id=UUID(line["id"]),
        case_id=UUID(line["case_id"]),
        person_id=UUID(line["person_id"]) if line["person_id"] else None,
        reason=ErasureReason(line["reason"]).value,
        erased_at=_moment(line["erased_at"]),
        by_account=UUID(line["by_account"]) if line["by_account"] else None,
    )


def _moment(written: str) -> datetime:
    """Read a moment as it is written here, with its zone."""
    found = datetime.fromisoformat(written)
    if found.tzinfo is None:
        raise ValueError
    return found.astimezone(UTC)


def known_ids(connection: Connection) -> set[UUID]:
    """Give the erasures that a database knows of."""
    if not has_table(connection, "erasure"):
        return set()
    return set(connection.execute(text("SELECT id FROM erasure")).scalars())


def said_of_erasures(
    again: ErasureList | None, known: set[UUID], made_at: str, repeated: int
) -> Finding:
    """Say what a list was worth for this backup, which knew of these erasures itself."""
    if again is None:
        return Finding(
            False, "erasures: no list was given, so whoever was erased after this backup is back"
        )
    at = again.exported_at.isoformat(timespec="seconds")
    said = (
        f"erasures: {len(again.erasures)} in the list of {at}, {repeated} of them done again here"
    )
    if again.exported_at < datetime.fromisoformat(made_at):
        return Finding(
            False,
            f"{said}; that list is older than this backup, so whoever was erased after the backup is"
            " back: restore with a newer one",
        )
    missing = known - {erasure.id for erasure in again.erasures}
    if missing:
        return Finding(
            False,
            f"{said}; {len(missing)} that the backup knows are not in it: it is the list of another"
            " database, and who is missing in it is back",
        )
    return Finding(True, f"{said}; who was erased after that moment is back")


def repeat(connection: Connection, erasures: Iterable[Erasure]) -> int:
    """Do again every erasure that this database does not know of; tell how many those were."""
    keeps_tombstones, done = has_table(connection, "erasure"), 0
    # A person goes with their last case: two erasures of one moment may stand in any order.
    for erasure in sorted(erasures, key=lambda each: each.person_id is not None):
        if keeps_tombstones and _is_known(connection, erasure):
            continue
        erase_again(connection, erasure)
        if keeps_tombstones:
            _write_tombstone(connection, erasure)
        detail = {"erasure": erasure.id, "reason": erasure.reason}
        note(connection, "erasure:repeat", detail, ("case", str(erasure.case_id)))
        done += 1
    return done


# What may be named by its id alone, in notices and letters; the ids are gone with the rows.
ABOUT = (
    "SELECT id FROM follow_up WHERE case_id = :case_id",
    "SELECT id FROM referral WHERE case_id = :case_id",
    """SELECT l.id FROM referral_link l JOIN referral r ON r.id = l.referral_id
        WHERE r.case_id = :case_id""",
)
FORGET_NOTICES = text(
    "DELETE FROM notice WHERE service_id = :service_id AND subject_id = ANY(:about)"
    " RETURNING occurrence_key"
)
FORGET_LETTERS = text(
    "DELETE FROM letter WHERE service_id = :service_id AND subject_id = ANY(:about) RETURNING id"
)
# A letter about all of somebody's call-backs names none and stays, under a key that tells of none.
RENEW_LETTERS = text(
    "UPDATE letter SET idempotency_key = gen_random_uuid()::text"
    " WHERE service_id = :service_id AND idempotency_key = ANY(:keys)"
)
# In this order: what points to a row, before the row is gone. The tables below a case and below a
# person go with them (ON DELETE CASCADE).
ERASE = (
    "UPDATE emergency_hand_off SET case_id = NULL WHERE case_id = :case_id",
    # A request of another case that took the place of one of these stays, without its forerunner.
    """UPDATE referral SET supersedes_id = NULL WHERE service_id = :service_id
        AND supersedes_id IN (SELECT id FROM referral WHERE case_id = :case_id)""",
    'DELETE FROM "case" WHERE service_id = :service_id AND id = :case_id',
    """DELETE FROM person WHERE service_id = :service_id AND id = :person_id
        AND NOT EXISTS (SELECT 1 FROM "case" WHERE person_id = :person_id)""",
)


def erase_again(connection: Connection, erasure: Erasure) -> None:
    """Destroy the keys, the index terms and the rows of one erased case, and of its person if they went.

    Nobody is told: agencies heard “withdrawn” when it was erased the first time.
    """
    values = {name: getattr(erasure, name) for name in ("service_id", "case_id", "person_id")}
    owners = [owner for owner in (erasure.case_id, erasure.person_id) if owner is not None]
    below = [
        row_id
        for question in ABOUT
        for row_id in connection.execute(text(question), {"case_id": erasure.case_id}).scalars()
    ]
    whose = {"service_id": erasure.service_id, "about": [*owners, *below]}
    told = list(connection.execute(FORGET_NOTICES, whose).scalars())
    letters = list(connection.execute(FORGET_LETTERS, whose).scalars())
    connection.execute(RENEW_LETTERS, {"service_id": erasure.service_id, "keys": told})
    forget_owners(connection, erasure.service_id, [*owners, *below, *letters])
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
