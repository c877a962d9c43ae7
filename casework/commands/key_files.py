"""Makes the key ring, copies it into a key store, and brings it back from the officers’ shares."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from shamir_mnemonic import Share

from casework.vault import RingRefused, fresh_ring, load_ring, source_of
from casework.vault.private_files import read_private
from casework.vault.recovery import (
    keep_ring,
    open_recovery,
    read_share,
    restore_ring,
    with_recovery,
)

FORGET = (
    "Keep a copy where the database’s copies are not. Without the ring, and without enough shares,"
    " every sealed field stays closed for ever."
)


@click.group("keys")
def keys_group() -> None:
    """Keys: without them every sealed field stays closed for ever."""


@contextmanager
def one_sentence() -> Iterator[None]:
    """Show a refusal as one sentence, not as a traceback."""
    try:
        yield
    except RingRefused as refusal:
        raise click.ClickException(str(refusal)) from None


@keys_group.command("init")
@click.option("--file", "path", type=click.Path(path_type=Path), help="Short for --keys file:PATH.")
@click.option("--keys", "setting", help="Where the ring shall be kept, as in CASEWORK_KEYS.")
@click.option("--shares", "needed", type=int, help="How many officers can recover the ring.")
@click.option("--of", "officers", type=int, help="How many officers hold a share.")
def init_command(
    path: Path | None, setting: str | None, needed: int | None, officers: int | None
) -> None:
    """Write a new key ring, readable by its owner only; an existing one is never touched."""
    if (path is None) == (setting is None):
        raise click.UsageError("Say where the ring shall be kept: --file PATH or --keys SOURCE.")
    if (needed is None) != (officers is None):
        raise click.UsageError("Shares need both numbers: for example --shares 3 --of 5.")
    with one_sentence():
        source = source_of(setting or f"file:{path}")
        ring, shares = fresh_ring(), list[str]()
        if needed is not None and officers is not None:
            ring, shares = with_recovery(ring, needed, officers)
        recovery = keep_ring(source, ring, is_new=True)
    click.echo(f"Wrote a new key ring to {source.name}. {FORGET}")
    if recovery is not None:
        click.echo(f"Wrote the recovery file {recovery}. It opens with any {needed} of the shares.")
        show_shares(shares)


@keys_group.command("copy")
@click.option("--from", "present", required=True, help="The source to read, as in CASEWORK_KEYS.")
@click.option("--to", "setting", required=True, help="The source to write; it must be new.")
def copy_command(present: str, setting: str) -> None:
    """Copy a key ring into another source, such as a key store; an existing one is never touched."""
    with one_sentence():
        load_ring(present)
        source = source_of(setting)
        keep_ring(source, source_of(present).load(), is_new=True)
        load_ring(setting)
    click.echo(
        f"Copied the key ring to {source.name}, and read it back. Set CASEWORK_KEYS to"
        f" “{setting}”, restart, then destroy the old one."
    )


@keys_group.command("recover")
@click.option("--from", "path", type=click.Path(path_type=Path), required=True)
@click.option("--to", "setting", required=True, help="Where the ring shall be kept.")
@click.option(
    "--shares-file",
    type=click.Path(path_type=Path),
    help="Read the shares from a file, one a line, on a machine that is wiped afterwards.",
)
def recover_command(path: Path, setting: str, shares_file: Path | None) -> None:
    """Bring the ring back from its recovery file and the officers’ shares."""
    with one_sentence():
        target = source_of(setting)
        sealed = _read(path)
        shares = _shares_of(shares_file) if shares_file else _ask_for_shares()
        restore_ring(target, open_recovery(sealed, shares))
        ring = load_ring(setting)
    numbers = ", ".join(map(str, ring.kek_ids))
    click.echo(f"Recovered the key ring to {target.name}: keys {numbers}, current {ring.current}.")
    click.echo("The shares have been seen: make new ones with “casework keys reshare”.")


def show_shares(shares: list[str]) -> None:
    """Show each share once; on a terminal one after the other, so that each officer sees theirs."""
    for number, share in enumerate(shares, start=1):
        click.pause(f"Officer {number}, alone at the screen: press any key …")
        click.echo(f"\nShare {number} of {len(shares)}. Write it down; it is not shown again.\n")
        words = share.split()
        for first in range(0, len(words), 11):
            click.echo(" ".join(words[first : first + 11]))
        click.pause("\nWritten down and compared? Press any key to clear the screen …")
        click.clear()


def _ask_for_shares() -> list[Share]:
    shares: list[Share] = []
    while not shares or len(shares) < shares[0].member_threshold:
        needed = f" of {shares[0].member_threshold}" if shares else ""
        words = click.prompt(f"Share {len(shares) + 1}{needed}, all its words", hide_input=True)
        try:
            shares.append(read_share(words, shares))
        except RingRefused as refusal:
            click.echo(f"{refusal} Type it again.", err=True)
    return shares


def _shares_of(path: Path) -> list[Share]:
    """Read shares from lines; empty lines and those that begin with # are left out."""
    shares: list[Share] = []
    for number, line in enumerate(read_private(path, "file of shares").splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            try:
                shares.append(read_share(line, shares))
            except RingRefused as refusal:
                raise RingRefused(f"Line {number} of {path}: {refusal}") from None
    return shares


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        reason = (problem.strerror or "unknown reason").lower()
        raise RingRefused(f"The file {path} cannot be read: {reason}.") from None
