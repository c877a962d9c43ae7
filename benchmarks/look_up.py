"""Somebody calls back: found by phone among few and among many, beside a plain indexed column."""

import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import text

from benchmarks.ground import application, copy_rows, run_as_admin
from benchmarks.machine import percentile
from casework import database, people, vault
from casework.extensions import db
from casework.people.models import Person
from tests.world import Member, World

TARGET = 1.3
TERMS, PLAIN = "keyed terms, confirmed", "a plain column"
MAKE_PLAIN = (
    "CREATE TABLE bench_phone (service_id uuid, phone text, person_id uuid);"
    "CREATE INDEX ON bench_phone (service_id, phone);"
    "GRANT SELECT ON bench_phone TO casework_app"
)


@dataclass(frozen=True)
class Town:
    """A service of so many people, of whom some are real."""

    app: Flask
    member: Member
    owners: dict[str, UUID]


def measure_look_up(
    servers: Any, folder: Path, sizes: tuple[int, int], hits: int, say: Callable[[str], Any]
) -> None:
    """Print the median and the 99th percentile at each size, taken in turns, and what size costs."""
    with ExitStack() as stack:
        towns = {}
        for size in sizes:
            app = stack.enter_context(application(servers, folder, f"bench_{size}"))
            towns[size] = _found_town(servers, app, size, hits)
        taken = _measure(towns)
    say("Look-up by phone, milliseconds (in turns)")
    for size in sizes:
        for name in (TERMS, PLAIN):
            p50, p99 = (percentile(taken[name, size], share) * 1000 for share in (0.5, 0.99))
            say(f"  {name:<24} among {size:>9,}   p50 {p50:6.2f}   p99 {p99:6.2f}")
    few, many = sizes
    for name in (TERMS, PLAIN):
        ratio = percentile(taken[name, many], 0.5) / percentile(taken[name, few], 0.5)
        target = f"   target at most {TARGET}" if name == TERMS else ""
        say(f"  {name}: {many:,} beside {few:,}   {ratio:.2f}{target}")


def _found_town(servers: Any, app: Flask, size: int, hits: int) -> Town:
    with app.app_context():
        world = World.load()
        owners = _keep(world, hits)
        db.session.remove()
    _make_plain(servers, app, world.amina.service_id, owners)
    _fill(servers, app, world.amina.service_id, size - hits)
    return Town(app, world.amina, owners)


def _keep(world: World, hits: int) -> dict[str, UUID]:
    """Keep people with real keys, sealed numbers and terms: every look-up finds one of them."""
    owners = {}
    for number in range(hits):
        phone = f"+1613555{number:04d}"
        person = Person(service_id=world.amina.service_id, created_at=database.now())
        vault.create_key(world.amina.service_id, person.id)
        vault.seal(person, phone=phone, full_name=f"Maya {number}")
        db.session.add(person)
        vault.index_put(world.amina.service_id, person.id, "phone", phone)
        owners[phone] = person.id
    db.session.flush()
    # A person needs a consent (R1); these are nobody, and only looked up.
    db.session.execute(
        text(
            "INSERT INTO consent (id, service_id, person_id, purpose, is_given, language, how_given,"
            " given_at, expires_at) SELECT gen_random_uuid(), service_id, id, 'keep_case', true,"
            " 'en', 'verbal', now(), now() + interval '30 days' FROM person WHERE id = ANY(:ids)"
        ),
        {"ids": list(owners.values())},
    )
    database.commit()
    return owners


def _make_plain(servers: Any, app: Flask, service_id: UUID, owners: dict[str, UUID]) -> None:
    run_as_admin(servers, app, MAKE_PLAIN)
    rows = ((service_id, phone, owner) for phone, owner in owners.items())
    copy_rows(servers, app, "bench_phone", "service_id, phone, person_id", rows)


def _fill(servers: Any, app: Flask, service_id: UUID, count: int) -> None:
    """Add terms and plain numbers of people who do not exist: a look-up must not find them."""
    owners = [uuid4() for _ in range(count)]
    copy_rows(
        servers,
        app,
        "index_term",
        "service_id, kind, version, token, owner_id",
        ((service_id, "phone", 1, secrets.randbits(24), owner) for owner in owners),
    )
    copy_rows(
        servers, app, "bench_phone", "service_id, phone, person_id", _plain(service_id, owners)
    )


def _plain(service_id: UUID, owners: list[UUID]) -> Iterator[tuple[UUID, str, UUID]]:
    for number, owner in enumerate(owners):
        yield service_id, f"+1438{number:07d}", owner


def _measure(towns: dict[int, Town]) -> dict[tuple[str, int], list[float]]:
    """Look every real person up in each town in turn, so that what else runs slows all alike."""
    taken: dict[tuple[str, int], list[float]] = defaultdict(list)
    for phone in next(iter(towns.values())).owners:
        for size, town in towns.items():
            with town.app.app_context():
                database.enter_service(town.member.service_id)
                # The first query of a connection pays for it: nobody's look-up is measured so.
                db.session.execute(text("SELECT 1"))
                for name, look_up in ((PLAIN, _by_column), (TERMS, _by_terms)):
                    start = time.perf_counter()
                    found = look_up(town, phone)
                    taken[name, size].append(time.perf_counter() - start)
                    if found != [town.owners[phone]]:
                        raise AssertionError("the wrong person was found")
                database.rollback()
                db.session.remove()
    return taken


def _by_terms(town: Town, phone: str) -> list[UUID]:
    return [p.id for p in people.services.find_people(town.member.actor, phone=phone)]


def _by_column(town: Town, phone: str) -> list[UUID]:
    rows = db.session.execute(
        text("SELECT person_id FROM bench_phone WHERE service_id = :s AND phone = :p"),
        {"s": town.member.service_id, "p": phone},
    )
    return list(rows.scalars())
