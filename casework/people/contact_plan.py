"""The contact plan as a value: how a person may be reached, and what two plans on one number allow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from functools import reduce
from typing import Any

from casework.people.dates import Dates, OneOff, dates_from, one_off_from
from casework.people.models import Channel, ContactPlan, PhoneKind, VoicemailRule, WhenToCall
from casework.people.week import Window, both, moved, stretches_of, windows_of

__all__ = ["SEALED", "Dates", "OneOff", "Plan", "Window", "from_row", "strictest"]

# The sealed columns of a plan, all of which are opened together.
SEALED = (
    "windows",
    "days_off",
    "dates_off",
    "one_offs",
    "channel",
    "phone_kind",
    "voicemail_rule",
    "voicemail_script",
    "code_word",
    "agreed_questions",
    "cover_name",
    "who_may_answer",
    "is_caller_id_shown",
    "dropped_call_rule",
    "is_text_allowed",
)
# From the widest to the strictest; the last two are never callable (R11).
WHEN_ORDER = (
    WhenToCall.ANY_TIME,
    WhenToCall.WINDOWS,
    WhenToCall.ASK_FIRST,
    WhenToCall.WILL_CALL_US,
)
VOICEMAIL_ORDER = (VoicemailRule.NAMED, VoicemailRule.DISCREET, VoicemailRule.NEVER)


@dataclass(frozen=True)
class Plan:
    """How a person may be reached (R9); what was not said is the most careful reading of it (R11).

    Days and dates off win over every hour; hours of one date are agreed besides the week. A plan
    made of several (R33) keeps them as its parts, and allows only what each of them allows.
    """

    when: WhenToCall
    time_zone: str
    windows: tuple[Window, ...]
    channel: Channel | None
    voicemail_rule: VoicemailRule
    voicemail_script: str | None
    has_code_word: bool
    cover_name: str | None
    who_may_answer: str | None
    is_caller_id_shown: bool
    dropped_call_rule: str | None
    is_text_allowed: bool
    is_unsafe: bool
    last_confirmed_at: datetime
    phone_kind: PhoneKind | None = None
    has_agreed_questions: bool = False
    days_off: frozenset[int] = frozenset()
    dates_off: tuple[Dates, ...] = ()
    one_offs: tuple[OneOff, ...] = ()
    parts: tuple["Plan", ...] = field(default=(), repr=False)


def from_row(row: ContactPlan, opened: Mapping[str, Any]) -> Plan:
    """Give a row and its opened fields as a plan; the code word itself stays behind."""
    channel, kind = opened["channel"], opened["phone_kind"]
    return Plan(
        when=row.when,
        time_zone=row.time_zone,
        windows=tuple(_window(written) for written in opened["windows"] or ()),
        channel=Channel(channel) if channel else None,
        voicemail_rule=VoicemailRule(opened["voicemail_rule"] or VoicemailRule.NEVER),
        voicemail_script=opened["voicemail_script"],
        has_code_word=bool(opened["code_word"]),
        cover_name=opened["cover_name"],
        who_may_answer=opened["who_may_answer"],
        is_caller_id_shown=bool(opened["is_caller_id_shown"]),
        dropped_call_rule=opened["dropped_call_rule"],
        is_text_allowed=bool(opened["is_text_allowed"]),
        is_unsafe=row.is_unsafe,
        last_confirmed_at=row.last_confirmed_at,
        phone_kind=PhoneKind(kind) if kind else None,
        has_agreed_questions=bool(opened["agreed_questions"]),
        days_off=frozenset(int(day) for day in opened["days_off"] or ()),
        dates_off=tuple(dates_from(written) for written in opened["dates_off"] or ()),
        one_offs=tuple(one_off_from(written) for written in opened["one_offs"] or ()),
    )


def _window(written: Mapping[str, Any]) -> Window:
    return Window(
        frozenset(int(day) for day in written["days"]),
        time.fromisoformat(written["start"]),
        time.fromisoformat(written["end"]),
    )


def strictest(plans: Sequence[Plan]) -> Plan:
    """Give the plan that a number obeys when it stands in several (R33), never wider than any.

    The first plan is the one of the person we mean: the result is written in its time zone and
    keeps its channel, cover name, code word and exceptions. Words agreed with one person only
    (voicemail script, who may answer, dropped call) are said to nobody once the plans differ.
    Whether a moment is agreed is asked of every part; the windows only describe a usual week.
    """
    own = plans[0]
    if len(plans) == 1:
        return own
    when = max((plan.when for plan in plans), key=WHEN_ORDER.index)
    windows = _shared_windows(plans) if when is WhenToCall.WINDOWS else ()
    if when is WhenToCall.WINDOWS and not windows and _never_meet(plans):
        when = WhenToCall.ASK_FIRST
    script = _same([plan.voicemail_script for plan in plans])
    voicemail = max((plan.voicemail_rule for plan in plans), key=VOICEMAIL_ORDER.index)
    if script is None and any(plan.voicemail_script for plan in plans):
        voicemail = VoicemailRule.NEVER
    return replace(
        own,
        when=when,
        windows=windows,
        voicemail_rule=voicemail,
        voicemail_script=None if voicemail is VoicemailRule.NEVER else script,
        who_may_answer=_same([plan.who_may_answer for plan in plans]),
        is_caller_id_shown=all(plan.is_caller_id_shown for plan in plans),
        dropped_call_rule=_same([plan.dropped_call_rule for plan in plans]),
        is_text_allowed=all(plan.is_text_allowed for plan in plans),
        is_unsafe=any(plan.is_unsafe for plan in plans),
        last_confirmed_at=min(plan.last_confirmed_at for plan in plans),
        parts=tuple(plans),
    )


def _shared_windows(plans: Sequence[Plan]) -> tuple[Window, ...]:
    zone = plans[0].time_zone
    year = max(plan.last_confirmed_at for plan in plans).year
    limited = [plan for plan in plans if plan.when is WhenToCall.WINDOWS]
    shared = moved(stretches_of(limited[0].windows), limited[0].time_zone, zone, year)
    for plan in limited[1:]:
        shared = both(shared, moved(stretches_of(plan.windows), plan.time_zone, zone, year))
    return windows_of(shared)


def _never_meet(plans: Sequence[Plan]) -> bool:
    """Tell whether no hour can be shared in any week; zones that drift apart may meet in a season."""
    limited = [plan for plan in plans if plan.when is WhenToCall.WINDOWS]
    if any(plan.one_offs for plan in limited):
        return False
    weeks = [stretches_of(plan.windows) for plan in limited]
    if len({plan.time_zone for plan in limited}) == 1:
        return not reduce(both, weeks)
    return not all(weeks)


def _same(texts: Sequence[str | None]) -> str | None:
    return texts[0] if all(text == texts[0] for text in texts) else None
