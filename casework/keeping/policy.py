"""How long cases are kept when nobody chose otherwise, and when the night's sweep may work (R24)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from casework.cases.models import ClosureCode
from casework.database import Refused

FEWEST_DAYS, MOST_DAYS = 1, 3650
# Days after closing. A case that ended with an outcome is kept for one more year's figures and for
# a person who calls again; one whose consent is gone only as long as a complaint may come; one that
# never was a case hardly at all. docs/erasure.md gives the reasons one by one.
DEFAULT_DAYS: Mapping[ClosureCode, int] = {
    ClosureCode.NEED_MET: 365,
    ClosureCode.PARTIALLY_MET: 365,
    ClosureCode.UNMET_NO_OPTION: 365,
    ClosureCode.PERSON_ENDED: 90,
    ClosureCode.CONSENT_WITHDRAWN: 30,
    ClosureCode.CONSENT_EXPIRED: 90,
    ClosureCode.UNABLE_TO_REACH: 180,
    ClosureCode.TRANSFERRED: 180,
    ClosureCode.MOVED_AWAY: 90,
    ClosureCode.DECEASED: 180,
    ClosureCode.UNSAFE: 365,
    ClosureCode.DUPLICATE: 30,
    ClosureCode.OPENED_IN_ERROR: 30,
}
# On the service's own clock: when hardly anybody writes in a case.
NIGHT_HOURS = range(1, 5)
# Fewer cases than this are not told apart to administrators: one case could be meant (R25).
FEW = 5
# How long a voice that was recognised may go on asking: the length of a long call.
RECOGNISED_FOR = timedelta(hours=1)
# Whoever chose a word so shortly before it was said proves nothing by hearing it.
OWN_WORD_FOR = timedelta(hours=24)


class DaysImpossible(Refused):
    """A retention time that is no time, or no end."""

    message = _l("Write a whole number of days between 1 and 3650.")


class IdentityFirst(Refused):
    """R32: nobody's record is erased because a voice says so."""

    message = _l("Confirm first who is on the line. Nothing was erased.")


class OwnWord(Refused):
    """R32: nobody recognises a person by a word that they chose themselves a moment ago."""

    message = _l(
        "A colleague or a supervisor must confirm who asks and erase: "
        "you changed the code word or the agreed questions less than a day before."
    )


class OtherReference(Refused):
    """The typed reference is what keeps the wrong case from being erased."""

    message = _l("This is not the reference of this case. Nothing was erased.")
    field = "ref"


@dataclass(frozen=True)
class Report:
    """How many cases are past their time, by closure code, and how many of them are held."""

    due: Mapping[ClosureCode, int] = field(default_factory=dict)
    held: int = 0

    @property
    def total(self) -> int:
        """How many cases would be erased tonight."""
        return sum(self.due.values())

    @property
    def tells(self) -> str:
        """Say how the total may be shown: exactly, as few, or as many when a part of it is few."""
        if is_few(self.total):
            return "few"
        return "many" if any(is_few(number) for number in self.due.values()) else "exact"


def is_few(number: int) -> bool:
    """Tell whether a number is too small to be shown to somebody who may see no case."""
    return 0 < number < FEW


def is_night(at: datetime, time_zone: str) -> bool:
    """Tell whether it is night where the service is."""
    return at.astimezone(ZoneInfo(time_zone)).hour in NIGHT_HOURS


def check_days(days: int | None) -> int:
    """Give the days, or refuse what is no retention time."""
    if days is None or not FEWEST_DAYS <= days <= MOST_DAYS:
        raise DaysImpossible
    return days
