"""Opens what was given: a file, a folder or a zip; an archive that unpacks to too much is refused."""

import io
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from casework.importing.reading.reasons import Reason, Unreadable

# 200,000 services are about one gigabyte as nested JSON.
LARGEST = 4 << 30
MOST_PARTS = 200
# Text packs to a tenth; a part that claims less than a two-hundredth is no text.
PACKED = 200
SMALL = 1 << 20
# The list of its entries is one piece of a zip, of 46 bytes or more for each: some thousands fit.
MOST_LISTED = 512 << 10
# Of these alone a stream gives no more than was asked for: a few bytes of others become gigabytes.
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Packed(io.FileIO):
    """A zip of which no piece is read that is longer than any honest list of entries.

    The length of the list is measured as it is read, not as the archive counts it: a zip64 says its
    count elsewhere, and may say it wrong.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        """Read so many bytes; raise Unreadable when that is more than a list may have."""
        if size is not None and size > MOST_LISTED:
            raise Unreadable(Reason.ZIP_BOMB)
        return super().read(size)


@dataclass(frozen=True)
class Part:
    """One file of a source."""

    name: str
    size: int


class Parts:
    """The files of a source that have one ending; each is opened as a stream, none is unpacked."""

    def __init__(self, path: Path, ending: str) -> None:
        self.path = path
        self.is_zip = path.is_file() and zipfile.is_zipfile(path)
        self._archive = self._opened() if self.is_zip else None
        self.list = sorted(self._found(ending), key=lambda part: part.name)
        self.size = sum(part.size for part in self.list)
        self.read = 0
        if not self.list:
            raise Unreadable(Reason.NO_PARTS)
        if self.size > LARGEST or len(self.list) > MOST_PARTS:
            raise Unreadable(Reason.ZIP_BOMB)

    @property
    def percent(self) -> int:
        """How much of all parts was read, in whole percent."""
        return min(self.read * 100 // max(self.size, 1), 100)

    def count(self, read: int) -> None:
        """Count bytes that were read; an archive that holds more than it said is refused."""
        self.read += read
        if self.is_zip and self.read > LARGEST:
            raise Unreadable(Reason.ZIP_BOMB)

    def begin_again(self) -> None:
        """Count from nothing: all is read once more."""
        self.read = 0

    @contextmanager
    def open(self, part: Part) -> Iterator[BinaryIO]:
        """Open one part for reading."""
        if self._archive is None:
            place = self.path / part.name if self.path.is_dir() else self.path
            with place.open("rb") as stream:
                yield stream
            return
        try:
            with self._archive.open(part.name) as packed:
                yield cast("BinaryIO", io.BufferedReader(packed))
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
            raise Unreadable(Reason.BAD_ZIP) from None

    def _opened(self) -> zipfile.ZipFile:
        """Open the zip once for all its parts; it is closed when nobody reads it any longer."""
        file = Packed(self.path)
        weakref.finalize(self, file.close)
        try:
            return zipfile.ZipFile(cast("BinaryIO", file))
        except (zipfile.BadZipFile, OSError, ValueError):
            raise Unreadable(Reason.BAD_ZIP) from None

    def _found(self, ending: str) -> Iterator[Part]:
        if self._archive is not None:
            yield from self._packed(self._archive.infolist(), ending)
        elif self.path.is_dir():
            for place in self.path.iterdir():
                if place.is_file() and place.suffix.lower() == ending:
                    yield Part(place.name, place.stat().st_size)
        elif self.path.is_file():
            with self.path.open("rb") as stream:
                if stream.read(2) == b"PK":
                    raise Unreadable(Reason.BAD_ZIP)
            yield Part(self.path.name, self.path.stat().st_size)
        else:
            raise Unreadable(Reason.NOT_A_FILE if self.path.exists() else Reason.FILE_GONE)

    @staticmethod
    def _packed(entries: list[zipfile.ZipInfo], ending: str) -> Iterator[Part]:
        for entry in entries:
            if entry.is_dir() or PurePosixPath(entry.filename).suffix.lower() != ending:
                continue
            if entry.flag_bits & 1:
                raise Unreadable(Reason.BAD_ZIP)
            if entry.compress_type not in PACKINGS:
                raise Unreadable(Reason.PACKING)
            if entry.file_size > SMALL and entry.file_size > entry.compress_size * PACKED:
                raise Unreadable(Reason.ZIP_BOMB)
            yield Part(entry.filename, entry.file_size)
