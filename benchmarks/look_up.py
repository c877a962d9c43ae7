"""Somebody calls back: found by phone among few and among many, beside a plain indexed column."""

import secrets
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import text

from benchmarks.ground import copy_rows, run_as_admin
from benchmarks.machine import in_turns, percentile
from casework import database, people, vault
from casework.extensions import db
from casework.people.models import Person
from tests.world import World

TARGET = 1.3
PLAIN = (
    "CREATE TABLE bench_phone (service_id uuid, phone text, person_id uuid);"
    "CREATE INDEX ON bench_phone (service_id, phone);"
    "GRANT SELECT ON bench_phone TO casework_app"
)


def measure_look_up(
    servers: Any, app: Flask, sizes: tuple[int, ...], hits: int, say: Callable[[str], Any]
) -> None:
    """Print the median and the 99th percentile at each size, and what the size costs."""
    with app.app_context():
        world = World.load()
        owners = _keep(world, hits)
    _make_plain(servers, app, world.amina.service_id, owners)
    medians: dict[str, list[float]] = {"terms": [], "plain": []}
    there = hits
    say("Look-up by phone, milliseconds")
    for size in sizes:
        _fill(servers, app, world.amina.service_id, size - there)
        there = size
        taken = _measure(app, world, owners)
        for name, label in (("terms", "keyed terms, confirmed"), ("plain", "a plain column")):
            p50, p99 = (percentile(taken[name], share) * 1000 for share in (0.5, 0.99))
            medians[name].append(p50)
            say(f"  {label:<24} among {size:>9,}   p50 {p50:6.2f}   p99 {p99:6.2f}")
    for name, label in (("terms", "keyed terms"), ("plain", "a plain column")):
        ratio = medians[name][-1] / medians[name][0]
        target = f"   target at most {TARGET}" if name == "terms" else ""
        say(f"  {label}: {sizes[-1]:,} beside {sizes[0]:,}   {ratio:.2f}{target}")


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
    run_as_admin(servers, app, PLAIN)
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


def _measure(app: Flask, world: World, owners: dict[str, UUID]) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {"terms": [], "plain": []}
    with app.app_context():
        database.enter_service(world.amina.service_id)
        for phone, owner in owners.items():

            def terms(phone: str = phone, owner: UUID = owner) -> None:
                found = people.services.find_people(world.amina.actor, phone=phone)
                if [person.id for person in found] != [owner]:
                    raise AssertionError("the wrong person was found")

            def plain(phone: str = phone) -> None:
                rows = db.session.execute(
                    text("SELECT person_id FROM bench_phone WHERE service_id = :s AND phone = :p"),
                    {"s": world.amina.service_id, "p": phone},
                )
                rows.scalar_one()

            for name, times in in_turns({"terms": terms, "plain": plain}, 1).items():
                taken[name] += times
            database.rollback()
    return taken
