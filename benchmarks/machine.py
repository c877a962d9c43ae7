"""Tells on what a measurement was made, and takes it: medians, side by side, in turns."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from casework.commands.servers import connect_as_admin

LIBRARIES = ("cryptography", "SQLAlchemy", "psycopg", "Flask")


def describe(servers: Any) -> Iterator[str]:
    """Name the processor, the system and every version that matters."""
    model = "unknown processor"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    load = os.getloadavg()[0]
    yield f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, load {load:.1f}"
    with connect_as_admin(servers) as connection:
        [postgresql] = connection.execute("SHOW server_version").fetchone() or ("?",)
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    yield f"Python {platform.python_version()}, PostgreSQL {postgresql}, {libraries}"


def microseconds(work: Callable[[], Any], number: int, rounds: int = 5) -> float:
    """Give the best mean of several rounds: what else runs on the machine only adds."""
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(number):
            work()
        best = min(best, (time.perf_counter() - start) / number)
    return best * 1e6


def in_turns(works: dict[str, Callable[[], Any]], turns: int) -> dict[str, list[float]]:
    """Time several ways of doing the same one after the other, again and again; seconds."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(turns):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            taken[name].append(time.perf_counter() - start)
    return taken


def percentile(values: list[float], share: float) -> float:
    """Give the value below which this share of them lies."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def middle(values: list[float]) -> float:
    """Give the median."""
    return statistics.median(values)
