"""Keys and indexes taken off the tables before a mass of rows is written, and put back behind it.

A row with six indexes is written seven times, each time at another place; put back at the end, an
index is sorted once, and a foreign key is one join. What is taken off is read from PostgreSQL's
catalogue, so that nothing is forgotten, and written down in the same transaction: a process that
dies in between leaves a list, and whoever seeds next puts it back first.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from psycopg import sql
from sqlalchemy import Connection, column, delete, insert, select, table, text
from sqlalchemy.exc import DBAPIError

from casework.cases.models import Case
from casework.people.models import Consent, Person

LIST = table("seed_taken_off", column("place"), column("statement"))
# The triggers of R1 ask these at every commit: without keys each would read the whole table.
STAY = tuple(each.__tablename__ for each in (Person, Case, Consent))
EXISTS = text("SELECT to_regclass('public.seed_taken_off') IS NOT NULL")

# Foreign keys first: they hang on the unique keys, which own their indexes.
CONSTRAINTS = text("""
    SELECT own.relname AS "table", c.conname AS name, pg_get_constraintdef(c.oid) AS definition
    FROM pg_constraint c
    JOIN pg_class own ON own.oid = c.conrelid AND own.relnamespace = 'public'::regnamespace
    LEFT JOIN pg_class led ON led.oid = c.confrelid
    WHERE (c.contype = 'f' AND (own.relname = ANY(:tables) OR led.relname = ANY(:tables)))
       OR (c.contype IN ('p', 'u', 'x') AND own.relname = ANY(:tables) AND own.relname <> ALL(:stay))
    ORDER BY c.contype <> 'f', own.relname, c.conname
""")
INDEXES = text("""
    SELECT own.relname AS "table", i.relname AS name, pg_get_indexdef(x.indexrelid) AS definition
    FROM pg_index x
    JOIN pg_class own ON own.oid = x.indrelid AND own.relnamespace = 'public'::regnamespace
    JOIN pg_class i ON i.oid = x.indexrelid
    WHERE own.relname = ANY(:tables) AND own.relname <> ALL(:stay)
      AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.indexrelid)
    ORDER BY own.relname, i.relname
""")


class NotPutBack(RuntimeError):
    """Something that was taken off could not be put back; the message says how to go on."""

    def __init__(self, statement: str) -> None:
        super().__init__(
            "The tables still lack keys or indexes that were taken off for seeding. Mend what "
            f"stands in the way, then run: casework seed --cases 0. This could not be done: {statement}"
        )


@contextmanager
def stripped(connection: Connection, tables: Sequence[str]) -> Iterator[None]:
    """Write into tables without keys and indexes until the block ends, however it ends.

    The connection is the owner's; each step is a transaction of its own.
    """
    take_off(connection, tables)
    try:
        yield
    finally:
        put_back(connection)


def is_stripped(connection: Connection) -> bool:
    """Tell whether something that was taken off has not been put back yet."""
    with connection.begin():
        return bool(connection.scalar(EXISTS))


def take_off(connection: Connection, tables: Sequence[str]) -> None:
    """Take everything off, and write down how it is put back: both or neither."""
    given = {"tables": list(tables), "stay": list(STAY)}
    with connection.begin():
        # Whoever reads at this moment is waited for, but not for ever.
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        indexes = connection.execute(INDEXES, given).all()
        constraints = connection.execute(CONSTRAINTS, given).all()
        connection.execute(
            text(f"CREATE TABLE {LIST.name} (place integer PRIMARY KEY, statement text NOT NULL)")
        )
        back = [row.definition for row in indexes]
        # What is taken off first is put back last.
        back += [_added(row.table, row.name, row.definition) for row in reversed(constraints)]
        connection.execute(
            insert(LIST),
            [{"place": place, "statement": each} for place, each in enumerate(back)],
        )
        for row in constraints:
            _run(connection, f"ALTER TABLE {_named(row.table)} DROP CONSTRAINT {_quoted(row.name)}")
        for row in indexes:
            _run(connection, f"DROP INDEX {_named(row.name)}")


def put_back(connection: Connection) -> int:
    """Put back all that the list names, and then drop the list; give how many there were.

    Each is a transaction of its own, so that this can be begun again wherever it stopped.
    """
    if not is_stripped(connection):
        return 0
    with connection.begin():
        rows = connection.execute(select(LIST).order_by(LIST.c.place)).all()
    for row in rows:
        try:
            _put_back_one(connection, row.place, row.statement)
        except DBAPIError as error:
            raise NotPutBack(row.statement) from error
    with connection.begin():
        _run(connection, f"DROP TABLE {LIST.name}")
    return len(rows)


def _put_back_one(connection: Connection, place: int, statement: str) -> None:
    with connection.begin():
        _run(connection, "SET LOCAL maintenance_work_mem = '256MB'")
        _run(connection, statement)
        connection.execute(delete(LIST).where(LIST.c.place == place))


def _added(table: str, name: str, definition: str) -> str:
    return f"ALTER TABLE {_named(table)} ADD CONSTRAINT {_quoted(name)} {definition}"


def _run(connection: Connection, statement: str) -> None:
    """Run a statement of the catalogue as it stands there."""
    connection.exec_driver_sql(statement.replace("%", "%%"))


def _named(name: str) -> str:
    return sql.Identifier("public", name).as_string()


def _quoted(name: str) -> str:
    return sql.Identifier(name).as_string()
