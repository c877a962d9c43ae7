"""Writing many rows at once, by COPY: straight into the tables, or through the walls.

PostgreSQL takes no COPY into a table with row security from anybody but its owner. Where the
owner's address is known (a demo, a measurement), rows go straight in: checks, keys and the consent
triggers (R1) hold all the same. Elsewhere each batch lands in temporary tables and is inserted from
there by the application's own role, so that every wall holds for it too.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection, select, text, update

from casework.audit.chain import Act, link
from casework.audit.models import AuditEntry, AuditHead, AuditSubject
from casework.commands.seed.copies import Poured
from casework.commands.seed.originals import family
from casework.commands.seed.rows import NULL, bytea, written
from casework.database import Model

BEFORE_ALL = ("data_key", "index_term", "row_digest")
AUDIT = (AuditEntry.__tablename__, AuditSubject.__tablename__)


def tables() -> list[str]:
    """Name every table that is poured into, parents first."""
    return [*BEFORE_ALL, *(row_class.__tablename__ for row_class, _hangs_by in family())]


def prepare(connection: Connection) -> None:
    """Make the temporary tables of this connection; they are empty again after every commit."""
    for name in (*tables(), *AUDIT):
        connection.execute(
            text(
                f'CREATE TEMPORARY TABLE IF NOT EXISTS "{_own(name)}" '
                f'(LIKE public."{name}") ON COMMIT DELETE ROWS'
            )
        )


def pour(
    connection: Connection, batch: Iterable[Poured], sealed: Act, *, is_straight: bool
) -> None:
    """Write a batch of copies and what the audit tells of them; the caller commits.

    `sealed` is the entry that tells which rows were sealed, without its digests. The head of the
    chain is locked last.
    """
    lines: dict[str, list[str]] = defaultdict(list)
    digests: dict[str, str] = {}
    acts: list[Act] = []
    for poured in batch:
        for table, text_of_rows in poured.lines.items():
            lines[table].append(text_of_rows)
        digests |= poured.digests
        acts += poured.acts
    for table in tables():
        _write(connection, table, lines[table], is_straight)
    _chain(connection, [replace(sealed, detail={"rows": digests}), *acts], is_straight)


def _write(connection: Connection, table: str, lines: Sequence[str], is_straight: bool) -> None:
    """Copy the lines into the table, or into its temporary twin and on from there."""
    if not lines:
        return
    columns = sql.SQL(", ").join(sql.Identifier(c.name) for c in Model.metadata.tables[table].c)
    own, real = sql.Identifier(_own(table)), sql.Identifier("public", table)
    raw = cast("psycopg.Connection[Any]", connection.connection.dbapi_connection)
    with raw.cursor() as cursor:
        copying = sql.SQL("COPY {} ({}) FROM STDIN").format(real if is_straight else own, columns)
        with cursor.copy(copying) as copy:
            copy.write("".join(lines))
        if not is_straight:
            cursor.execute(
                sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(real, columns, columns, own)
            )


def _chain(connection: Connection, acts: Sequence[Act], is_straight: bool) -> None:
    """Put the acts behind the head of the chain, as the last thing before the commit."""
    seq, prev = connection.execute(
        select(AuditHead.seq, AuditHead.hash).where(AuditHead.id == 1).with_for_update()
    ).one()
    entries, subjects = [], []
    for act in acts:
        seq += 1
        digest = link(prev, seq, act)
        entries.append(_entry(seq, act, prev, digest))
        subjects += [
            f"{seq}\t{act.at_us}\t{person_id}\t{act.service_id}\n" for person_id in act.subjects
        ]
        prev = digest
    _write(connection, AUDIT[0], entries, is_straight)
    _write(connection, AUDIT[1], subjects, is_straight)
    connection.execute(update(AuditHead).where(AuditHead.id == 1).values(seq=seq, hash=prev))


def _entry(seq: int, act: Act, prev: bytes, digest: bytes) -> str:
    """Write an entry in the order of its table’s columns."""
    fields = "{" + ",".join(act.fields) + "}"
    cells = (
        seq,
        act.at_us,
        act.service_id,
        act.actor_kind,
        act.actor_id or NULL,
        act.action,
        act.object_type,
        act.object_id or NULL,
        "f",
        act.purpose or NULL,
        fields,
        written(act.detail),
        bytea(prev),
        bytea(digest),
    )
    return "\t".join(map(str, cells)) + "\n"


def _own(table: str) -> str:
    return f"poured_{table}"
