"""Reads CSV row by row; a row that is broken is refused alone, and the next one is found again."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from casework.importing.reading.files import Part, Parts
from casework.importing.reading.reasons import Reason, Unreadable
from casework.importing.reading.records import Read, Remark
from casework.importing.reading.texts import chunks, mend, strip_controls

LONGEST_LINE = 1 << 20
# A text with line ends inside its quotation marks is longer than this in no directory.
MOST_LINES = 400
DELIMITERS = ",;\t"
# An id stands first in what is published: what a broken row is about has not vanished.
FIRST_CELL = re.compile(r'"?([^",;\t\r\n]{1,120})')
csv.field_size_limit(LONGEST_LINE)


@dataclass
class Row:
    """One row by the plain names of its columns, and what had to be repaired in it."""

    line: int
    values: dict[str, str]
    remarks: list[Remark] = field(default_factory=list)


def plain(column: str) -> str:
    """Give a column’s name without what exports differ in: case, spaces and underscores."""
    return "".join(sign for sign in column.casefold() if sign.isalnum())


class Table:
    """One file of rows under a header."""

    def __init__(self, parts: Parts, part: Part) -> None:
        self._parts, self._part = parts, part
        self.is_whole = True

    def rows(self) -> Iterator[Row | Read]:
        """Give each row, or a Read that refuses it; raise Unreadable without a header."""
        with self._parts.open(self._part) as stream:
            lines = _Lines(chunks(stream, self._parts.count))
            header = lines.take()
            if header is None:
                raise Unreadable(Reason.NO_COLUMNS)
            text = strip_controls(mend(header.rstrip("\r\n"))[0])[0]
            delimiter = max(DELIMITERS, key=text.count)
            columns = [plain(name) for name in next(csv.reader([text], delimiter=delimiter), [])]
            while (first := lines.take()) is not None:
                if first.strip("\r\n" + delimiter):
                    yield self._row(first, lines, columns, delimiter)

    def _row(self, first: str, lines: "_Lines", columns: list[str], delimiter: str) -> "Row | Read":
        """Read the row that begins with this line, and the lines its quotation marks hold together."""
        line, held, size, marks = lines.line, [first], len(first), first.count('"')
        while marks % 2 and len(held) < MOST_LINES and size <= LONGEST_LINE:
            following = lines.take()
            if following is None:
                break
            held.append(following)
            size, marks = size + len(following), marks + following.count('"')
        remarks: list[Remark] = []
        text = self._clean("".join(held), remarks)
        try:
            cells = next(csv.reader(text.splitlines(True), delimiter=delimiter, strict=True), [])
        except csv.Error:
            return self._refused(line, held, lines, Reason.BROKEN_QUOTING)
        if len(text) > LONGEST_LINE:
            return self._refused(line, held[:1], lines, Reason.TOO_LONG)
        if len(cells) != len(columns):
            # Quotation marks that do not match swallow the rows behind: those are read again.
            why = Reason.BROKEN_QUOTING if len(held) > 1 else Reason.WRONG_COLUMNS
            return self._refused(line, held, lines, why)
        return Row(line, dict(zip(columns, cells, strict=True)), remarks)

    def _refused(self, line: int, held: list[str], lines: "_Lines", reason: Reason) -> Read:
        lines.give_back(held[1:])
        found = FIRST_CELL.match(held[0])
        ids = [mend(found.group(1))[0]] if found else []
        return Read(self._part.name, line, ids=ids).refuse(reason)

    @staticmethod
    def _clean(text: str, remarks: list[Remark]) -> str:
        text, was_stray = mend(text)
        text, was_dirty = strip_controls(text)
        if was_stray:
            remarks.append(Remark(Reason.WRONG_ENCODING))
        if was_dirty:
            remarks.append(Remark(Reason.CARRIAGE_RETURNS))
        return text


class _Lines:
    """Lines of a text, some of which can be given back to be read again."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text, self._at = "", 0
        self._given_back: list[str] = []
        self._end = ""
        self.line = 0

    def take(self) -> str | None:
        """Give the next line with its end; None at the end of the text."""
        if self._given_back:
            self.line += 1
            return self._given_back.pop()
        while (end := self._text.find(self._end or "\n", self._at)) < 0:
            if len(self._text) - self._at > LONGEST_LINE:
                end = len(self._text) - 1
                break
            piece = next(self._pieces, None)
            if piece is None:
                return self._last()
            self._text, self._at = self._text[self._at :] + piece, 0
            if not self._end and "\n" not in self._text and "\r" in self._text[:-1]:
                self._end = "\r"  # an old Macintosh wrote it
        line = self._text[self._at : end + 1]
        self._at, self._end = end + 1, self._end or "\n"
        self.line += 1
        return line

    def give_back(self, lines: list[str]) -> None:
        """Put lines back, to be taken again in their order."""
        self._given_back += reversed(lines)
        self.line -= len(lines)

    def _last(self) -> str | None:
        line, self._text, self._at = self._text[self._at :], "", 0
        if not line:
            return None
        if not self._end and "\r" in line.rstrip("\r\n"):
            # A short file that an old Macintosh wrote came in one piece.
            self._end = "\r"
            self._text = line
            return self.take()
        self.line += 1
        return line
