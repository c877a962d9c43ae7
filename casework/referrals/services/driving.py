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
# A number without the code of the country; shorter ones, such as 211, are everybody’s.
PHONE_DIGITS, SHORTEST_CODE = 10, 6


def check_driver(actor: Actor, case: Case, need: CaseNeed, told: Mapping[str, str]) -> None:
    """Refuse a request for a drive that tells the name, address or phone of a shelter asked in the case.

    Raises NamesThePlace with the line it was typed in. What drives to no shelter is let through.
    """
    if need.code is not NeedCode.TRANSPORT or not told:
        return
    for other in queries.for_case(actor, case):
        if other.need.code not in URGENT_NEEDS:
            continue
        shelter = openers.open_agency(actor, other, purpose="ask")
        words, codes = _words_of(actor, shelter), _codes_of(actor, shelter)
        for field, text in told.items():
            is_named = any(each in _plain(text) for each in words)
            if is_named or any(code in _joined(text) for code in codes):
                raise NamesThePlace(field=field)


def _words_of(actor: Actor, agency: Organization) -> set[str]:
    """Give the name of an agency and the first lines of its addresses, as they are compared."""
    lines = [address for address, _code in directory.queries.addresses_of(actor, agency.id)]
    named = (agency.name, agency.alternate_name, *lines)
    return {_plain(words) for words in named} - {_plain("")}


def _codes_of(actor: Actor, agency: Organization) -> set[str]:
    """Give what leads to a door by itself: postal codes, and the phone that is looked up backwards."""
    codes = [code for _address, code in directory.queries.addresses_of(actor, agency.id)]
    joined = {_joined(code) for code in codes} | {_joined(agency.phone)[-PHONE_DIGITS:]}
    return {code for code in joined if len(code) >= SHORTEST_CODE}


def _joined(text: str) -> str:
    """Give the letters and digits of a text without what stands between them."""
    return "".join(WORD.findall(fold(text)))


def _plain(text: str) -> str:
    """Give the words of a text alone, between blanks: no accents, case, hyphens or apostrophes."""
    words = " ".join(WORD.findall(fold(text)))
    return f" {words} "
