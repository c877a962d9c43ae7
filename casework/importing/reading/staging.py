"""Holds rows that belong together but stand in different tables, on disk and not in memory.

What is confidential never reaches the file: the readers leave it out before they put a row here (R20).
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from casework.importing.reading.on_disk import OnDisk

MAKE = """
CREATE TABLE staged (
    position INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, owner TEXT NOT NULL,
    part TEXT NOT NULL, line INTEGER NOT NULL, body TEXT NOT NULL
);
"""
INDEX = """
CREATE INDEX staged_by_id ON staged (kind, id);
CREATE INDEX staged_by_owner ON staged (kind, owner);
"""


class Staged(OnDisk):
    """Rows by kind, by id and by what they belong to."""

    def __init__(self) -> None:
        super().__init__(MAKE)
        self._waiting: list[tuple[str, str, str, str, int, str]] = []

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
