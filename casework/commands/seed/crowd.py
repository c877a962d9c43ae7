"""A service with as many cases as a province: the told ones copied, by several processes at once."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from uuid import UUID

from flask import current_app
from sqlalchemy import create_engine, select, text
from sqlalchemy.pool import NullPool

from casework import create_app, database
from casework.audit.chain import Act, microseconds
from casework.audit.writing import SEALED_ACTION
from casework.cases.models import Case
from casework.commands.seed.copies import Hands, Poured, Template
from casework.commands.seed.originals import read_originals
from casework.commands.seed.pouring import AUDIT, pour, prepare, tables
from casework.commands.seed.stripping import put_back, stripped
from casework.config import Settings
from casework.extensions import db
from casework.referrals.models import Referral
from casework.security import Actor, ActorKind

BATCH = 250
# From so many copies on it is worth taking keys and indexes off first.
STRIP_FROM = 5_000
# Closed cases lie up to half a year further back, so that there is a past to report on: one week
# more each time that all stories were told so often.
WEEKS_BACK, TURNS = 26, 128


@dataclass(frozen=True)
class Crowd:
    """What every process needs to know."""

    service_id: UUID
    told: int
    staff: tuple[UUID, ...]
    navigators: tuple[UUID, ...]
    until: datetime


class Copier:
    """One process's share of the work: the stories read once, and batches written one by one."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        database.enter_service(crowd.service_id)
        actor = Actor.command(crowd.service_id)
        originals = read_originals(actor, crowd.told)
        self.templates = [Template(original, crowd.staff, crowd.until) for original in originals]
        self.taken = frozenset(
            ref
            for row_class in (Case, Referral)
            for ref in db.session.scalars(
                select(row_class.ref).where(row_class.service_id == crowd.service_id)
            )
        )
        database.commit()
        owners = owners_address()
        self.straight = create_engine(owners, poolclass=NullPool).connect() if owners else None

    def write(self, numbers: range) -> int:
        """Write the copies of these numbers in one transaction; give how many cases they are."""
        crowd = self.crowd
        sealed = Act(
            at_us=microseconds(crowd.until),
            service_id=crowd.service_id,
            actor_kind=ActorKind.SYSTEM,
            actor_id=None,
            action=SEALED_ACTION,
            object_type="row_digest",
        )
        copied = (self._copy(number) for number in numbers)
        if self.straight is not None:
            with self.straight.begin():
                pour(self.straight, copied, sealed, is_straight=True)
            return len(numbers)
        database.enter_service(crowd.service_id)
        connection = db.session.connection()
        prepare(connection)
        pour(connection, copied, sealed, is_straight=False)
        database.commit()
        return len(numbers)

    def close(self) -> None:
        """Let go of the owner's connection."""
        if self.straight is not None:
            self.straight.close()

    def _copy(self, number: int) -> Poured:
        turn, place = divmod(number, len(self.templates))
        crowd = self.crowd
        navigator = crowd.navigators[turn % len(crowd.navigators)]
        hands = Hands(navigator, crowd.until, self.taken)
        return self.templates[place].copy(number, hands, turn // TURNS % WEEKS_BACK)


# Of a worker's process: one copier for each crowd, and where it meets the others.
_copiers: list[Copier] = []
_meeting: Barrier | None = None

# Which crowd, and the numbers of its copies.
Share = tuple[Crowd, range]
# Which of the crowds, and the numbers of one transaction.
Batches = Sequence[tuple[int, range]]


def write_crowds(shares: Sequence[Share], *, workers: int, progress: Callable[[int], None]) -> None:
    """Write the cases of these numbers; each worker but a single one is a process of its own.

    Many at once are written into tables without keys and indexes, which are put back once behind
    them all. The stories are read before: without an index each look is at every row.
    """
    owners = owners_address()
    is_large = bool(owners) and sum(len(numbers) for _, numbers in shares) >= STRIP_FROM
    # What this process has read holds locks until it is over.
    database.commit()
    if is_large:
        # The triggers of R1 are planned by what is known of the tables: one person has one case,
        # and a service has them all.
        analyse()
    with _writing([crowd for crowd, _ in shares], workers) as written, ExitStack() as around:
        if is_large:
            connection = around.enter_context(create_engine(owners, poolclass=NullPool).connect())
            around.enter_context(stripped(connection, [*tables(), *AUDIT]))
        for number in written(list(_batches(shares))):
            progress(number)


def put_back_all() -> int:
    """Put back what an interrupted seed took off; give how many keys and indexes there were."""
    owners = owners_address()
    if not owners:
        return 0
    with create_engine(owners, poolclass=NullPool).connect() as connection:
        return put_back(connection)


@contextmanager
def _writing(crowds: Sequence[Crowd], workers: int) -> Iterator[Callable[[Batches], Iterator[int]]]:
    """Let every worker read the stories, and give what writes batches and counts their cases."""
    if workers <= 1:
        copiers = [Copier(crowd) for crowd in crowds]
        yield lambda batches: (copiers[place].write(numbers) for place, numbers in batches)
        for copier in copiers:
            copier.close()
        return
    settings: Settings = current_app.config["CASEWORK"]
    # Never a fork: a connection must not travel into another process.
    context = get_context("spawn")
    with ProcessPoolExecutor(
        workers,
        mp_context=context,
        initializer=_begin,
        initargs=(settings, crowds, context.Barrier(workers)),
    ) as processes:
        # Each waits for all the others, so that each of them takes one.
        for ready in [processes.submit(_meet) for _ in range(workers)]:
            ready.result()
        yield lambda batches: processes.map(_write, batches)


def owners_address() -> str:
    """Give the address by which the tables' owner is reached, or nothing."""
    settings: Settings = current_app.config["CASEWORK"]
    return settings.migration_database_url


def processors() -> int:
    """Count the processes that are worth starting here."""
    return max(1, os.cpu_count() or 1)


def analyse() -> None:
    """Let PostgreSQL look at its tables at once, as autovacuum would within minutes.

    Only a table's owner may ask for it; without an address of theirs autovacuum does it.
    """
    owners = owners_address()
    if not owners:
        return
    engine = create_engine(owners, poolclass=NullPool)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in (*tables(), *AUDIT):
            connection.execute(text(f'ANALYZE public."{name}"'))


def _batches(shares: Sequence[Share]) -> Iterator[tuple[int, range]]:
    for place, (_, numbers) in enumerate(shares):
        for start in range(0, len(numbers), BATCH):
            yield place, numbers[start : start + BATCH]


def _begin(settings: Settings, crowds: Sequence[Crowd], meeting: Barrier) -> None:
    """Open the application in a new process, and read the stories."""
    global _meeting
    create_app(settings).app_context().push()
    _copiers.extend(Copier(crowd) for crowd in crowds)
    _meeting = meeting


def _meet() -> None:
    """Wait until every process has read its stories."""
    if _meeting is not None:
        _meeting.wait()


def _write(batch: tuple[int, range]) -> int:
    place, numbers = batch
    return _copiers[place].write(numbers)
