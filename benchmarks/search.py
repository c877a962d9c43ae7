"""The directory page in a directory of 20,000 and of 200,000 services, beside the bare full-text query."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask

from benchmarks.ground import application, copy_rows, open_as_admin, run_as_admin
from benchmarks.machine import in_turns, percentile
from casework import database, directory
from casework.extensions import db
from tests.visitors import Visitor
from tests.world import World

Say = Callable[[str], Any]
OVER_BARE, GROWTH = 3.0, 3.0
# Found in every service, in one of a hundred, in one of a thousand, and in a single one.
COMMON, RARE = "famille aide", "lighthouse"
WORDS = {"commonest": COMMON, "one in 100": "harbour", "one in 1,000": RARE, "a single one": "z77z"}
TOWNS = ("Gatineau", "Guelph", "Rimouski", "Kenora", "Laval", "Sudbury", "Sherbrooke", "Barrie")
NEEDS = ("food", "shelter", "legal", "rent", "mental_health", "transport")
TEXT = "Aide offerte à chaque famille du quartier, sans rendez-vous, avec des bénévoles formés"
# As whoever owns the table asks it: no wall, no ranking, nothing but ids.
BARE = """
SELECT id FROM directory_service WHERE search @@ plainto_tsquery('simple', %s) LIMIT 50
"""
# Refreshed in so many at a time, as an import does.
BATCH = 5_000


@dataclass(frozen=True)
class Sizes:
    """How many services the two directories have, and how often each word is looked for."""

    few: int
    many: int
    turns: int


FULL = Sizes(20_000, 200_000, 40)
SMALL = Sizes(120, 240, 2)


def of_size(services: int | None) -> Sizes:
    """Give the full measurement, or the same with another number of services in the large one."""
    return FULL if services is None else replace(FULL, few=max(services // 10, 100), many=services)


def measure(servers: Any, folder: Path, sizes: Sizes, say: Say) -> None:
    """Print p50 and p95 of the page, of the search alone and of the bare query, for each word."""
    seen = {}
    for services in (sizes.few, sizes.many):
        with application(servers, folder, f"bench_search_{services}") as app:
            _fill(servers, app, services)
            with open_as_admin(servers, app) as connection:
                seen[services] = _at_size(app, connection, services, sizes.turns, say)
    few, many = seen[sizes.few], seen[sizes.many]
    for name, (page, search, bare) in many.items():
        say(
            f"  {name:<14} the page beside the bare query {page / bare:8.2f}"
            f"   the search alone {search / bare:8.2f}   target at most {OVER_BARE:.0f}"
        )
    for what, place in (("page", 0), ("search", 1)):
        ratio = many["commonest"][place] / few["commonest"][place]
        say(
            f"  {sizes.many:,} beside {sizes.few:,}, the {what}, commonest words {ratio:6.2f}"
            f"   target at most {GROWTH:.0f}"
        )


def _at_size(
    app: Flask, connection: Any, services: int, turns: int, say: Say
) -> dict[str, tuple[float, float, float]]:
    """Give the medians of the page, the search and the bare query for each word, in milliseconds."""
    with app.app_context():
        amina = World.load().amina
        viewer = amina.actor
        db.session.remove()
    browser = Visitor(app)
    browser.sign_in(amina)
    say(f"Searching {services:,} services, milliseconds (in turns)")
    middles = {}
    for name, words in WORDS.items():
        works = {
            "page": lambda words=words: _visit(browser, words),
            "search": lambda words=words: _search(app, viewer, words),
            "bare query": lambda words=words: connection.execute(BARE, [words]).fetchall(),
        }
        for work in works.values():
            work()
        middles[name] = tuple(
            _told(f"{name}, {what}", seconds, say)
            for what, seconds in in_turns(works, turns).items()
        )
    return middles


def _told(name: str, seconds: list[float], say: Say) -> float:
    p50, p95 = percentile(seconds, 0.5) * 1000, percentile(seconds, 0.95) * 1000
    say(f"  {name:<26} p50 {p50:8.2f}   p95 {p95:8.2f}")
    return p50


def _visit(browser: Visitor, words: str) -> None:
    page = browser.get(f"/directory?q={words.replace(' ', '+')}")
    if page.status_code != 200 or "Agency" not in page.get_data(as_text=True):
        raise AssertionError("the page found nothing")


def _search(app: Flask, viewer: Any, words: str) -> None:
    with app.app_context():
        database.enter_service(viewer.service_id)
        directory.queries.search(viewer, words=words)
        db.session.remove()


def _fill(servers: Any, app: Flask, services: int) -> None:
    """Write the rows by COPY, then their words by the statement that imports use."""
    with app.app_context():
        service_id = World.load().north.id
        db.session.remove()
    ids = [uuid.uuid4() for _ in range(services)]
    agencies = [uuid.uuid4() for _ in range(max(services // 3, 1))]
    copy_rows(
        servers,
        app,
        "organization",
        "service_id, id, name, kind, phone, email, locale, region, time_zone, is_confidential,"
        " is_active, alternate_name, description_en, description_fr, url, source",
        _agencies(service_id, agencies),
    )
    copy_rows(
        servers,
        app,
        "directory_service",
        "service_id, id, organization_id, need, needs, name_en, name_fr, description_en,"
        " description_fr, eligibility_en, eligibility_fr, hours_en, hours_fr, cost_en, cost_fr,"
        " application_en, application_fr, documents_en, documents_fr, service_areas, terms, url,"
        " email, features, languages, is_open_all_hours, is_active, source",
        _services(service_id, ids, agencies),
    )
    with app.app_context():
        for start in range(0, services, BATCH):
            database.enter_service(service_id)
            directory.search_services.refresh(service_id, ids[start : start + BATCH])
            database.commit()
        db.session.remove()
    # As autovacuum does within a minute.
    run_as_admin(servers, app, "VACUUM ANALYZE directory_service")


def _agencies(service_id: Any, ids: list[Any]) -> Iterator[tuple[Any, ...]]:
    for number, id_ in enumerate(ids):
        yield (
            *(
                service_id,
                id_,
                f"Agency {number}",
                "community",
                "",
                "",
                "en_CA",
                "",
                "America/Toronto",
            ),
            *(False, True, "", "", "", "", ""),
        )


def _services(service_id: Any, ids: list[Any], agencies: list[Any]) -> Iterator[tuple[Any, ...]]:
    for number, id_ in enumerate(ids):
        need, town = NEEDS[number % len(NEEDS)], TOWNS[number % len(TOWNS)]
        words = f"{TEXT}. z{number}z"
        if number % 100 == 50:
            words += " Near the harbour."
        if number % 1000 == 50:
            words += " Behind the lighthouse."
        yield (
            *(service_id, id_, agencies[number // 3 % len(agencies)], need, [need]),
            *(f"Service {number}", f"Service {number}", "", words, "", f"Familles de {town}"),
            *("", "", "", "", "", "", [], [], [town], [], "", "", "[]", '["fr", "en"]'),
            *(False, True, ""),
        )
