"""Brings a backup back into an empty database, and says what in it is whole and what stays closed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import text

from casework.commands.backup import one_sentence
from casework.commands.backup_database import connected, is_empty, note, server_major
from casework.commands.backup_file import decrypt
from casework.commands.backup_keys import read_identities
from casework.commands.backup_manifest import Manifest
from casework.commands.backup_progress import Progress
from casework.commands.backup_tools import CopyFailed, Tool, find_tool, running
from casework.commands.restore_checks import (
    Finding,
    check_audit,
    check_keys,
    check_rows,
    check_schema,
)
from casework.commands.restore_closing import close_what_was_open
from casework.commands.restore_erasures import (
    ErasureList,
    known_ids,
    read_list,
    repeat,
    said_of_erasures,
)
from casework.commands.servers import APP, OWNER, READER
from casework.commands.supervisor import StopRequested
from casework.vault import KeyRing, load_ring

INTO = "MIGRATION_DATABASE_URL"
SOMETHING_IS_NOT_WELL = 3
SECONDS_FOR_THE_SERVER = 10
OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND usename = session_user AND pid <> pg_backend_pid()"
)


class NotClosed(click.ClickException):
    """Rows were restored, and what must follow was not done: this database must not be used."""

    exit_code = SOMETHING_IS_NOT_WELL


@click.command("restore")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--identity",
    type=click.Path(path_type=Path),
    required=True,
    help="The file with the secret key, as casework backup-key or age-keygen writes it.",
)
@click.option(
    "--into",
    "url",
    envvar=INTO,
    help=f"An empty database, as its owner.  [default: {INTO}, where no list of processes shows it]",
)
@click.option(
    "--erasures",
    type=click.Path(path_type=Path),
    help="What casework erasures export wrote last: these erasures are done again.",
)
@click.option(
    "--without-erasures",
    "is_without",
    is_flag=True,
    help="There is no list: whoever was erased after the backup comes back.",
)
@click.option("--keys", envvar="CASEWORK_KEYS", help="The key ring.  [default: CASEWORK_KEYS]")
def restore_command(
    path: Path,
    identity: Path,
    url: str | None,
    erasures: Path | None,
    is_without: bool,
    keys: str | None,
) -> None:
    """Restore a backup into an empty database and check it.

    Exit code 0: all is well. 1: nothing was restored. 3: restored, but what is said is not well.
    """
    with one_sentence():
        if not url:
            raise CopyFailed(f"{INTO} is not set: give --into, an empty database as its owner.")
        if (erasures is None) is not is_without:
            raise CopyFailed(
                "Give --erasures with the newest list that casework erasures export wrote; only where"
                " there is none, --without-erasures brings back whoever was erased after the backup."
            )
        identities = read_identities(identity)
        ring = load_ring(keys) if keys else None
        again = read_list(erasures) if erasures else None
        manifest = read_through(path, identities)
        findings = [check_schema(manifest.revision)]
        tool = fitting_tool(url, manifest)
        with told_if_left(url):
            fill(url, path, identities, tool)
            findings += finish(url, manifest, ring, again)
    report(manifest, findings)


def read_through(path: Path, identities: Sequence[Any]) -> Manifest:
    """Read the whole file once before anything is touched: what is cut off or changed stops here."""
    with Progress("Checking the file", _size(path)) as told:
        return decrypt(path, identities, lambda _piece: None, told)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def fitting_tool(url: str, manifest: Manifest) -> Tool:
    """Find pg_restore, once the database is known to be one that this backup fits into."""
    with connected(url, INTO) as connection:
        if not is_empty(connection):
            raise CopyFailed(
                "The database is not empty: a backup is restored into an empty one only."
            )
        here = server_major(connection)
        present = set(connection.execute(text("SELECT rolname FROM pg_roles")).scalars())
    if here < manifest.server:
        raise CopyFailed(
            f"This backup comes from PostgreSQL {manifest.server}, and that server is {here}: older."
        )
    missing = [role for role in (OWNER, APP, READER) if role not in present]
    if missing:
        raise CopyFailed(
            f"The role {missing[0]} does not exist on that server: run deploy/roles.sql there first."
        )
    return find_tool("pg_restore", at_least=manifest.pg_dump)


@contextmanager
def told_if_left(url: str) -> Iterator[None]:
    """Say that the database must be dropped when anything, an order to stop too, leaves rows in it.

    Between the rows and the end of sessions, links and erasures nobody may work with them.
    """
    try:
        yield
    except BaseException as problem:
        if not _is_left_empty(url):
            why = str(problem) if isinstance(problem, CopyFailed) else _kind_of(problem)
            raise NotClosed(
                "Restored, but NOT closed: drop this database and restore into a new one, because"
                " sessions, links and erased people in it are as they were in the backup."
                f" What went wrong: {why}"
            ) from None
        if isinstance(problem, CopyFailed):
            raise CopyFailed(f"{problem} The database was left empty.") from None
        raise


def _kind_of(problem: BaseException) -> str:
    # What another error says of itself may quote a row.
    if isinstance(problem, StopRequested):
        return "it was stopped before the end, as asked."
    return f"{type(problem).__name__}."


def _is_left_empty(url: str) -> bool:
    """Tell whether nothing was committed, once pg_restore's own connection has ended; if in doubt, no."""
    until = time.monotonic() + SECONDS_FOR_THE_SERVER
    try:
        with connected(url, INTO) as connection:
            # A killed program's last order may still be carried out, and it may be COMMIT.
            while connection.execute(OTHERS).scalar_one():
                connection.rollback()
                if time.monotonic() > until:
                    return False
                time.sleep(0.1)
            connection.rollback()
            return is_empty(connection)
    except (CopyFailed, StopRequested):
        return False


