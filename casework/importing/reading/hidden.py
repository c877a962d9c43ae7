"""Remembers what no text may repeat (R20), however many places a source hides: sealed, and on disk."""

from collections.abc import Iterable

from casework.importing.reading.on_disk import OnDisk
from casework.vault import PassingKey

MAKE = """
CREATE TABLE hidden (
    owner BLOB NOT NULL, name BLOB NOT NULL, line BLOB NOT NULL, UNIQUE (owner, name)
);
"""


class Hidden(OnDisk):
    """Lines by whom they belong to: an agency, or a place. The file tells neither lines nor owners."""

    def __init__(self) -> None:
        super().__init__(MAKE)
        self._key = PassingKey()
        self.is_empty = True
        # The lines of one owner: many rows in a row belong to the agency that is being read.
        self._last: tuple[str, list[str]] | None = None

    def add(self, owner: str, lines: Iterable[str]) -> None:
        """Remember each line of an owner once."""
        by = self._key.name(owner)
        rows = [(by, self._key.name(line), self._key.seal(line, by)) for line in lines]
        if rows:
            self.is_empty = False
            done = self._rows.executemany("INSERT OR IGNORE INTO hidden VALUES (?, ?, ?)", rows)
            if done.rowcount:
                self._last = None

    def of(self, owner: str) -> list[str]:
        """Give the lines of an owner in the order in which they were met."""
        if self.is_empty:
            return []
        if self._last is None or self._last[0] != owner:
            self._last = (owner, self._opened(owner))
        return list(self._last[1])

    def _opened(self, owner: str) -> list[str]:
        by = self._key.name(owner)
        found = self._rows.execute("SELECT line FROM hidden WHERE owner = ? ORDER BY rowid", (by,))
        return [self._key.open(line, by) for (line,) in found]
