"""`casework seed`: two invented services with staff, agencies and cases, for the demo and for tests."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import click

from casework import database
from casework.commands.applications import application
from casework.commands.seed import words
from casework.commands.seed.crowd import (
    Crowd,
    Share,
    analyse,
    processors,
    put_back_all,
    write_crowds,
)
from casework.commands.seed.programme import write_programme
from casework.commands.seed.staffing import Staffed, add_navigators, cases_written, staff
from casework.commands.seed.stripping import NotPutBack
from casework.commands.seed.timeline import Timeline
from casework.config import ConfigurationError, Environment, read_settings
from casework.database import clock

ALLOWED = (Environment.DEMO, Environment.TEST)
# The second service shows that the wall between two is real; a few cases are enough.
SHARE_OF_SECOND = 20
# The services stood before the first of their cases began.
FOUNDED_BEFORE = timedelta(days=60)
# So many cases are told, step by step, through the services; from there on they are told again of
# other people, written by COPY.
TOLD = 180
LANGUAGES = {"en_CA": "English", "fr_CA": "French"}


@dataclass(frozen=True)
class Written:
    """How many cases there were before, and how many were added."""

    before: int
    added: int


def fill(
    cases: int,
    seed: int,
    *,
    at: datetime | None = None,
    navigators: int = 0,
    told: int = TOLD,
    workers: int = 1,
    progress: Callable[[int], None] = lambda _number: None,
) -> Written:
    """Write invented cases until the first service has so many; those that are there are kept.

    `at` is the present of the invented people, by default the real one. The clock is given back
    as it was, whatever happens. Cases beyond `told` are copies of those before, in the hands of so
    many navigators, written by so many processes.
    """
    before = clock.frozen
    until = at or database.now()
    try:
        there = added = 0
        shares: list[Share] = []
        for number, plan in enumerate(words.SERVICES):
            count, desks = _wanted(cases, number), _wanted(navigators, number)
            clock.freeze(until - FOUNDED_BEFORE)
            staffed = staff(plan)
            database.commit()
            first = cases_written(staffed.service_id)
            there += first
            added += max(0, count - first)
            stories = range(first, min(count, max(told, first)))
            if stories:
                _write(staffed, until, seed, stories, progress)
            if count > stories.stop:
                crowd = _crowd(staffed, add_navigators(plan, desks), until, told)
                shares.append((crowd, range(stories.stop, count)))
        if shares:
            write_crowds(shares, workers=workers, progress=progress)
        return Written(there, added)
    finally:
        clock.freeze(before)


def _wanted(cases: int, number: int) -> int:
    return cases if number == 0 else -(-cases // SHARE_OF_SECOND)


def _write(
    staffed: Staffed, until: datetime, seed: int, numbers: range, progress: Callable[[int], None]
) -> None:
    timeline = Timeline(staffed.service_id, until, lambda: progress(1))
    write_programme(timeline, staffed, seed=seed, first=numbers.start, count=len(numbers))
    timeline.run()


def _crowd(staffed: Staffed, more: list[UUID], until: datetime, told: int) -> Crowd:
    """Say who works on the copies: those who told the stories, and all who came since."""
    first = [staffed.members[email].id for email in staffed.navigators]
    staff_ids = [actor.id for actor in staffed.members.values()]
    return Crowd(
        service_id=staffed.service_id,
        told=told,
        staff=tuple(id_ for id_ in staff_ids if id_ is not None),
        navigators=(*(id_ for id_ in first if id_ is not None), *more),
        until=until,
    )


def check_environment() -> None:
    """Refuse with one sentence anywhere but in a demo or a test."""
    try:
        environment = read_settings().environment
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None
    if environment not in ALLOWED:
        raise click.ClickException(
            "Invented people are written only where CASEWORK_ENV is demo or test."
        )


def print_sign_ins() -> None:
    """Say who signs in, and which words the invented people say to be recognised."""
    click.echo(f"Sign in with the passphrase: {words.PASSPHRASE}")
    for plan in words.SERVICES:
        click.echo(f"  {plan.name_en} / {plan.name_fr}")
        for person in plan.staff:
            language = LANGUAGES[person.locale]
            click.echo(f"    {person.email:<22} {person.name}, {person.role} ({language})")
        for code, agency, person in words.AGENCY_STAFF:
            if code == plan.code:
                language = LANGUAGES[person.locale]
                click.echo(f"    {person.email:<22} {person.name}, of {agency} ({language})")
    click.echo("Code words said on the phone:")
    click.echo(f"    the mother (Amina’s case)      {words.STORY_WORDS['en_CA']}")
    click.echo(f"    the older man (Louis’s case)   {words.STORY_WORDS['fr_CA']}")
    click.echo(f"    everybody else of Amina, Owen  {words.CODE_WORDS['en_CA']}")
    click.echo(f"    everybody else of Louis        {words.CODE_WORDS['fr_CA']}")


@click.command("seed")
@click.option(
    "--cases",
    default=60,
    show_default=True,
    type=click.IntRange(0, 800_000),
    help="Cases the first service shall have.",
)
@click.option("--seed", default=211, show_default=True, help="The same number tells the same.")
@click.option(
    "--staff",
    "navigators",
    default=0,
    type=click.IntRange(0, 5000),
    help=f"Navigators who share the cases beyond {TOLD}, besides those with names.",
)
@click.option("--print-sign-ins", "is_listing", is_flag=True, help="Only say who signs in.")
def seed_command(cases: int, seed: int, navigators: int, is_listing: bool) -> None:
    """Write two invented services with staff, agencies and cases in every state."""
    check_environment()
    if is_listing:
        print_sign_ins()
        return
    started = time.monotonic()
    total = sum(_wanted(cases, number) for number in range(len(words.SERVICES)))
    try:
        with application():
            put_back = put_back_all()
            with click.progressbar(length=total, label="Invented cases") as bar:
                written = fill(
                    cases, seed, navigators=navigators, workers=processors(), progress=bar.update
                )
            if written.added > TOLD:
                analyse()
    except NotPutBack as error:
        raise click.ClickException(str(error)) from None
    if put_back:
        click.echo(f"An interrupted seed had taken off {put_back} keys and indexes: put back.")
    seconds = time.monotonic() - started
    if not written.added:
        click.echo(f"There are {written.before} cases already: nothing was added.")
        return
    click.echo(
        f"{written.added} cases written in {seconds:.1f} s: {written.added / seconds:.1f} a second."
    )
