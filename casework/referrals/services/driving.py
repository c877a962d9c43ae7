"""Who drives is told where to meet, and never where the household goes (R16, R19)."""

import re
from collections.abc import Mapping

from casework import directory
from casework.cases.models import Case, CaseNeed
from casework.directory.models import Organization
from casework.directory.needs import URGENT_NEEDS, NeedCode
from casework.directory.policy import fold
from casework.referrals import queries
from casework.referrals.failures import NamesThePlace
from casework.referrals.services import openers
from casework.security import Actor

WORD = re.compile(r"[^\W_]+")


def check_driver(actor: Actor, case: Case, need: CaseNeed, told: Mapping[str, str]) -> None:
    """Refuse a request for a drive that tells the name or address of a shelter asked in the case.

    Raises NamesThePlace with the line it was typed in. What drives to no shelter is let through.
    """
    if need.code is not NeedCode.TRANSPORT or not told:
        return
    for other in queries.for_case(actor, case):
        if other.need.code not in URGENT_NEEDS:
            continue
        hidden = _words_of(actor, openers.open_agency(actor, other, purpose="ask"))
        for field, text in told.items():
            if any(words in _plain(text) for words in hidden):
                raise NamesThePlace(field=field)


def _words_of(actor: Actor, agency: Organization) -> set[str]:
    """Give the name of an agency and the first lines of its addresses, as they are compared."""
    addresses = directory.queries.addresses_of(actor, agency.id)
    return {_plain(words) for words in (agency.name, *addresses)} - {_plain("")}


def _plain(text: str) -> str:
    """Give the words of a text alone, between blanks: no accents, case, hyphens or apostrophes."""
    words = " ".join(WORD.findall(fold(text)))
    return f" {words} "
