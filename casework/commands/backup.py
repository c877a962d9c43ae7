"""Saves the whole database into one file that only the holders of a secret key can open."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from casework.commands.backup_database import connected, note, server_major, snapshot, take_stock
from casework.commands.backup_file import check_written, encrypt, new_file
from casework.commands.backup_keys import read_recipients
from casework.commands.backup_manifest import Manifest
from casework.commands.backup_progress import Progress
from casework.commands.backup_tools import CopyFailed, find_tool, running
from casework.commands.supervisor import StopRequested, stopping_on_signals
from casework.config import ConfigurationError, Settings, read_settings


@click.command("backup")
@click.option("--to", "path", type=click.Path(path_type=Path), required=True, help="A new file.")
@click.option(
    "--recipient",
    "recipients",
    multiple=True,
    help="An age public key (age1…), as often as there are people who may open it."
    "  [default: those of BACKUP_RECIPIENTS]",
)
def backup_command(path: Path, recipients: tuple[str, ...]) -> None:
    """Save everything but the key ring, as it stands at one moment, while people go on working."""
    with one_sentence():
        settings = read_settings()
        keys = read_recipients(recipients or settings.backup_recipients)
        _note_in_audit(settings, keys)
        manifest, size, digest = write_backup(reading_url(settings), path, keys)
    rows = sum(manifest.rows.values())
    click.echo(f"Saved {rows} rows of {len(manifest.rows)} tables: {path}, {size} bytes.")
    click.echo(f"SHA-256 {digest}")
    click.echo(
        f"Audit head {manifest.audit_seq} {manifest.audit_hash}; keys needed to read it: "
        + (", ".join(f"KEK {number}" for number in sorted(manifest.data_keys, key=int)) or "none")
    )


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn what fails into one sentence and exit code 1; Ctrl+C and SIGTERM tidy up as well."""
    try:
        with stopping_on_signals():
            yield
    except (ConfigurationError, CopyFailed) as error:
        raise click.ClickException(str(error)) from None
    except StopRequested:
        raise click.ClickException("Stopped before the end, as asked.") from None


def reading_url(settings: Settings) -> str:
    """Give the address of the role that sees every service."""
    url = settings.reader_database_url or settings.migration_database_url
    if not url:
        raise CopyFailed("READER_DATABASE_URL is not set: it reads the rows of every service.")
    return url


def write_backup(url: str, path: Path, keys: Sequence[Any]) -> tuple[Manifest, int, str]:
    """Dump one snapshot into a new encrypted file; give what it holds, its size and its SHA-256.

    Nothing of it stands on a disk in clear: pg_dump writes into a pipe, and only what was
    encrypted reaches the file. Memory does not grow with the database.
    """
    with snapshot(url, "READER_DATABASE_URL") as (connection, name), new_file(path) as descriptor:
        tool = find_tool("pg_dump", at_least=server_major(connection))
        manifest = take_stock(connection, tool.major)
        arguments = ["--format=custom", "--compress=1", "--no-password", f"--snapshot={name}"]
        with (
            Progress("Saving") as told,
            running(tool, *arguments, url=url, is_fed=False) as program,
        ):
            if program.stdout is None:
                raise CopyFailed("pg_dump gave nothing to save.")
            parts = [io.BytesIO(manifest.to_line()), program.stdout]
            size, digest = encrypt(descriptor, keys, parts, told)
        check_written(descriptor, size, len(keys))
    return manifest, size, digest


def _note_in_audit(settings: Settings, keys: Sequence[Any]) -> None:
    """Record that a copy is being taken and for whom, before it is: so it stands in the copy too."""
    fingerprints = sorted(hashlib.sha256(str(key).encode()).hexdigest() for key in keys)
    with connected(settings.database_url, "DATABASE_URL") as connection, connection.begin():
        note(connection, "backup:make", {"recipients": fingerprints})
