"""Runs the benchmarks named on the command line, or all, on servers of their own."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import directory, pages, reminders, search, vault
from benchmarks.machine import describe
from casework.commands.servers import embedded

PARTS: dict[str, tuple[Callable[..., None], Any]] = {
    "vault": (vault.measure, vault.FULL),
    "reminders": (reminders.measure, reminders.FULL),
    "pages": (pages.measure, pages.FULL),
    "directory": (directory.measure, directory.FULL),
    "search": (search.measure, search.FULL),
}


def main() -> int:
    """Measure, and print what was seen."""
    reader = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    reader.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    reader.add_argument("--rows", type=int, help="how many reminders fall due (reminders)")
    reader.add_argument("--cases", type=int, help="how many cases the large service has (pages)")
    reader.add_argument(
        "--services", type=int, help="how many services there are (directory, search)"
    )
    given = reader.parse_args()
    unknown = [name for name in given.parts if name not in PARTS]
    if unknown:
        print(f"There is no benchmark {unknown[0]}; there is: {', '.join(PARTS)}.")
        return 2
    parts = PARTS | {
        "reminders": (reminders.measure, reminders.of_size(given.rows)),
        "pages": (pages.measure, pages.of_size(given.cases)),
        "directory": (directory.measure, directory.of_size(given.services)),
        "search": (search.measure, search.of_size(given.services)),
    }
    with tempfile.TemporaryDirectory(prefix="casework-bench-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        with embedded(
            place / "servers",
            durable=False,
            admin_url=os.environ.get("TEST_ADMIN_DATABASE_URL"),
            redis_url=os.environ.get("TEST_REDIS_URL"),
        ) as servers:
            for line in describe(servers):
                print(line, flush=True)
            for name in given.parts or list(PARTS):
                measure, sizes = parts[name]
                measure(servers, place / name, sizes, lambda line: print(line, flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
