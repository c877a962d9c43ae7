"""Writing many rows at once: COPY into tables of our own, then one INSERT for each through the walls.

PostgreSQL takes no COPY into a table with row security. So each batch lands in temporary tables,
and is inserted from there by the application's own role: every wall, foreign key, check and
deferred constraint (R1) holds for it as for a row that a page has written.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import select, text, update

from casework.audit.chain import Act, link
from casework.audit.models import AuditEntry, AuditHead, AuditSubject
from casework.commands.seed.copies import Poured
from casework.commands.seed.originals import family
from casework.commands.seed.rows import NULL, bytea, written
from casework.database import Model
from casework.extensions import db

BEFORE_ALL = ("data_key", "index_term", "row_digest")
AUDIT = (AuditEntry.__tablename__, AuditSubject.__tablename__)


def tables() -> list[str]:
    """Name every table that is poured into, parents first."""
    return [*BEFORE_ALL, *(row_class.__tablename__ for row_class, _hangs_by in family())]


def prepare() -> None:
    """Make the temporary tables of this connection; they are empty again after every commit."""
    for name in (*tables(), *AUDIT):
        db.session.execute(
            text(
                f'CREATE TEMPORARY TABLE IF NOT EXISTS "{_own(name)}" '
                f'(LIKE public."{name}") ON COMMIT DELETE ROWS'
            )
        )


def pour(batch: Iterable[Poured], sealed: Act) -> None:
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
        _write(table, lines[table])
    _chain([replace(sealed, detail={"rows": digests}), *acts])


def _write(table: str, lines: Sequence[str]) -> None:
    """Copy the lines into the table's temporary twin, and insert them from there."""
    if not lines:
        return
    columns = sql.SQL(", ").join(sql.Identifier(c.name) for c in Model.metadata.tables[table].c)
    own, real = sql.Identifier(_own(table)), sql.Identifier("public", table)
    with _connection().cursor() as cursor:
        copying = sql.SQL("COPY {} ({}) FROM STDIN").format(own, columns)
        with cursor.copy(copying) as copy:
            copy.write("".join(lines))
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(real, columns, columns, own)
        )


def _chain(acts: Sequence[Act]) -> None:
    """Put the acts behind the head of the chain, as the last thing before the commit."""
    seq, prev = db.session.execute(
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
    _write(AUDIT[0], entries)
    _write(AUDIT[1], subjects)
    db.session.execute(update(AuditHead).where(AuditHead.id == 1).values(seq=seq, hash=prev))


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


def _connection() -> "psycopg.Connection[Any]":
    raw = db.session.connection().connection.dbapi_connection
    return cast("psycopg.Connection[Any]", raw)
