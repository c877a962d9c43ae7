"""The safe-contact banner: may this person be called at this moment, and by which rules (R9-R11, R14)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _

from casework.desk.words import place_of, short_moment
from casework.followups.policy import ContactCode, ContactStatus
from casework.followups.reasons import words
from casework.followups.services import Reading
from casework.people.contact_plan import Plan
from casework.web.filters import in_zone, time_of

OLD_AFTER = timedelta(days=14)
FACES = {
    ContactCode.WITHIN: ("safe", "shield-check"),
    ContactCode.LATER: ("due", "clock"),
    ContactCode.WILL_CALL_US: ("idle", "phone-off"),
    ContactCode.ASK_FIRST: ("late", "circle-question-mark"),
    ContactCode.UNSAFE: ("late", "shield-alert"),
    ContactCode.NO_CONSENT: ("idle", "phone-off"),
}


@dataclass(frozen=True)
class Banner:
    """What stands above everything on a case page."""

    tone: str
    icon: str
    title: str
    rules: list[tuple[str, str]]
    reasons: list[str]
    warning: str | None
    is_callable: bool
    may_be_overridden: bool


def banner_of(reading: Reading, at: datetime) -> Banner:
    """Put the answer of the contact plan into one title and a few rules."""
    status = reading.status(at)
    tone, icon = FACES[status.code]
    return Banner(
        tone=tone,
        icon=icon,
        title=_title(status, reading.plan, at),
        rules=_rules(reading.plan),
        reasons=[words(why) for why in reading.reasons(at)],
        warning=_warning(reading.plan, at),
        is_callable=status.is_callable,
        may_be_overridden=status.may_be_overridden,
    )


def _title(status: ContactStatus, plan: Plan, at: datetime) -> str:
    if status.code is ContactCode.WITHIN and status.closes_at is not None:
        if status.is_open_ended:
            return _("Within agreed hours: any time")
        return _(
            "Within agreed hours until %(time)s",
            time=_with_their_clock(status.closes_at, plan.time_zone, at),
        )
    if status.code is ContactCode.LATER and status.opens_at is not None:
        return _(
            "Not now. Agreed hours begin %(time)s",
            time=_with_their_clock(status.opens_at, plan.time_zone, at),
        )
    return str(status.code.label)


def _with_their_clock(moment: datetime, zone: str, at: datetime) -> str:
    """Write a moment for the reader, and for the person too when their clock differs."""
    if in_zone(moment).utcoffset() == in_zone(moment, zone).utcoffset():
        return short_moment(moment, at)
    return _(
        "%(ours)s (%(theirs)s in %(place)s)",
        ours=short_moment(moment, at),
        theirs=time_of(moment, zone),
        place=place_of(zone),
    )


def _rules(plan: Plan) -> list[tuple[str, str]]:
    """List what to know before dialling; what was not said is the careful answer (R11)."""
    rules = [
        (_("Voicemail"), str(plan.voicemail_rule.label)),
        (_("Texts"), _("yes") if plan.is_text_allowed else _("no")),
        (_("Our number shows"), _("yes") if plan.is_caller_id_shown else _("no")),
        (_("Code word"), _("yes, ask for it") if plan.has_code_word else _("none")),
    ]
    if plan.cover_name:
        rules.append((_("We say we are"), plan.cover_name))
    if plan.who_may_answer:
        rules.append((_("Who else may answer"), plan.who_may_answer))
    if plan.dropped_call_rule:
        rules.append((_("If the line drops"), plan.dropped_call_rule))
    return rules


def _warning(plan: Plan, at: datetime) -> str | None:
    if at - plan.last_confirmed_at <= OLD_AFTER:
        return None
    return _("Last confirmed more than 14 days ago: ask again before anything else.")
