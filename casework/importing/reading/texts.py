"""Text as it should have been: bytes decoded bit by bit, and windows in which elements are found."""

import codecs
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

CHUNK = 1 << 16
# Longer than any real entry; what is longer is refused rather than kept in memory.
LONGEST = 4 << 20

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Bytes that are no UTF-8 travel as lone surrogates until the row they stand in is known.
STRAY = re.compile("[\udc80-\udcff]")
LONE = re.compile("[\ud800-\udfff]")
# Also what turns the direction of a text: behind such a name a phone number would read backwards.
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
# Line ends that only some programs know.
BREAKS = re.compile("[\r\x85\u2028\u2029]")
AS_WINDOWS_1252 = {
    0xDC00 + byte: bytes([byte]).decode("cp1252", errors="replace") for byte in range(0x80, 0x100)
}


def chunks(stream: BinaryIO, count: Callable[[int], None]) -> Iterator[str]:
    """Decode a stream piece by piece: by its mark, else as UTF-8; count the bytes."""
    first = stream.read(CHUNK)
    count(len(first))
    encoding, start = "utf-8", 0
    for mark, name in BOMS:
        if first.startswith(mark):
            encoding, start = name, len(mark)
            break
    decoder = codecs.getincrementaldecoder(encoding)(
        "surrogateescape" if encoding == "utf-8" else "replace"
    )
    piece = first[start:]
    while piece:
        if text := decoder.decode(piece):
            yield text
        piece = stream.read(CHUNK)
        count(len(piece))
    if rest := decoder.decode(b"", final=True):
        yield rest


def mend(text: str) -> tuple[str, bool]:
    """Read bytes that were no UTF-8 as Windows-1252; tell whether there were any."""
    if not STRAY.search(text):
        return text, False
    return text.translate(AS_WINDOWS_1252), True


def strip_controls(text: str) -> tuple[str, bool]:
    """Take out control characters, and turn stray carriage returns into spaces."""
    plain = text.replace("\r\n", "\n")
    clean = BREAKS.sub(" ", CONTROLS.sub("", plain))
    return LONE.sub("\ufffd", clean), clean != plain


class Window:
    """A part of a text that moves on: what was taken is forgotten, so that memory stays flat."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self.text = ""
        self.is_at_end = False
        self.line = 1

    def more(self) -> bool:
        """Read another piece; False at the end of the text."""
        piece = next(self._pieces, None)
        if piece is None:
            self.is_at_end = True
            return False
        self.text += piece
        return True

    def drop(self, until: int) -> None:
        """Forget the text before a position."""
        self.line += self.text.count("\n", 0, until)
        self.text = self.text[until:]

    def find(
        self, pattern: re.Pattern[str], start: int = 0, limit: int = LONGEST
    ) -> re.Match[str] | None:
        """Find a pattern, reading on as far as the limit allows."""
        while True:
            if found := pattern.search(self.text, start):
                return found
            if len(self.text) > limit or not self.more():
                return None
