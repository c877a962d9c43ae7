"""The sheet on which an agency answers: the same by a link and signed in."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casework import accounts, database
from casework.cases.models import Reason
from casework.people import languages
from casework.referrals import clocks, policy, telling
from casework.referrals.clocks import HoldChoice
from casework.referrals.forms import ReplyForm
from casework.referrals.models import LinkPurpose, Referral, ReferralState
from casework.referrals.policy import Reply
from casework.referrals.services.replies import Given
from casework.security import Actor
from casework.web import i18n

# What an agency wrote, as it is repeated to the one who wrote it.
WRITTEN: dict[str, LazyString] = {
    "appointment": _l("Appointment"),
    "documents": _l("Documents to show"),
    "bring": _l("What to bring"),
    "note": _l("In your words"),
}


def reply_form(referral: Referral, asks: Iterable[Reply], zone: str, **more: Any) -> ReplyForm:
    """Make the form with the answers that fit where the request stands now."""
    form = ReplyForm(**more)
    fitting = [reply for reply in asks if policy.fits(reply, referral.state, policy.Who.PARTNER)]
    form.offer(fitting, clocks.hold_choices(database.now(), zone), policy.DECLINE_REASONS)
    # Also after a press that is no answer: without a key of its own a later answer would pass for
    # one that was taken back.
    if not form.key.data:
        form.begin(referral)
    return form


def given_of(form: ReplyForm) -> Given:
    """Read what the agency sent."""
    return Given(
        reply=Reply(form.reply.data),
        reason=Reason(form.reason.data) if form.reason.data else None,
        hold=HoldChoice(form.hold.data) if form.hold.data else None,
        details=form.details(),
        listing=form.listing(),
        version=form.version.data,
        key=form.key.data or "",
    )


def written(form: ReplyForm) -> list[tuple[LazyString, str]]:
    """Give what was written with an answer, each under its label, so that it can be checked."""
    said = form.details()
    return [(label, said[name]) for name, label in WRITTEN.items() if said[name].strip()]


def sheet(
    referral: Referral,
    purpose: LinkPurpose | None,
    zone: str,
    told: Mapping[str, str | LazyString] | None,
) -> dict[str, Any]:
    """Give what the pages of a request show: clear fields, and what was pressed for."""
    return {
        "referral": referral,
        "case": referral.case,
        "service": accounts.queries.service_of(Actor.system(referral.service_id)),
        "zone": zone,
        "language": languages.name(referral.case.language, i18n.page_locale()),
        "is_late": referral.state is ReferralState.EXPIRED,
        "is_arrival": purpose is LinkPurpose.ARRIVAL,
        "has_details": referral.request_details is not None
        and told is None
        and policy.is_open(referral.state),
        "told": telling.lines(told),
        "decline_reasons": policy.DECLINE_REASONS,
    }
