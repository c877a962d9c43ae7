"""Runs the benchmarks named on the command line, or all, on servers of their own."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import pages, vault
from benchmarks.machine import describe
from casework.commands.servers import embedded

PARTS: dict[str, tuple[Callable[..., None], Any]] = {
    "vault": (vault.measure, vault.FULL),
    "pages": (pages.measure, pages.FULL),
}


def main() -> int:
    """Measure, and print what was seen."""
    wanted = sys.argv[1:] or list(PARTS)
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        print(f"There is no benchmark {unknown[0]}; there is: {', '.join(PARTS)}.")
        return 2
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
                print(line)
            for name in wanted:
                measure, sizes = PARTS[name]
                measure(servers, place / name, sizes, print)
    return 0


if __name__ == "__main__":
    sys.exit(main())
