"""Makes the key ring file."""

from pathlib import Path

import click

from casework.commands.key_runs import reindex_command, rewrap_command, status_command
from casework.vault import RingRefused, fresh_ring, write_new_file


@click.group("keys")
def keys_group() -> None:
    """Keys: without them every sealed field stays closed for ever."""


@keys_group.command("init")
@click.option("--file", "path", type=click.Path(path_type=Path), required=True)
def init_command(path: Path) -> None:
    """Write a new key ring, readable by its owner only; an existing file is never touched."""
    try:
        write_new_file(path, fresh_ring())
    except (RingRefused, FileExistsError) as error:
        raise click.ClickException(str(error)) from None
    click.echo("Wrote a new key ring. Keep a copy where the database’s copies are not.")


for command in (rewrap_command, reindex_command, status_command):
    keys_group.add_command(command)
