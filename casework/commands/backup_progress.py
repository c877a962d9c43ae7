"""Shows how far a long command is, on the terminal's error side, so that its output stays clean."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

SECONDS_BETWEEN = 0.5
# In a log each line stays: fewer of them say as much.
SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """Counts bytes and says so now and then; to a terminal on one line, elsewhere line by line."""

    def __init__(self, doing: str, total: int | None = None) -> None:
        self._doing = doing
        self._total = total
        self._done = 0
        self._is_shown = False
        self._on_terminal = sys.stderr.isatty()
        self._step = SECONDS_BETWEEN if self._on_terminal else SECONDS_BETWEEN_LINES
        self._next = time.monotonic() + self._step

    def __call__(self, count: int) -> None:
        """Count that many bytes more."""
        self._done += count
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._step
            self._show()

    def _show(self) -> None:
        said = f"{self._doing}: {self._done / 1_048_576:.1f} MiB"
        if self._total:
            said += f" ({min(100, 100 * self._done // self._total)} %)"
        self._is_shown = True
        sys.stderr.write(f"\r{said}" if self._on_terminal else f"{said}\n")
        sys.stderr.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_shown and self._on_terminal:
            sys.stderr.write("\n")
