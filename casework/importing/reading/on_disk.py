"""A private file of rows for the length of one import’s turn: what is read does not have to fit in memory."""

import sqlite3
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

SETTINGS = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8192;
"""


class OnDisk:
    """Rows in a file that is its owner’s alone, and gone at the end; 8 MB of it are held in memory."""

    def __init__(self, make: str) -> None:
        # TemporaryDirectory is made for its owner alone.
        self._folder = tempfile.TemporaryDirectory(prefix="casework-import-")
        self._rows = sqlite3.connect(Path(self._folder.name) / "rows.db")
        self._rows.executescript(SETTINGS + make)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._rows.close()
        self._folder.cleanup()