def fill(url: str, path: Path, identities: Sequence[Any], tool: Tool) -> None:
    """Restore into the empty database, whole or not at all: one transaction."""
    arguments = ["--single-transaction", "--exit-on-error", "--no-password", "--dbname="]
    with (
        Progress("Restoring", _size(path)) as told,
        running(tool, *arguments, url=url, is_fed=True) as program,
    ):
        if program.stdin is None:
            raise CopyFailed("pg_restore takes nothing.")
        decrypt(path, identities, program.stdin.write, told)


def finish(
    url: str, manifest: Manifest, ring: KeyRing | None, again: ErasureList | None
) -> list[Finding]:
    """Check what was restored, do the erasures again that came after, and close what was open."""
    with connected(url, INTO) as connection, connection.begin():
        findings = [check_rows(connection, manifest), check_audit(connection, manifest)]
        known = known_ids(connection)
        repeated = repeat(connection, again.erasures if again else [])
        findings.append(said_of_erasures(again, known, manifest.created_at, repeated))
        findings += check_keys(connection, ring)
        findings.append(close_what_was_open(connection))
        made = {"made_at": manifest.created_at, "audit_seq": manifest.audit_seq}
        note(connection, "backup:restore", made | {"erasures_repeated": repeated})
        # A backup does not say how many rows lie where. Until PostgreSQL has looked, it plans My day
        # as if there were one, and the first pages after a restore do not come back.
        connection.execute(text("ANALYZE"))
    return findings


def report(manifest: Manifest, findings: Sequence[Finding]) -> None:
    """Print what was found, and end with the exit code that says whether all is well."""
    click.echo(f"Restored the backup of {manifest.created_at}.")
    for finding in findings:
        click.echo(f"  {'ok ' if finding.is_well else 'NOT'}  {finding.words}")
    if not all(finding.is_well for finding in findings):
        click.echo("Not everything is well: read the lines that begin with NOT.")
        sys.exit(SOMETHING_IS_NOT_WELL)
    click.echo("Everything is well.")
