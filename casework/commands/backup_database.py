"""What backup and restore ask a database: a fixed view of it, what stands in it, a line in its audit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from casework.audit.chain import Act, detail_of, microseconds
from casework.audit.models import AuditHead
from casework.audit.writing import append
from casework.commands.addresses import NotAnAddress, engine_for
from casework.commands.backup_manifest import Manifest
from casework.commands.backup_tools import CopyFailed
from casework.security.actors import ActorKind

TABLES = text(
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    " AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"
)
# Anything that somebody put there counts, in any schema; what an extension brought does not.
ANYTHING = text(
    "SELECT EXISTS (SELECT 1 FROM (SELECT oid, relnamespace AS schema FROM pg_class"
    " UNION ALL SELECT oid, pronamespace FROM pg_proc"
    " UNION ALL SELECT oid, typnamespace FROM pg_type WHERE typtype IN ('d', 'e', 'r')) AS made"
    " WHERE made.schema NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_'"
    " OR nspname = 'information_schema')"
    " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = made.oid AND d.deptype = 'e'))"
)


@contextmanager
def connected(url: str, whose: str, **options: Any) -> Iterator[Connection]:
    """Open a connection of its own; what fails is one sentence that names the setting, not the address."""
    try:
        engine = engine_for(url, whose)
    except NotAnAddress as problem:
        raise CopyFailed(str(problem)) from None
    try:
        with engine.connect() as connection:
            yield connection.execution_options(**options)
    except OperationalError as problem:
        raise CopyFailed(f"The database of {whose} cannot be used: {_short(problem)}.") from None
    except DBAPIError as problem:
        raise CopyFailed(f"The database of {whose} refused: {_short(problem)}.") from None
    finally:
        engine.dispose()


def _short(problem: DBAPIError) -> str:
    # The first line names tables and roles; the following ones quote rows.
    return str(problem.orig).strip().splitlines()[0].rstrip(".")[:200]


@contextmanager
def snapshot(url: str, whose: str) -> Iterator[tuple[Connection, str]]:
    """Hold one unchanging view of the database open, and give its name for pg_dump."""
    fixed = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with connected(url, whose, **fixed) as connection, connection.begin():
        # A role behind the walls would count and dump too few rows without a word.
        connection.execute(text("SET LOCAL row_security = off"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield connection, connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()


def server_major(connection: Connection) -> int:
    """Tell the major version of the server."""
    return int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000


def take_stock(connection: Connection, pg_dump: int) -> Manifest:
    """Count everything that a restore will be held to, inside the snapshot of this connection."""
    rows = count_rows(connection)
    if "alembic_version" not in rows:
        raise CopyFailed("There is nothing to save: this database was never migrated.")
    head = connection.execute(select(AuditHead.seq, AuditHead.hash)).one()
    return Manifest(
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        revision=revision_of(connection),
        server=server_major(connection),
        pg_dump=pg_dump,
        rows=rows,
        audit_seq=head.seq,
        audit_hash=head.hash.hex(),
        data_keys=_counted(connection, "SELECT kek_id, count(*) FROM data_key GROUP BY 1"),
        index_versions=_counted(connection, "SELECT version, count(*) FROM index_term GROUP BY 1"),
        erasures=rows.get("erasure"),
    )


def _counted(connection: Connection, question: str) -> dict[str, int]:
    return {str(number): count for number, count in connection.execute(text(question))}


def count_rows(connection: Connection) -> dict[str, int]:
    """Count the rows of every table."""
    quote = connection.dialect.identifier_preparer.quote
    return {
        name: connection.execute(text(f"SELECT count(*) FROM {quote(name)}")).scalar_one()  # noqa: S608
        for name in connection.execute(TABLES).scalars().all()
    }


def revision_of(connection: Connection) -> str:
    """Tell which migration the database stands at."""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def is_empty(connection: Connection) -> bool:
    """Tell whether nobody has put anything into this database."""
    return not connection.execute(ANYTHING).scalar_one()


def has_table(connection: Connection, name: str) -> bool:
    """Tell whether there is a table of that name."""
    found = connection.execute(text("SELECT to_regclass(:name)"), {"name": f"public.{name}"})
    return found.scalar_one() is not None


def note(
    connection: Connection,
    action: str,
    detail: Mapping[str, Any],
    about: tuple[str, str | None] = ("database", None),
) -> None:
    """Write one act of the command line into the audit of the whole deployment (R21)."""
    at = connection.execute(text("SELECT now()")).scalar_one()
    act = Act(
        at_us=microseconds(at),
        service_id=None,
        actor_kind=ActorKind.COMMAND.value,
        actor_id=None,
        action=action,
        object_type=about[0],
        object_id=about[1],
        detail=detail_of(detail),
    )
    append(connection, [act])
