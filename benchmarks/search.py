"""The directory page in a directory of 20,000 and of 200,000 services, beside two bare ways to show the same."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask import Flask, g, render_template

from benchmarks.ground import application, copy_rows, open_as_admin, run_as_admin
from benchmarks.machine import in_turns, percentile
from casework import database, directory
from casework.directory import search_queries, views
from casework.extensions import db
from casework.security import current_actor
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
# As whoever owns the tables asks it, without a wall: every match is ranked, and the first page is read
# with its agencies and what the cards show.
BARE = """
SELECT d.id, d.need, d.name_en, d.name_fr, d.eligibility_en, d.eligibility_fr, d.hours_en, d.hours_fr,
    d.features, d.is_open_all_hours, o.name, o.region, o.phone, o.is_confidential
FROM directory_service AS d JOIN organization AS o
    ON o.service_id = d.service_id AND o.id = d.organization_id,
    plainto_tsquery('simple', %s) AS asked
WHERE d.search @@ asked AND d.is_active AND o.is_active
ORDER BY ts_rank(d.search, asked) DESC LIMIT 24
"""
# Refreshed in so many at a time, as an import does; of more than this the words are those of one of
# these, since writing them takes a millisecond each.
BATCH, WORDED = 5_000, 20_000


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
    """Print p50 and p95 of the page, of the search alone, and of both bare ways, for each word."""
    seen = {}
    for services in (sizes.few, sizes.many):
        with application(servers, folder, f"bench_search_{services}") as app:
            _fill(servers, app, services)
            with open_as_admin(servers, app) as connection:
                seen[services] = _at_size(app, connection, services, sizes.turns, say)
    few, many = seen[sizes.few], seen[sizes.many]
    for services, of_words in seen.items():
        for name, taken in of_words.items():
            beside = ", ".join(
                f"the {what} {taken[one] / taken[other]:.2f}"
                for what, one, other in (
                    ("page beside the ranked query", "page", "ranked query"),
                    ("search alone", "search", "ranked query"),
                    ("page beside the bare view", "page", "bare view"),
                )
            )
            say(f"  {services:,}, {name}: {beside}   target at most {OVER_BARE:.0f}")
    for what in ("page", "search", "ranked query"):
        ratio = many["commonest"][what] / few["commonest"][what]
        say(
            f"  {sizes.many:,} beside {sizes.few:,}, the {what}, commonest words {ratio:6.2f}"
            f"   target at most {GROWTH:.0f}"
        )


def _at_size(
    app: Flask, connection: Any, services: int, turns: int, say: Say
) -> dict[str, dict[str, float]]:
    """Give the medians of each way for each word, in milliseconds."""
    with app.app_context():
        amina = World.load().amina
        viewer = amina.actor
        db.session.remove()
    browser = Visitor(app)
    browser.sign_in(amina)
    say(f"Searching {services:,} services, milliseconds (in turns)")
    middles = {}
    for name, words in WORDS.items():
        kept = _kept(browser, words)
        works = {
            "page": lambda words=words: _visit(browser, words),
            "search": lambda words=words: _search(app, viewer, words),
            "ranked query": lambda words=words: connection.execute(BARE, [words]).fetchall(),
            "bare view": lambda words=words, kept=kept: _visit_bare(browser, words, kept),
        }
        for work in works.values():
            work()
        middles[name] = {
            what: _told(f"{name}, {what}", seconds, say)
            for what, seconds in in_turns(works, turns).items()
        }
    return middles


def _kept(browser: Visitor, words: str) -> dict[str, Any]:
    """Keep what one real visit gives its template, and the ids of its cards."""
    kept: dict[str, Any] = {}
    real = views.render

    def keep(template: str, **given: Any) -> Any:
        kept.update(given, wanted=[offer.id for offer in given["places"]])
        return real(template, **given)

    with patch.object(views, "render", keep):
        _visit(browser, words)
    return kept


def _visit_bare(browser: Visitor, words: str, kept: dict[str, Any]) -> None:
    """Load the same cards with one query by their ids, and render the same template.

    Who asks is found out as for every page; nothing is searched, and the number on the rail is given.
    """

    def bare() -> str:
        g.callable_people = 0
        shown = search_queries.cards(current_actor(), kept["wanted"])
        return render_template(
            "directory/search.html", has_errors=False, **(kept | {"places": shown})
        )

    bare.access = views.search.access  # type: ignore[attr-defined]
    with patch.dict(browser.app.view_functions, {"directory.search": bare}):
        _visit(browser, words)


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
        found = search_queries.candidates(viewer, words=words)
        search_queries.cards(viewer, found.ids[: views.PAGE])
        db.session.remove()


def _fill(servers: Any, app: Flask, services: int) -> None:
    """Write the rows by COPY, then their words by the statement that imports use."""
    with app.app_context():
        service_id = World.load().north.id
        db.session.remove()
    ids = [uuid.uuid4() for _ in range(services)]
    agencies = [uuid.uuid4() for _ in range(max(services // 3, 1))]
    columns = (
        "service_id, id, organization_id, need, needs, name_en, name_fr, description_en,"
        " description_fr, eligibility_en, eligibility_fr, hours_en, hours_fr, cost_en, cost_fr,"
        " application_en, application_fr, documents_en, documents_fr, service_areas, terms, url,"
        " email, features, languages, is_open_all_hours, is_active, source"
    )
    copy_rows(
        servers,
        app,
        "organization",
        "service_id, id, name, kind, phone, email, locale, region, time_zone, is_confidential,"
        " is_active, alternate_name, description_en, description_fr, url, source",
        _agencies(service_id, agencies),
    )
    rows = list(_services(service_id, ids, agencies))
    copy_rows(servers, app, "directory_service", columns, rows[:WORDED])
    with app.app_context():
        for start in range(0, len(rows[:WORDED]), BATCH):
            database.enter_service(service_id)
            directory.search_services.refresh(service_id, ids[start : start + BATCH][:WORDED])
            database.commit()
        db.session.remove()
    others = _with_words_of(servers, app, ids, rows)
    copy_rows(servers, app, "directory_service", columns + ", search", others)
    # As autovacuum does within a minute.
    run_as_admin(servers, app, "VACUUM ANALYZE directory_service")


def _with_words_of(
    servers: Any, app: Flask, ids: list[Any], rows: list[tuple[Any, ...]]
) -> Iterator[tuple[Any, ...]]:
    """Give each further row the words of one of the first, but the word that it alone has."""
    if len(rows) <= WORDED:
        return
    with open_as_admin(servers, app) as connection:
        written = dict(connection.execute("SELECT id, search::text FROM directory_service"))
    for number in range(WORDED, len(rows)):
        like = number % WORDED
        yield (*rows[number], written[ids[like]].replace(f"'z{like}z'", f"'z{number}z'"))


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
