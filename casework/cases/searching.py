"""Reads what a caller gives to be found by: a reference, a phone, an email or a chat handle (R37)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from casework.database import Refused
from casework.people import identifiers
from casework.web.references import parse_reference

CASE = "C-"
# What could only have been meant as a reference: a prefix, a dash and six signs.
REFERENCE_LIKE = re.compile(r"\s*[A-Za-z]\s*-\s*[0-9A-Za-z ]{4,8}\s*", re.ASCII)
DIALLED = re.compile(r"[0-9+().\s/-]{4,}", re.ASCII)


class Way(StrEnum):
    """By what somebody is looked up; the value is the person's column of that name."""

    REFERENCE = "reference"
    PHONE = "phone"
    EMAIL = "email"
    HANDLE = "handle"


@dataclass(frozen=True)
class Search:
    """What is looked for, in the one form that can be compared."""

    way: Way
    value: str


class NothingToFind(Refused):
    """The box is empty, or holds nothing that could be compared."""

    message = _l("Write a phone, an email, a chat handle or a case reference.")
    field = "find"


class UnknownReference(Refused):
    """A mistyped reference, or one that is not of this service."""

    message = _l("No case here has this reference. Check each character with the caller.")
    field = "find"


NORMALISE: dict[Way, Callable[[str], str]] = {
    Way.PHONE: identifiers.normalise_phone,
    Way.EMAIL: identifiers.normalise_email,
    Way.HANDLE: identifiers.normalise_handle,
}


def read_search(text: str) -> Search:
    """Tell what a text is and normalise it; raise a Refused that says what is wrong with it."""
    typed = text.strip()
    ref = parse_reference(typed)
    if ref is not None and ref.startswith(CASE):
        return Search(Way.REFERENCE, ref)
    if ref is not None or REFERENCE_LIKE.fullmatch(typed):
        raise UnknownReference
    way = _way_of(typed)
    value = NORMALISE[way](typed)
    if not value:
        raise NothingToFind
    return Search(way, value)


def _way_of(typed: str) -> Way:
    if "@" in typed.removeprefix("@"):
        return Way.EMAIL
    return Way.PHONE if DIALLED.fullmatch(typed) else Way.HANDLE
