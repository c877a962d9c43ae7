"""What may be written about a person: every detail checked and put in its one form."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from casework.database import Refused
from casework.people import identifiers, languages
from casework.people.policy import UnknownLanguage

# The sealed columns of a person, in the order of the page.
SEALED = (
    "full_name",
    "safe_name",
    "phone",
    "email",
    "handle",
    "area",
    "children_ages",
    "pets",
    "access_needs",
    "culture_faith",
)
CLEAR = ("language", "needs_interpreter")
# What a person can be found by, and how each is normalised for the index (R16, R37).
INDEXED: dict[str, Callable[[str], str]] = {
    "phone": identifiers.normalise_phone,
    "email": identifiers.normalise_email,
    "handle": identifiers.normalise_handle,
    "full_name": identifiers.fold,
}
WAYS = ("phone", "email", "handle")
OLDEST_CHILD = 21


class AgesUnreadable(Refused):
    """Children's ages are whole years."""

    message = _l("Write children’s ages in years, with commas: 2, 5, 11.")
    field = "children_ages"


class AreaNotKept(Refused):
    """A sensitive case keeps a region only (R19)."""

    message = _l("No area is kept here: only the region of the case.")
    field = "area"


def clean_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """Give the details that were said, each in its one form; empty becomes None.

    Raises a Refused with its field for an impossible phone or email, an unknown language tag, or
    ages that are no numbers.
    """
    unknown = set(details) - {*SEALED, *CLEAR}
    if unknown:
        raise LookupError(f"no such details: {sorted(unknown)}")
    clean: dict[str, Any] = {}
    for name, value in details.items():
        if name == "needs_interpreter":
            clean[name] = bool(value)
        elif name == "language":
            clean[name] = _language(str(value or "en"))
        elif name == "children_ages":
            clean[name] = _ages(value)
        else:
            clean[name] = _text(name, value)
    return clean


def _text(name: str, value: Any) -> str | None:
    text = str(value or "").strip()
    if not text:
        return None
    if name in ("phone", "email"):
        return INDEXED[name](text)
    return text


def _language(tag: str) -> str:
    if not languages.is_known(tag):
        raise UnknownLanguage
    return tag


def _ages(value: Any) -> list[int] | None:
    parts = value.replace(";", ",").split(",") if isinstance(value, str) else list(value or ())
    written = [str(part).strip() for part in parts if str(part).strip()]
    if not all(part.isdecimal() and int(part) <= OLDEST_CHILD for part in written):
        raise AgesUnreadable
    return [int(part) for part in written] or None
