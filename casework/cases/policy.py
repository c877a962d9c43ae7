"""Questions about cases that need no database."""

from collections.abc import Iterable, Mapping

from flask_babel import lazy_gettext as _l

from casework.cases.models import (
    Case,
    CaseStatus,
    ClosureCode,
    NeedOutcome,
    Reason,
    Source,
    UnmetKind,
)
from casework.database import Refused
from casework.directory.needs import SENSITIVE_NEEDS, NeedCode
from casework.people import languages
from casework.people.identifiers import holds_postal_code
from casework.people.models import AccessReason, ConsentEnd
from casework.people.policy import UnknownLanguage
from casework.security import Role

# Outcomes that say the need is no longer open.
SETTLED = frozenset(
    {
        NeedOutcome.MET,
        NeedOutcome.PARTIALLY_MET,
        NeedOutcome.UNMET,
        NeedOutcome.RESOLVED_OTHERWISE,
        NeedOutcome.NOT_DISCLOSED,
    }
)
NEEDS_REASON = frozenset({NeedOutcome.UNMET, NeedOutcome.PARTIALLY_MET})
# Why a need stays unmet, each one tap; any other reason stands on the page of the outcome.
UNMET_REASONS = (
    Reason.NO_CAPACITY,
    Reason.WAITLIST_TOO_LONG,
    Reason.NO_SERVICE_EXISTS,
    Reason.NOT_ELIGIBLE,
    Reason.OUTSIDE_AREA,
    Reason.HOUSEHOLD_FIT,
)
# Who may say how a need ended on a page; the system never does.
SOURCES = (Source.PERSON_REPORTED, Source.PARTNER_CONFIRMED, Source.NAVIGATOR_OBSERVED)

# How a case ends when its person's consent to it does (R1, R5).
CLOSURE_OF: Mapping[ConsentEnd, ClosureCode] = {
    ConsentEnd.WITHDRAWN: ClosureCode.CONSENT_WITHDRAWN,
    ConsentEnd.EXPIRED: ClosureCode.CONSENT_EXPIRED,
}
# What a navigator may choose: consent ends on its own page, and closes the case by itself.
CLOSURES = tuple(code for code in ClosureCode if code not in CLOSURE_OF.values())

# Why a colleague's case is opened when the person is not on the line; a quality review needs the
# person's consent and belongs to supervisors (R2, R29).
REASONS = (
    AccessReason.COVERING,
    AccessReason.AGENCY_CALLED,
    AccessReason.PERSON_ASKED,
    AccessReason.COMPLAINT,
)
SUPERVISING = (AccessReason.QUALITY_REVIEW,)
NOTE_LIMIT = 8_000  # characters
MOST_PEOPLE = 30  # adults or children of one household


class AlreadyClosed(Refused):
    """The case is closed; nothing more is written in it."""

    message = _l("This case is closed.")


class NoNeed(Refused):
    """A case without a need has no purpose."""

    message = _l("Choose at least one need.")
    field = "needs"


class ReasonMissing(Refused):
    """An unmet need is counted with its reason, or not at all."""

    message = _l("Choose why the need was not met.")
    field = "reason"


class NotColleague(Refused):
    """A case can only be handed to a navigator or supervisor of the same service."""

    message = _l("Choose a colleague of this service.")
    field = "owner"


class NeedStillOpen(Refused):
    """The same need is already in process in this case."""

    message = _l("This need is already in the case and still in process.")
    field = "needs"


class OnLegalHold(Refused):
    """R30: a held case is not erased, whoever asks."""

    message = _l(
        "This case is on legal hold: it may not be erased until a supervisor lifts the hold. Calls and "
        "sharing can still be ended."
    )


class AlreadyHeld(Refused):
    """One hold is enough; a second would have to be lifted twice."""

    message = _l("This case is on legal hold already.")
    field = "ref"


class BeingWorkedOn(Refused):
    """Somebody else is writing in the case that shall be erased."""

    message = _l("Somebody is writing in this case right now. Nothing was erased. Try again.")


