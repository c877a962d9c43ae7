"""Who drives is told where to meet, and never where the household goes (R16, R19)."""

from collections.abc import Iterable, Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casework import directory
from casework.cases.models import Case, CaseNeed
from casework.directory.folding import words_alone
from casework.directory.models import Organization
from casework.directory.needs import URGENT_NEEDS, NeedCode
from casework.notices.models import NoticeKind
from casework.referrals import policy, queries
from casework.referrals.failures import NamesThePlace
from casework.referrals.models import Referral
from casework.referrals.services import news, openers
from casework.security import Actor

# What who drives reads in place of a line that names a shelter.
BY_PHONE = _l("The service tells you this by phone.")

# A second name of fewer letters says nothing.
SHORTEST = 5
# A number without the code of the country; shorter ones, such as 211, are everybody’s.
PHONE_DIGITS, SHORTEST_CODE = 10, 6


def check_driver(actor: Actor, case: Case, need: CaseNeed, told: Mapping[str, str]) -> None:
    """Refuse a request for a drive that tells the name, address or phone of a shelter asked in the case.

    Raises NamesThePlace with the line it was typed in. What drives to no shelter is let through.
    """
    for field in _naming(actor, case, need, told):
        raise NamesThePlace(field=field)


def open_told(actor: Actor, referral: Referral, *, purpose: str) -> dict[str, str | LazyString]:
    """Open what an agency may read; of a drive, no line that names a shelter of the case by now.

    A shelter may have been asked, renamed or given an address since the line was written. Whoever
    answers for the request is told, to write another line.
    """
    told = openers.open_request_details(actor, referral, purpose=purpose)
    # By the system: an entry of who drives beside the shelter’s request would tell it, too.
    system = Actor.system(referral.service_id)
    naming = _naming(system, referral.case, referral.need, told)
    if naming:
        _warn(system, referral)
    return told | dict.fromkeys(naming, BY_PHONE)


def is_withheld(actor: Actor, referral: Referral, told: Mapping[str, str]) -> bool:
    """Tell whether who drives does not see every line of what was told."""
    return bool(_naming(actor, referral.case, referral.need, told))


def warn_of_drives(actor: Actor, asked: Referral) -> None:
    """Tell whoever answers for a drive when its text names the shelter that is being asked now."""
    if asked.need.code not in URGENT_NEEDS:
        return
    for drive in queries.for_case(actor, asked.case):
        is_told = drive.request_details is not None and policy.is_open(drive.state)
        if drive.need.code is NeedCode.TRANSPORT and is_told:
            told = openers.open_request_details(actor, drive, purpose="driver")
            if _naming(actor, drive.case, drive.need, told):
                _warn(actor, drive)


def _warn(actor: Actor, drive: Referral) -> None:
    news.tell_owner(actor, drive, NoticeKind.DRIVER_LINE, f"{drive.id}:{drive.version}")


def _naming(actor: Actor, case: Case, need: CaseNeed, told: Mapping[str, str]) -> list[str]:
    """List the lines told to who drives that name a shelter of the case, or its address."""
    if need.code is not NeedCode.TRANSPORT or not told:
        return []
    words: set[str] = set()
    codes: set[str] = set()
    for other in queries.for_case(actor, case):
        if other.need.code in URGENT_NEEDS:
            shelter = openers.open_agency(actor, other, purpose="driver")
            addresses = directory.queries.addresses_of(actor, shelter.id)
            words |= _words_of(shelter, [address for address, _code in addresses])
            codes |= _codes_of(shelter, [code for _address, code in addresses])
    return [
        field
        for field, text in told.items()
        if any(each in _plain(text) for each in words)
        or any(each in _joined(text) for each in codes)
    ]


def _words_of(agency: Organization, addresses: Iterable[str]) -> set[str]:
    """Give the names of an agency and the first lines of its addresses, as they are compared."""
    words = [agency.name, *addresses]
    # Letters alone, such as “MR”, stand in any text.
    if len(agency.alternate_name) >= SHORTEST:
        words.append(agency.alternate_name)
    return {_plain(each) for each in words} - {_plain("")}


def _codes_of(agency: Organization, codes: Iterable[str]) -> set[str]:
    """Give what leads to a door by itself: postal codes, and the phone that is looked up backwards."""
    joined = {_joined(code) for code in codes} | {_joined(agency.phone)[-PHONE_DIGITS:]}
    return {code for code in joined if len(code) >= SHORTEST_CODE}


def _joined(text: str) -> str:
    """Give the letters and digits of a text without what stands between them."""
    return words_alone(text).replace(" ", "")


def _plain(text: str) -> str:
    """Give the words of a text alone, between blanks: no accents, case, hyphens or apostrophes."""
    return f" {words_alone(text)} "
