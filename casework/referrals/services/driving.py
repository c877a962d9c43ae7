"""Who drives is told where to meet, and never where the household goes (R16, R19)."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casework import cases, directory
from casework.cases.models import Case, CaseNeed
from casework.directory.models import Organization, OrganizationKind
from casework.directory.needs import URGENT_NEEDS, NeedCode
from casework.notices.models import NoticeKind
from casework.referrals import policy, queries
from casework.referrals.clues import clues_of
from casework.referrals.failures import NamesThePlace
from casework.referrals.models import Referral
from casework.referrals.services import news, openers
from casework.security import Actor

# What who drives reads in place of a line that names a shelter.
BY_PHONE = _l("The service tells you this by phone.")

SHELTERS = frozenset({OrganizationKind.SHELTER, OrganizationKind.VIOLENCE_SHELTER})


def check_driver(actor: Actor, case: Case, need: CaseNeed, told: Mapping[str, str]) -> None:
    """Refuse a request for a drive that tells what leads to a shelter asked in any case of the person.

    Raises NamesThePlace with the line it was typed in. What drives to no shelter is let through.
    """
    for field in _naming(actor, case, need, told):
        raise NamesThePlace(field=field)


def open_told(actor: Actor, referral: Referral, *, purpose: str) -> dict[str, str | LazyString]:
    """Open what an agency may read; of a drive, no line that names a shelter of the person by now.

    A shelter may have been asked, renamed or given an address since the line was written. Whoever
    answers for the request is told, to write another line.
    """
    told = openers.open_request_details(actor, referral, purpose=purpose)
    # By the system: an entry of who drives beside the shelter’s request would tell it, too.
    system = Actor.system(referral.service_id)
    naming = _naming(system, referral.case, referral.need, told, but=referral)
    if naming:
        _warn(system, referral)
    return told | dict.fromkeys(naming, BY_PHONE)


def is_withheld(actor: Actor, referral: Referral, told: Mapping[str, str]) -> bool:
    """Tell whether who drives does not see every line of what was told."""
    return bool(_naming(actor, referral.case, referral.need, told, but=referral))


def warn_of_drives(actor: Actor, asked: Referral) -> None:
    """Tell whoever answers for a drive when its text names the shelter that is being asked now."""
    drives = [
        drive
        for drive in _requests_of(actor, asked.case)
        if drive.id != asked.id
        and drive.need.code is NeedCode.TRANSPORT
        and drive.request_details is not None
        and policy.is_open(drive.state)
    ]
    if not drives or _shelter_of(actor, asked) is None:
        return
    for drive in drives:
        told = openers.open_request_details(actor, drive, purpose="driver")
        if is_withheld(actor, drive, told):
            _warn(actor, drive)


def _warn(actor: Actor, drive: Referral) -> None:
    news.tell_owner(actor, drive, NoticeKind.DRIVER_LINE, f"{drive.id}:{drive.version}")


def _naming(
    actor: Actor,
    case: Case,
    need: CaseNeed,
    told: Mapping[str, str],
    but: Referral | None = None,
) -> list[str]:
    """List the lines told to who drives that lead to a shelter asked for the person.

    A shelter that drives itself may read of itself: its own request is no shelter asked.
    """
    if need.code is not NeedCode.TRANSPORT or not told:
        return []
    asked = [each for each in _requests_of(actor, case) if but is None or each.id != but.id]
    found = [_shelter_of(actor, each) for each in asked]
    shelters = {shelter.id: shelter for shelter in found if shelter is not None}
    clues = clues_of(
        directory.queries.published_of(actor, shelter) for shelter in shelters.values()
    )
    return [field for field, text in told.items() if clues.stand_in(text)]


def _requests_of(actor: Actor, case: Case) -> list[Referral]:
    """List what was asked in all cases of a person: access is to the person, never to one case."""
    theirs = cases.queries.cases_of(actor, case.person_id)
    return [referral for each in theirs for referral in queries.for_case(actor, each)]


def _shelter_of(actor: Actor, asked: Referral) -> Organization | None:
    """Give the agency of a request when it shelters people, whatever it is asked for; None if not."""
    agency = openers.open_agency(actor, asked, purpose="driver")
    is_shelter = asked.need.code in URGENT_NEEDS or agency.kind in SHELTERS
    return agency if is_shelter else None
