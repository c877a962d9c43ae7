"""Opens what was given: a file, a folder or a zip; an archive that unpacks to too much is refused."""

import io
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
# Of these alone a stream gives no more than was asked for: a few bytes of others become gigabytes.
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


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
        if not self.is_zip:
            place = self.path / part.name if self.path.is_dir() else self.path
            with place.open("rb") as stream:
                yield stream
            return
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(part.name) as packed:
                yield cast("BinaryIO", io.BufferedReader(packed))
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
            raise Unreadable(Reason.BAD_ZIP) from None

    def _found(self, ending: str) -> Iterator[Part]:
        if self.is_zip:
            yield from self._packed(ending)
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

    def _packed(self, ending: str) -> Iterator[Part]:
        try:
            with zipfile.ZipFile(self.path) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, OSError, ValueError):
            raise Unreadable(Reason.BAD_ZIP) from None
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
