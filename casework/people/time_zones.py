"""Time zones a person may live in, by their IANA names: Canada first, then the world."""

from functools import lru_cache
from zoneinfo import available_timezones

from babel.dates import get_timezone_location, get_timezone_name

# From east to west; each line is a different history of clock changes.
CANADIAN = (
    "America/St_Johns",
    "America/Goose_Bay",
    "America/Halifax",
    "America/Glace_Bay",
    "America/Moncton",
    "America/Blanc-Sablon",
    "America/Toronto",
    "America/Iqaluit",
    "America/Atikokan",
    "America/Winnipeg",
    "America/Rankin_Inlet",
    "America/Resolute",
    "America/Regina",
    "America/Swift_Current",
    "America/Edmonton",
    "America/Cambridge_Bay",
    "America/Inuvik",
    "America/Creston",
    "America/Dawson_Creek",
    "America/Fort_Nelson",
    "America/Vancouver",
    "America/Whitehorse",
    "America/Dawson",
)
CONTINENTS = (
    "Africa/",
    "America/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


def is_known(name: str) -> bool:
    """Tell whether this is an IANA zone that clocks can follow."""
    return name in _everywhere()


def every_name() -> list[str]:
    """List every zone somebody may live in, in a fixed order."""
    return sorted(_everywhere())


@lru_cache(maxsize=1)
def _everywhere() -> frozenset[str]:
    return frozenset(
        name for name in available_timezones() if name.startswith(CONTINENTS) or name == "UTC"
    )


@lru_cache(maxsize=8)
def choices(locale: str) -> list[tuple[str, str]]:
    """List (zone, label in this language): Canada's from east to west, then the others by name."""
    near = [(name, label(name, locale)) for name in CANADIAN]
    far = sorted(_everywhere() - set(CANADIAN) - {"UTC"})
    return near + [(name, name.replace("_", " ")) for name in far]


def label(name: str, locale: str) -> str:
    """Write a zone as its city, with the name of its time where Babel knows one."""
    language = locale if locale.startswith(("en", "fr")) else "en_CA"
    city: str = get_timezone_location(name, locale=language, return_city=True)
    time_name: str = get_timezone_name(name, locale=language)
    return city if city in time_name or "(" in time_name else f"{city} ({time_name})"


def place(name: str, locale: str) -> str:
    """Name the city of a zone in the language of a page."""
    language = locale if locale.startswith(("en", "fr")) else "en_CA"
    return str(get_timezone_location(name, locale=language, return_city=True))
