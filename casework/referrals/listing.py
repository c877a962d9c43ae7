"""A place on a waiting list: which one, how old that word is, and who must call to keep it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casework.database import now
from casework.referrals.models import CalledBy, CallEvery, Referral, ReferralState
from casework.web.filters import ago, since

# What was said longer ago says nothing any more. Longer than a week, so that a list on which one
# calls each week is known between two calls, also when a holiday stands between them.
RANK_GOOD_FOR = timedelta(days=10)
LOWEST_RANK = 9999

DUTIES: dict[tuple[CalledBy, CallEvery], LazyString] = {
    (CalledBy.SERVICE, CallEvery.DAY): _l("The service calls the agency every day"),
    (CalledBy.SERVICE, CallEvery.BUSINESS_DAY): _l(
        "The service calls the agency every business day"
    ),
    (CalledBy.SERVICE, CallEvery.WEEK): _l("The service calls the agency every week"),
    (CalledBy.PERSON, CallEvery.DAY): _l("The person calls the agency every day"),
    (CalledBy.PERSON, CallEvery.BUSINESS_DAY): _l("The person calls the agency every business day"),
    (CalledBy.PERSON, CallEvery.WEEK): _l("The person calls the agency every week"),
}


@dataclass(frozen=True)
class Listing:
    """What an agency says of its waiting list; None leaves what was said before.

    A rank that is not said again keeps the age it has.
    """

    rank: int | None = None
    call_every: CallEvery | None = None
    called_by: CalledBy | None = None


def is_on_list(referral: Referral) -> bool:
    """Tell whether the person stands on the agency’s waiting list."""
    return referral.state is ReferralState.WAITLISTED and not referral.is_entered_in_error


def is_kept_by_calls(referral: Referral) -> bool:
    """Tell whether the agency wants to be called to keep the place, whoever calls."""
    asks = referral.call_every not in (None, CallEvery.NEVER)
    return asks and referral.state is ReferralState.WAITLISTED


def is_ours_to_call(referral: Referral) -> bool:
    """Tell whether it is the service that calls the agency to keep the place."""
    is_ours = referral.called_by is not CalledBy.PERSON
    return is_on_list(referral) and is_kept_by_calls(referral) and is_ours


def rank_now(referral: Referral, at: datetime) -> int | None:
    """Give the rank; None where nobody said one, or so long ago that it is not known any more."""
    said_at = referral.rank_said_at
    if referral.list_rank is None or said_at is None or at - said_at >= RANK_GOOD_FOR:
        return None
    return referral.list_rank


def rank_line(referral: Referral) -> str:
    """Write the rank with the age of the word; one that is too old is never told as the truth."""
    if referral.list_rank is None or referral.rank_said_at is None:
        return _("Rank not said")
    rank = rank_now(referral, now())
    if rank is None:
        age = since(referral.rank_said_at)
        return _("Rank not known any more: it was said %(age)s ago", age=age)
    return _("Rank %(rank)d on the list, said %(ago)s", rank=rank, ago=ago(referral.rank_said_at))


def duty_line(referral: Referral) -> str | None:
    """Write who calls to keep the place, and how often; None where nobody must."""
    if not is_kept_by_calls(referral) or referral.call_every is None:
        return None
    return str(DUTIES[(referral.called_by or CalledBy.SERVICE, referral.call_every)])


def listed_lines(referral: Referral) -> list[str]:
    """Write how a request stands on a waiting list; nothing where it is on none."""
    if not is_on_list(referral):
        return []
    return [line for line in (rank_line(referral), duty_line(referral)) if line]
