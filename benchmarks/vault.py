"""The vault's four questions: a field, a page, a look-up, a rotation; each beside the same without it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.fields import measure_fields
from benchmarks.ground import application
from benchmarks.look_up import measure_look_up
from benchmarks.page import measure_page
from benchmarks.rewrap import measure_rewrap

Say = Callable[[str], Any]


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    values: int
    cases: int
    turns: int
    few: int
    many: int
    hits: int
    keys: int
    batch: int


FULL = Sizes(
    values=5000, cases=50, turns=40, few=6_000, many=600_000, hits=200, keys=100_000, batch=500
)
SMALL = Sizes(values=50, cases=3, turns=2, few=60, many=600, hits=5, keys=60, batch=25)


def measure(servers: Any, folder: Path, sizes: Sizes, say: Say) -> None:
    """Print what each costs, as a ratio to the same without sealing."""
    with application(servers, folder, "bench_vault") as app:
        say("")
        measure_fields(app, sizes.values, say)
        say("")
        measure_page(servers, app, sizes.cases, sizes.turns, say)
        say("")
        measure_rewrap(servers, app, sizes.keys, sizes.batch, say)
    say("")
    measure_look_up(servers, folder, (sizes.few, sizes.many), sizes.hits, say)
