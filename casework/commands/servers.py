"""Private PostgreSQL and Valkey for the demo and the tests, started and stopped with us."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from casework.commands import postgres, valkey
from casework.commands.folders import Ground, Record, alone_in
from casework.commands.folders import ServersBusy as ServersBusy
from casework.commands.processes import Child, fresh_log, guard, unprivileged_account
from casework.commands.processes import ChildFailed as ChildFailed

OWNER, APP, READER = "casework_owner", "casework_app", "casework_reader"
_INSTALL = (
    "Casework needs {missing}. Install {packages} so that they are on PATH, "
    "or set DATABASE_URL, MIGRATION_DATABASE_URL and REDIS_URL to servers of your own."
)


class ServersMissing(RuntimeError):
    """No server was given, none is installed, and no wheel exists for this platform."""


@dataclass(frozen=True)
class Servers:
    """Where the running servers are reached."""

    superuser_url: URL
    redis_url: str
    broker_url: str
    role_password: str | None = field(default=None, repr=False)
    children: tuple[Child, ...] = field(default=(), repr=False)

    def admin_url(self, dbname: str = "postgres") -> str:
        """Return an SQLAlchemy address of that database as superuser."""
        return self.superuser_url.set(database=dbname).render_as_string(hide_password=False)

    def url(self, role: str, dbname: str) -> str:
        """Return an SQLAlchemy address of that database as one of the three roles."""
        address = self.superuser_url.set(
            username=role, password=self.role_password, database=dbname
        )
        return address.render_as_string(hide_password=False)


def connect_as_admin(
    servers: Servers, dbname: str = "postgres"
) -> psycopg.Connection[tuple[object, ...]]:
    """Open an autocommit connection as superuser."""
    address = servers.superuser_url.set(drivername="postgresql", database=dbname)
    return psycopg.connect(address.render_as_string(hide_password=False), autocommit=True)


def create_roles(servers: Servers) -> None:
    """Create the three roles where they are missing: the owner of the schema, the application, the reader.

    Only the reader passes row security, because it verifies the audit chain of all services and writes backups; it can change nothing.
    What each may do with a table is granted by the migration that makes the table.
    """
    wanted = {OWNER: "NOBYPASSRLS", APP: "NOBYPASSRLS", READER: "BYPASSRLS"}
    with connect_as_admin(servers) as connection:
        present = {
            name for (name,) in connection.execute("SELECT rolname FROM pg_roles").fetchall()
        }
        for role, bypass in wanted.items():
            verb = "ALTER" if role in present else "CREATE"
            options = f"LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE {bypass}"
            statement = sql.SQL(f"{verb} ROLE {{}} {options}").format(sql.Identifier(role))
            if servers.role_password is not None:
                statement += sql.SQL(" PASSWORD {}").format(sql.Literal(servers.role_password))
            connection.execute(statement)
        connection.execute(
            sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(
                sql.Identifier(READER)
            )
        )


def create_database(servers: Servers, name: str, template: str | None = None) -> None:
    """Create a database owned by casework_owner, as a copy of the template if one is named (nobody may be connected to it)."""
    statement = sql.SQL("CREATE DATABASE {} OWNER {}").format(
        sql.Identifier(name), sql.Identifier(OWNER)
    )
    if template is not None:
        statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    with connect_as_admin(servers) as connection:
        connection.execute(statement)


def drop_database(servers: Servers, name: str) -> None:
    """Drop a database if it exists, ending the sessions that still use it."""
    with connect_as_admin(servers) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def database_exists(servers: Servers, name: str) -> bool:
    """Return whether there is a database of that name."""
    with connect_as_admin(servers) as connection:
        return (
            connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            is not None
        )


def broker_url_of(redis_url: str) -> str:
    """Return the same server as Celery writes it: a socket is redis+socket:// there, and unix:// in redis-py."""
    path, _, query = redis_url.removeprefix("unix://").partition("?")
    if path == redis_url:
        return redis_url
    number = query.removeprefix("db=") or "0"
    return f"redis+socket://{path}?virtual_host={number}"


def _choose(
    data: Path, *, postgresql: bool, redis: bool, system: bool, wheels: bool
) -> tuple[postgres.Binaries | None, Path | None]:
    installed = postgres.installations(system=system, wheels=wheels) if postgresql else []
    version = postgres.data_version(data)
    fitting = [each for each in installed if version in (None, each.major)]
    if installed and not fitting:
        raise ServersMissing(
            f"The data in {data} was made by PostgreSQL {version}; install that version, or empty it with: make demo-reset"
        )
    binary = valkey.find_binary(system=system, wheels=wheels) if redis else None
    lacking = []
    if postgresql and not fitting:
        lacking.append((f"PostgreSQL {postgres.MINIMUM_MAJOR} or newer", "postgresql"))
    if redis and binary is None:
        lacking.append(("Redis or Valkey", "redis-server"))
    if lacking:
        names, packages = zip(*lacking, strict=True)
        raise ServersMissing(
            _INSTALL.format(missing=" and ".join(names), packages=" and ".join(packages))
        )
    return (fitting[0] if fitting else None), binary


def _start(
    ground: Ground, installed: postgres.Binaries | None, binary: Path | None, *, durable: bool
) -> Iterator[Child]:
    account, sockets = ground.account, ground.sockets
    if installed is not None:
        usable = postgres.usable_by(account, installed, ground.private)
        postgres.initialise(usable, ground.cluster, durable=durable, account=account)
        log = fresh_log(ground.logs, "postgres")
        yield postgres.start(usable, ground.cluster, sockets, log, durable=durable, account=account)
    if binary is not None:
        reachable = valkey.usable_by(account, binary, ground.private)
        yield valkey.start(reachable, sockets, fresh_log(ground.logs, "valkey"), account=account)


@contextmanager
def embedded(
    folder: Path,
    *,
    durable: bool,
    admin_url: str | None = None,
    redis_url: str | None = None,
    system: bool = True,
    wheels: bool = True,
) -> Iterator[Servers]:
    """Run PostgreSQL and Valkey from that folder until the block ends; a server whose address is given is used as it is.

    Not durable means fast: right for tests, whose data nobody will miss.
    Raises ServersMissing, ServersBusy or ChildFailed, each with one sentence for a person.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    with alone_in(folder), ExitStack() as stack:
        record = Record(folder)
        record.clean_up()
        stack.callback(record.forget)
        ground = Ground(folder, unprivileged_account(), durable=durable)
        stack.callback(ground.remove_temporary)
        record.write(ground)
        wanted = {"postgresql": admin_url is None, "redis": redis_url is None}
        installed, binary = _choose(ground.cluster, **wanted, system=system, wheels=wheels)
        children: list[Child] = []
        for child in _start(ground, installed, binary, durable=durable):
            stack.callback(child.stop)
            children.append(child)
            record.write(ground, *children)
            for made in ground.temporary:
                guard.remove(made)
        own = URL.create(
            "postgresql+psycopg", username=postgres.SUPERUSER, query={"host": str(ground.sockets)}
        )
        reached = redis_url or f"unix://{ground.sockets / valkey.SOCKET_NAME}"
        yield Servers(
            superuser_url=make_url(admin_url) if admin_url else own,
            redis_url=reached,
            broker_url=broker_url_of(reached),
            # Sockets in a private folder need no password; a server reached over a network does.
            role_password=secrets.token_urlsafe(24) if admin_url else None,
            children=tuple(children),
        )