class AlreadyTaken(Refused):
    """Somebody else took an unassigned case a moment earlier."""

    message = _l("A colleague has just taken this case.")


class NothingSaid(Refused):
    """An identity step without anything to compare."""

    message = _l("Write what the caller says. Without it nothing can be opened.")
    field = "code_word"


class TooManyFailures(Refused):
    """R32: after five failed identity steps in an hour, look-up opens nothing more by this way."""

    message = _l(
        "Five tries did not fit within an hour. Nothing opens this way for now. The supervisors know."
    )


class ConsentMissing(Refused):
    """R1: nothing is kept of a person who did not agree to it."""

    message = _l("A case needs the person’s consent to be kept.")
    field = "keep_case"


class RegionTooExact(Refused):
    """R19: a region says where help is near; a postal code says where somebody lives."""

    message = _l("Write a region, not a postal code.")
    field = "region"


class HouseholdImpossible(Refused):
    """Counts of people are whole numbers, and somebody needs the help."""

    message = _l("Write how many adults and children there are.")
    field = "adults"


class NoteMissing(Refused):
    """An empty note."""

    message = _l("Write the note first.")
    field = "body"


class NoteTooLong(Refused):
    """A note is refused when too long, never cut."""

    message = _l("This note is too long: 8,000 characters at most. Nothing was saved.")
    field = "body"


class AccessReasonMissing(Refused):
    """R29: a colleague's case is opened for a reason that one's role may give."""

    message = _l("Choose why you open this case.")
    field = "reason"


class ReviewNotAgreed(Refused):
    """R2: a quality review has a consent of its own."""

    message = _l("The person did not agree to a quality review.")
    field = "reason"


def is_sensitive(needs: Iterable[NeedCode]) -> bool:
    """Tell whether these needs make their case sensitive (R19)."""
    return bool(SENSITIVE_NEEDS.intersection(needs))


def check_open(case: Case) -> None:
    """Raise AlreadyClosed unless the case is open."""
    if case.status is not CaseStatus.OPEN:
        raise AlreadyClosed


def unmet_kind(outcome: NeedOutcome, *, was_referred: bool) -> UnmetKind | None:
    """Tell which kind of unmet need an outcome is: A no referral could be made, B not received."""
    if outcome is not NeedOutcome.UNMET:
        return None
    return UnmetKind.NOT_RECEIVED if was_referred else UnmetKind.NO_REFERRAL


def unmet_reasons(likeliest: Reason | None = None) -> tuple[Reason, ...]:
    """List why a need may stay unmet, what the last agency said first."""
    others = (reason for reason in UNMET_REASONS if reason is not likeliest)
    return tuple(others) if likeliest is None else (likeliest, *others)


def check_reason(outcome: NeedOutcome, reason: Reason | None) -> None:
    """Raise ReasonMissing when an unmet need comes without its reason."""
    if outcome is NeedOutcome.UNMET and reason is None:
        raise ReasonMissing


def check_opening(
    *, needs: Iterable[NeedCode], region: str, language: str, adults: int, children: int
) -> None:
    """Refuse a case without a need, with a postal code for a region, or a household of nobody."""
    if not list(needs):
        raise NoNeed
    if holds_postal_code(region):
        raise RegionTooExact
    if not languages.is_known(language):
        raise UnknownLanguage
    is_household = 0 <= adults <= MOST_PEOPLE and 0 <= children <= MOST_PEOPLE
    if not is_household or adults + children == 0:
        raise HouseholdImpossible


def check_note(body: str) -> None:
    """Refuse an empty note, and one that is too long: nothing is ever cut."""
    if not body.strip():
        raise NoteMissing
    if len(body) > NOTE_LIMIT:
        raise NoteTooLong


def reasons_for(role: Role | None) -> tuple[AccessReason, ...]:
    """Give the reasons for which this role may open a case without the person on the line."""
    return (*REASONS, *SUPERVISING) if role is Role.SUPERVISOR else REASONS
