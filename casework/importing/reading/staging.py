"""Holds rows that belong together but stand in different tables, on disk and not in memory.

The file is private and gone when the import’s turn ends. What is confidential never reaches it: the
readers leave it out before they put a row here (R20).
"""

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

MAKE = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8192;
CREATE TABLE staged (
    position INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, owner TEXT NOT NULL,
    part TEXT NOT NULL, line INTEGER NOT NULL, body TEXT NOT NULL
);
"""
INDEX = """
CREATE INDEX staged_by_id ON staged (kind, id);
CREATE INDEX staged_by_owner ON staged (kind, owner);
"""


class Staged:
    """Rows by kind, by id and by what they belong to."""

    def __init__(self) -> None:
        # TemporaryDirectory is made for its owner alone.
        self._folder = tempfile.TemporaryDirectory(prefix="casework-import-")
        self._rows = sqlite3.connect(Path(self._folder.name) / "staged.db")
        self._rows.executescript(MAKE)
        self._waiting: list[tuple[str, str, str, str, int, str]] = []

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

    def put(
        self, kind: str, id_: str, owner: str, part: str, line: int, body: Mapping[str, Any]
    ) -> None:
        """Put one row; many are written at once."""
        self._waiting.append((kind, id_, owner, part, line, json.dumps(body)))
        if len(self._waiting) >= 1_000:
            self._write()

    def ready(self) -> None:
        """Write what waits, and make everything findable."""
        self._write()
        self._rows.executescript(INDEX)

    def count(self, kind: str) -> int:
        """Tell how many rows of a kind there are."""
        found = self._rows.execute("SELECT count(*) FROM staged WHERE kind = ?", (kind,))
        return int(found.fetchone()[0])

    def every(self, kind: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
        """Give every row of a kind in the order of the source: part, line, body."""
        found = self._rows.execute(
            "SELECT part, line, body FROM staged WHERE kind = ? ORDER BY position", (kind,)
        )
        for part, line, body in found:
            yield part, line, json.loads(body)

    def one(self, kind: str, id_: str) -> dict[str, Any] | None:
        """Give the first row of a kind with this id."""
        found = self._rows.execute(
            "SELECT body FROM staged WHERE kind = ? AND id = ? ORDER BY position LIMIT 1",
            (kind, id_),
        ).fetchone()
        return json.loads(found[0]) if found else None

    def of(self, kind: str, owner: str) -> list[dict[str, Any]]:
        """Give the rows of a kind that belong to an owner."""
        found = self._rows.execute(
            "SELECT body FROM staged WHERE kind = ? AND owner = ? ORDER BY position", (kind, owner)
        )
        return [json.loads(body) for (body,) in found]

    def _write(self) -> None:
        self._rows.executemany(
            "INSERT INTO staged (kind, id, owner, part, line, body) VALUES (?, ?, ?, ?, ?, ?)",
            self._waiting,
        )
        self._waiting.clear()
