"""Importing a generated directory: services a second beside a bare COPY of the same rows, and the memory it takes."""

import json
import resource
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask

from benchmarks.ground import application
from casework import database
from casework.commands.servers import connect_as_admin
from casework.extensions import db
from casework.importing import queries, services, tasks
from casework.importing.models import ImportFormat
from casework.importing.reading.sources import open_source
from casework.runs.models import RunState
from tests.world import World

# What one service of the generated directory fills; each has a place, hours and a phone of its own.
TABLES = (
    "organization",
    "directory_service",
    "location",
    "service_at_location",
    "schedule",
    "phone",
)
WORDS = "evening hampers for households of the old borough who live near the harbour or behind it"
NEEDS = (
    "Food Pantries",
    "Emergency Shelters",
    "Legal Counseling",
    "Heating Assistance",
    "Wibbling",
)


class Sizes(NamedTuple):
    """How many services the directory has, and how many the small one that memory is compared with."""

    services: int
    fewer: int


FULL = Sizes(60_000, 6_000)
SMALL = Sizes(600, 200)


def of_size(services_: int | None) -> Sizes:
    """Give the full sizes, or those of a directory of another size."""
    return FULL if services_ is None else Sizes(services_, max(services_ // 10, 50))


def measure(servers: Any, folder: Path, sizes: Sizes, say: Callable[[str], Any]) -> None:
    """Print the rate of the import, that of the bare COPY, their ratio, and the most memory held."""
    folder.mkdir(parents=True, exist_ok=True)
    say(f"Importing a directory of {sizes.services:,} services (HSDS 3.0, nested JSON)")
    path = _written(folder / "directory.json", sizes.services)
    say(f"  {path.stat().st_size / 1e6:,.0f} MB")
    with application(servers, folder, "bench_directory") as app:
        first = _imported(app, path)
        again = _imported(app, path)
        copied, rows = _copied(servers, app)
    say(
        f"  import        {sizes.services / first:>10,.0f} services/s  {rows / first:>10,.0f} rows/s"
    )
    say(f"  once more     {sizes.services / again:>10,.0f} services/s")
    say(
        f"  bare COPY     {sizes.services / copied:>10,.0f} services/s  {rows / copied:>10,.0f} rows/s"
    )
    say(f"  import beside the bare COPY of its {rows:,} rows: {first / copied:.1f} times as long")
    # Patterns of hidden lines are kept for the last few hundred: half of the directory fills that.
    sizes_read = (sizes.fewer, sizes.services // 2, sizes.services)
    few, half, all_ = (_peak(_written(folder / "read.json", size)) for size in sizes_read)
    say(
        f"  reading holds {all_ / 1e6:.2f} MB at most for {sizes.services:,},"
        f" {half / 1e6:.2f} MB for half of them: ratio {all_ / half:.2f}, target at most 1.5;"
        f" {few / 1e6:.2f} MB for {sizes.fewer:,}: ratio {all_ / few:.2f}"
    )
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    say(f"  the whole process held {held / 1024:,.0f} MB at most")


def _imported(app: Flask, path: Path) -> float:
    """Import the directory as the command does; give the seconds."""
    with app.app_context():
        world = World.load()
        actor = world.marc.actor
        run = services.start_import(
            actor, format_=ImportFormat.HSDS_JSON, source="bench", language="en"
        )
        run_id = run.id
        database.commit()
        began = time.perf_counter()
        tasks.work_on(world.north.id, run_id, path)
        took = time.perf_counter() - began
        run = queries.run(actor, run_id)
        if run.state is not RunState.DONE or run.refused:
            raise AssertionError("the generated directory was not imported whole")
        db.session.remove()
    return took


def _copied(servers: Any, app: Flask) -> tuple[float, int]:
    """Write the same rows into tables like ours by COPY alone; give the seconds, and how many rows."""
    name = app.config["CASEWORK"].database_url.rsplit("/", 1)[1].split("?")[0]
    took, rows = 0.0, 0
    with connect_as_admin(servers, name) as connection:
        for table in TABLES:
            connection.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
            with connection.cursor().copy(f"COPY {table} TO STDOUT") as out:
                held = [bytes(piece) for piece in out]
            rows += len(held)
            began = time.perf_counter()
            with connection.cursor().copy(f"COPY bare_{table} FROM STDIN") as copy:
                for piece in held:
                    copy.write(piece)
            took += time.perf_counter() - began
    return took, rows


def _peak(path: Path) -> int:
    """Give the most bytes that reading a directory holds at once."""
    tracemalloc.start()
    try:
        for _read in open_source(ImportFormat.HSDS_JSON, path).rows():
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _written(path: Path, services_: int) -> Path:
    """Write a generated directory, service by service."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"contents": [')
        for number, service in enumerate(_services(services_)):
            file.write(("," if number else "") + json.dumps(service))
        file.write("]}")
    return path


def _services(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        owner = number // 3
        yield {
            "id": f"service-{number}",
            "name": f"Service {number}",
            "description": f"{WORDS} {number}. " * 3,
            "eligibility_description": WORDS,
            "organization": {
                "id": f"agency-{owner}",
                "name": f"Agency {owner}",
                "description": WORDS,
            },
            "phones": [{"number": f"514-555-01{number % 100:02}"}],
            "languages": [{"code": "fr"}, {"code": "en"}],
            "schedules": [
                {"freq": "WEEKLY", "byday": "MO,TU", "opens_at": "09:00", "closes_at": "17:00"}
            ],
            "service_at_locations": [{"location": _place(number)}],
            "attributes": [
                {"taxonomy_term": {"code": f"T-{number % 5}", "name": NEEDS[number % 5]}}
            ],
        }


def _place(number: int) -> dict[str, Any]:
    address = {"address_1": f"{number} Long Street", "city": "Gatineau", "state_province": "QC"}
    return {
        "id": f"place-{number}",
        "location_type": "physical" if number % 50 else "redacted",
        "latitude": 45.5,
        "longitude": -75.7,
        "addresses": [address],
    }
