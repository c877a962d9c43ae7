"""Brings a backup back into an empty database, and says what in it is whole and what stays closed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection, text

from casework.commands.backup import one_sentence
from casework.commands.backup_database import connected, is_empty, note, server_major
from casework.commands.backup_file import Manifest, decrypt
from casework.commands.backup_keys import read_identities
from casework.commands.backup_progress import Progress
from casework.commands.backup_tools import CopyFailed, Tool, find_tool, running
from casework.commands.restore_checks import (
    Finding,
    check_audit,
    check_keys,
    check_rows,
    check_schema,
)
from casework.commands.restore_erasures import Erasure, read_list, repeat
from casework.commands.servers import APP, OWNER, READER
from casework.vault import KeyRing, load_ring

INTO = "MIGRATION_DATABASE_URL"
SOMETHING_IS_NOT_WELL = 3


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
@click.option("--keys", envvar="CASEWORK_KEYS", help="The key ring.  [default: CASEWORK_KEYS]")
def restore_command(
    path: Path, identity: Path, url: str | None, erasures: Path | None, keys: str | None
) -> None:
    """Restore a backup into an empty database and check it.

    Exit code 0: all is well. 1: nothing was restored. 3: restored, but the report says what is not well.
    """
    with one_sentence():
        if not url:
            raise CopyFailed(f"{INTO} is not set: give --into, an empty database as its owner.")
        identities = read_identities(identity)
        ring = load_ring(keys) if keys else None
        again = read_list(erasures) if erasures else None
        manifest = read_through(path, identities)
        findings = [check_schema(manifest.revision)]
        fill(url, path, identities, manifest)
        findings += finish(url, manifest, ring, again)
    report(manifest, findings)


def read_through(path: Path, identities: Sequence[Any]) -> Manifest:
    """Read the whole file once before anything is touched: what is cut off or changed stops here."""
    with Progress("Checking the file", _size(path)) as told:
        return decrypt(path, identities, lambda _piece: None, told)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def fill(url: str, path: Path, identities: Sequence[Any], manifest: Manifest) -> None:
    """Restore into the empty database, whole or not at all: one transaction."""
    with connected(url, INTO) as connection:
        tool = _fitting_tool(connection, manifest)
    try:
        _pour(url, path, identities, tool)
    except CopyFailed as problem:
        with connected(url, INTO) as connection:
            left = "empty" if is_empty(connection) else "INCOMPLETE: drop it and make a new one"
        raise CopyFailed(f"{problem} The database was left {left}.") from None


def _fitting_tool(connection: Connection, manifest: Manifest) -> Tool:
    """Find pg_restore, once the database is known to be one that this backup fits into."""
    if not is_empty(connection):
        raise CopyFailed("The database is not empty: a backup is restored into an empty one only.")
    here = server_major(connection)
    if here < manifest.server:
        raise CopyFailed(
            f"This backup comes from PostgreSQL {manifest.server}, and that server is {here}: older."
        )
    present = set(connection.execute(text("SELECT rolname FROM pg_roles")).scalars())
    missing = [role for role in (OWNER, APP, READER) if role not in present]
    if missing:
        raise CopyFailed(
            f"The role {missing[0]} does not exist on that server: run deploy/roles.sql there first."
        )
    return find_tool("pg_restore", at_least=manifest.pg_dump)


def _pour(url: str, path: Path, identities: Sequence[Any], tool: Tool) -> None:
    arguments = ["--single-transaction", "--exit-on-error", "--no-password", "--dbname="]
    with (
        Progress("Restoring", _size(path)) as told,
        running(tool, *arguments, url=url, is_fed=True) as program,
    ):
        if program.stdin is None:
            raise CopyFailed("pg_restore takes nothing.")
        decrypt(path, identities, program.stdin.write, told)


def finish(
    url: str, manifest: Manifest, ring: KeyRing | None, again: list[Erasure] | None
) -> list[Finding]:
    """Check what was restored, do the erasures again that came after, and close what was open."""
    with connected(url, INTO) as connection, connection.begin():
        findings = [check_rows(connection, manifest), check_audit(connection, manifest)]
        repeated = repeat(connection, again or [])
        findings.append(_said_of_erasures(again, repeated))
        findings += check_keys(connection, ring)
        findings.append(_close_what_was_open(connection))
        made = {"made_at": manifest.created_at, "audit_seq": manifest.audit_seq}
        note(connection, "backup:restore", made | {"erasures_repeated": repeated})
    return findings


def _said_of_erasures(again: list[Erasure] | None, repeated: int) -> Finding:
    if again is None:
        return Finding(
            True, "erasures: no list given (--erasures): who was erased after this backup is back"
        )
    return Finding(True, f"erasures: {len(again)} in the list, {repeated} of them done again here")


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


def _close_what_was_open(connection: Connection) -> Finding:
    """End every session and link, and let no letter leave twice."""
    closed = [
        f"{connection.execute(text(statement)).rowcount} {what}"
        for what, statement in CLOSE.items()
    ]
    return Finding(True, f"closed: {', '.join(closed)}")


def report(manifest: Manifest, findings: Sequence[Finding]) -> None:
    """Print what was found, and end with the exit code that says whether all is well."""
    click.echo(f"Restored the backup of {manifest.created_at}.")
    for finding in findings:
        click.echo(f"  {'ok ' if finding.is_well else 'NOT'}  {finding.words}")
    if not all(finding.is_well for finding in findings):
        click.echo("Not everything is well: read the lines that begin with NOT.")
        sys.exit(SOMETHING_IS_NOT_WELL)
    click.echo("Everything is well.")
