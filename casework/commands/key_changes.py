"""Changes the key ring in use: a new key, then current, an old one retired, and new recovery shares."""

from collections.abc import Callable

import click
from flask import Flask
from sqlalchemy import Connection, func, select

from casework import audit, database
from casework.commands.applications import application, every_service
from casework.commands.key_files import one_sentence, show_shares
from casework.vault import RingRefused, source_of
from casework.vault.changes import (
    Change,
    Part,
    activate_key,
    add_and_activate_key,
    add_key,
    change_ring,
    check_retirable,
    renew_recovery,
    retire_key,
)
from casework.vault.models import DataKey, IndexTerm
from casework.vault.providers import Source
from casework.vault.recovery import recovery_path
from casework.vault.retiring import is_retired, retire_number

# What to run once a new key is current, and what still needs an old one.
NEXT = {Part.KEKS: "casework keys rewrap", Part.INDEX: "casework keys reindex"}
NAMES = {Part.KEKS: "Key", Part.INDEX: "Index key"}
NEEDED_BY = {Part.KEKS: "data keys", Part.INDEX: "look-up terms"}

LAST_WARNING = {
    Part.KEKS: (
        "Backups from before the end of the rewrap become unreadable for ever: that is how erased"
        " people leave them. It is final when every other copy of the ring with this key, and every"
        " older recovery file, is destroyed too."
    ),
    Part.INDEX: "Look-up in backups from before the end of the re-keying will not find people.",
}


@click.command("rotate")
@click.option("--activate", "is_activation", is_flag=True, help="Make the waiting key current.")
@click.option("--now", "is_at_once", is_flag=True, help="Both steps, where all runs on one host.")
@click.option("--index", "is_index", is_flag=True, help="The blind index’s key instead.")
def rotate_command(is_activation: bool, is_at_once: bool, is_index: bool) -> None:
    """Add a new key for opening only; with --activate, make it current."""
    if is_activation and is_at_once:
        raise click.UsageError("Choose --activate or --now: the second does both steps.")
    part = Part.INDEX if is_index else Part.KEKS
    with application() as app, one_sentence():
        source = _source(app)
        action, step = _step(is_activation, is_at_once)

        def change(ring: str) -> Change:
            changed = step(ring, part)
            if is_retired(part, changed.number):
                raise RingRefused(
                    f"{NAMES[part]} {changed.number} is retired in the database, and nobody could"
                    " write under it: run “casework keys retire” for it again, or bring the newest"
                    " ring."
                )
            # Before the ring is written: a database that is down refuses here.
            audit.record_for_installation(action, _object(part, changed.number))
            return changed

        number = change_ring(source, change)
    if is_activation or is_at_once:
        click.echo(f"{NAMES[part]} {number} is current in {source.name}.")
        click.echo("With several hosts: copy the ring to each of them again.")
        click.echo(f"Next: “{NEXT[part]}”, and when nothing is left, “casework keys retire”.")
    else:
        click.echo(f"{NAMES[part]} {number} is in {source.name}, for opening only.")
        option = " --index" if is_index else ""
        click.echo(
            "Next: copy the ring to every host that runs Casework; none needs a restart. Only"
            f" then “casework keys rotate{option} --activate”."
        )
    _tell_of_recovery(source)


@click.command("retire")
@click.argument("number", type=click.IntRange(min=1))
@click.option("--index", "is_index", is_flag=True, help="A key of the blind index.")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
def retire_command(number: int, is_index: bool, is_sure: bool) -> None:
    """Destroy an old key; refused while it is current or anything is still under it."""
    part = Part.INDEX if is_index else Part.KEKS
    with application() as app, one_sentence(), every_service(app.config["CASEWORK"]) as reader:
        source = _source(app)
        check_retirable(source.load(), part, number)
        _refuse_if_needed(part, number, _count(reader, part, number))
        click.echo(LAST_WARNING[part])
        if not is_sure and click.prompt("Type the key’s number to retire it") != str(number):
            raise click.ClickException("Nothing was changed.")

        def retire(ring: str) -> Change:
            changed = retire_key(ring, part, number)
            # The question may have waited for an hour, and somebody may be writing just now.
            _refuse_if_needed(part, number, retire_number(part, number))
            audit.record_for_installation("keys:retire", _object(part, number))
            # Before the ring: from here on no row can come to need the key. Should the ring then
            # not be written, the same command does the rest.
            database.commit()
            return changed

        change_ring(source, retire)
    click.echo(f"{NAMES[part]} {number} is retired from {source.name}; its number never returns.")
    click.echo("With several hosts: copy the ring to each of them.")
    _tell_of_recovery(source)


@click.command("reshare")
@click.option("--shares", "needed", type=int, required=True, help="How many can recover the ring.")
@click.option("--of", "officers", type=int, required=True, help="How many officers hold a share.")
def reshare_command(needed: int, officers: int) -> None:
    """Give the officers new shares: the first time, after a recovery, or when one of them leaves."""
    with application() as app, one_sentence():
        source = _source(app)
        audit.record_for_installation("keys:reshare", ("key_ring", None))
        shares = renew_recovery(source, needed, officers)
    click.echo("Former shares open former recovery files only: destroy those.")
    _tell_of_recovery(source)
    show_shares(shares)


def _step(is_activation: bool, is_at_once: bool) -> tuple[str, Callable[[str, Part], Change]]:
    if is_activation:
        return "keys:activate", activate_key
    return ("keys:rotate", add_and_activate_key) if is_at_once else ("keys:add", add_key)


def _object(part: Part, number: int) -> tuple[str, str]:
    return ("kek" if part is Part.KEKS else "index_key", str(number))


def _source(app: Flask) -> Source:
    return source_of(app.config["CASEWORK"].keys)


def _count(reader: Connection, part: Part, number: int) -> int:
    """Count what is under a key, in all services, before anybody is asked whether they are sure."""
    column = DataKey.kek_id if part is Part.KEKS else IndexTerm.version
    left: int = reader.execute(select(func.count()).where(column == number)).scalar_one()
    reader.rollback()
    return left


def _refuse_if_needed(part: Part, number: int, left: int) -> None:
    if left:
        raise RingRefused(
            f"{NAMES[part]} {number} is still needed by {left} {NEEDED_BY[part]}: run"
            f" “{NEXT[part]}” until none is left."
        )


def _tell_of_recovery(source: Source) -> None:
    if source.path is not None and recovery_path(source.path).exists():
        click.echo(
            f"The recovery file {recovery_path(source.path)} was written anew: bring a copy to"
            " where the last one is kept."
        )
