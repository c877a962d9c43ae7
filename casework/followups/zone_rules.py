"""By which rules walls become UTC: a name for the time zone data this process has read.

What is stored is the time on the wall and its zone. The moments computed from them are good only
for the rules of the day; under other rules they are read again, and the wall time stays.
"""

import zoneinfo
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from pathlib import Path

from casework.people import time_zones

VERSION_FILES = ("tzdata.zi", "+VERSION")


@lru_cache(maxsize=1)
def current() -> str:
    """Name the rules in force, such as "2026b:5e1f0c9a77d2": the version, and a digest of the data.

    Distributions mend single zones under an old version, so the data itself decides.
    """
    digest = sha256()
    for zone in time_zones.every_name():
        digest.update(zone.encode() + b"\x00" + sha256(_rules_of(zone)).digest())
    return f"{_version()[:20]}:{digest.hexdigest()[:12]}"


def forget() -> None:
    """Look at the data again, as a process does that starts after an upgrade."""
    current.cache_clear()


def _rules_of(zone: str) -> bytes:
    """Read a zone's file where zoneinfo itself finds it: the system first, then the library."""
    for folder in zoneinfo.TZPATH:
        file = Path(folder, zone)
        if file.is_file():
            return file.read_bytes()
    package, _, name = zone.rpartition("/")
    return resources.files("tzdata.zoneinfo").joinpath(package, name).read_bytes()


def _version() -> str:
    library = resources.files("tzdata.zoneinfo")
    for folder in (*map(Path, zoneinfo.TZPATH), library):
        for name in VERSION_FILES:
            file = folder.joinpath(name)
            if file.is_file():
                first, _, _rest = file.read_text(encoding="ascii").partition("\n")
                return first.removeprefix("# version ").strip()
    return "unknown"
