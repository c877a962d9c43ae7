"""Whom backups are encrypted to, and the identity that opens them: age keys, made and read here."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pyrage

from casework.commands.backup_tools import CopyFailed

LARGEST_FILE = 65_536


def read_recipients(texts: Sequence[str]) -> list[Any]:
    """Read age public keys, each once; raise CopyFailed with one sentence naming the one that is none."""
    if not texts:
        raise CopyFailed(
            "A backup needs somebody who can open it: give --recipient age1…, or set BACKUP_RECIPIENTS."
        )
    found = {}
    for number, text in enumerate(texts, start=1):
        # The text is not repeated: it may be the secret half, put here by mistake.
        if text.upper().startswith("AGE-SECRET-KEY-"):
            raise CopyFailed(
                f"Recipient {number} is a secret key: give the public one, which begins with age1."
            )
        try:
            found[text] = pyrage.x25519.Recipient.from_str(text)
        except pyrage.RecipientError:
            raise CopyFailed(f"Recipient {number} is not an age public key (age1…).") from None
    return list(found.values())


def read_identities(path: Path) -> list[Any]:
    """Read the secret keys of a file as age-keygen writes it, which only its owner may read; or of a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as problem:
        reason = (problem.strerror or "unknown reason").lower()
        raise CopyFailed(f"The identity {path} cannot be read: {reason}.") from None
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if stat.S_ISREG(mode) and mode & 0o077:
            raise CopyFailed(
                f"The identity {path} is open to others (mode {stat.S_IMODE(mode):04o}):"
                f" run “chmod 600 {path}”."
            )
        content = b"" if stat.S_ISDIR(mode) else file.read(LARGEST_FILE)
    if content.startswith(b"age-encryption.org/"):
        raise CopyFailed(
            f"The identity {path} is itself encrypted: open it with age -d and hand it over by a pipe."
        )
    lines = [line.strip() for line in content.decode("ascii", errors="replace").splitlines()]
    try:
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and line[0] != "#"]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise CopyFailed(
            f"{path} holds no age identity (AGE-SECRET-KEY-1…), as age-keygen writes it."
        )
    return found


@click.command("backup-key")
@click.option("--to", "path", type=click.Path(path_type=Path), required=True)
def backup_key_command(path: Path) -> None:
    """Make the pair of keys for backups: the secret one into a file, the public one shown."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    made = datetime.now(UTC).isoformat(timespec="seconds")
    _write_secret(path, f"# created: {made}\n# public key: {public}\n{identity}\n")
    click.echo(f"Wrote the secret key. Keep it away from the server, and in two places: {path}")
    click.echo("Without it no backup can be opened. The recipient for BACKUP_RECIPIENTS:")
    click.echo(public)


def _write_secret(path: Path, content: str) -> None:
    """Write a new file that only its owner may read; what is unfinished is removed."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    except OSError as problem:
        reason = (problem.strerror or "unknown reason").lower()
        raise click.ClickException(f"{path} cannot be written: {reason}.") from None
