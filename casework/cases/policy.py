"""Questions about cases that need no database."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from casework.cases.models import Case, CaseStatus, NeedOutcome, Reason, UnmetKind
from casework.database import Refused
from casework.directory.needs import SENSITIVE_NEEDS, NeedCode

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


class TooManyFailures(Refused):
    """R32: after five failed identity steps in an hour, the case stays closed to look-up."""

    message = _l("Too many failed tries for this reference. Your supervisor has been told.")


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


def check_reason(outcome: NeedOutcome, reason: Reason | None) -> None:
    """Raise ReasonMissing when an unmet need comes without its reason."""
    if outcome is NeedOutcome.UNMET and reason is None:
        raise ReasonMissing
