"""What each answer of a call leads to, in words that stand beside it before anything is saved."""

from datetime import datetime

from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from casework.followups import consequences, policy
from casework.followups.consequences import Fate, Situation
from casework.followups.models import AttemptResult, FollowUpKind, FollowUpState
from casework.followups.policy import ContactRule, NextCall
from casework.followups.safe_time import NO_END, Span
from casework.people.contact_plan import Plan
from casework.people.models import WhenToCall
from casework.people.words import window_line
from casework.web.filters import day_of, in_zone, moment_of, time_of

# After these somebody else may know: the rule is asked for, and its own words say what follows.
RULE_ASKED = frozenset({AttemptResult.REACHED_OTHER, AttemptResult.UNSAFE_TO_TALK})


def after_result(situation: Situation, result: AttemptResult) -> list[str]:
    """Say what one result of a call leads to."""
    if result is AttemptResult.REACHED_PERSON:
        return [_("The identity step comes next; the case opens only after it.")]
    if result in RULE_ASKED:
        return [_("Nothing of the case opens. Say below what changes for the next call.")]
    lines = _of_fates(situation, result, ContactRule.KEEP)
    if result is AttemptResult.ASKED_LATER:
        lines.append(_("Not counted as a try; another day and time go below"))
    return lines


def after_rule(situation: Situation, rule: ContactRule) -> list[str]:
    """Say what a rule leads to when somebody else answered, or talking was not safe."""
    return _of_fates(situation, AttemptResult.REACHED_OTHER, rule)


def after_consent(situation: Situation) -> dict[str, list[str]]:
    """Say what “yes” and “no” to further calls lead to (R31)."""
    until = situation.consent_until
    renewed = _("We may call until %(day)s", day=_day(until, situation)) if until else ""
    ended = consequences.after_talk(
        situation, still_ok=False, is_told=False, choice=NextCall.SERIES
    )
    cancelled = consequences.ids_of(ended, FollowUpState.CANCELLED)
    more = _("What is still planned is cancelled.") if cancelled else ""
    return {
        "yes": _said(renewed),
        "no": _said(
            _("No more calls; the case stays open, and they can call us at any hour."),
            more,
            _("A held place stays held."),
        ),
    }


def after_telling(situation: Situation) -> dict[str, list[str]]:
    """Say what it leads to that they know the agency's answer, or do not know it yet (R36)."""
    later = consequences.after_talk(situation, still_ok=True, is_told=False, choice=NextCall.SERIES)
    telling = [fate for fate in later.fates if fate.kind is FollowUpKind.TELL_PERSON]
    return {
        "told": [_("Done: nobody calls again for this answer.")],
        "not_yet": [_fate_line(situation, fate) for fate in telling[:1]],
    }


def after_choice(
    situation: Situation, *, obstacle: LazyString | str | None
) -> dict[str, list[str]]:
    """Say what each answer to “what follows?” leads to."""
    following = _following(situation)
    planned = _fate_line(situation, following) if following else ""
    return {
        NextCall.SERIES: _said(planned),
        NextCall.NONE: [_("Nothing is planned; the case stays open.")],
        NextCall.CUSTOM: hours_of(situation.plan),
        NextCall.CLOSE: [
            str(obstacle) if obstacle else _("The case closes, and nobody calls any more.")
        ],
    }


def proposal(situation: Situation) -> str | None:
    """Write when we call again if no other time is asked for; None: no agreed hour is left."""
    after = consequences.after_attempt(situation, AttemptResult.ASKED_LATER)
    fate = after.of(situation.called_for)
    if fate.begins_at is None or fate.window is None:
        return None
    return span_line(fate.begins_at, fate.window, situation.plan.time_zone)


def _following(situation: Situation) -> Fate | None:
    """Give the next call-back that this call does not answer, as it will stand afterwards."""
    after = consequences.after_talk(situation, still_ok=True, is_told=True, choice=NextCall.SERIES)
    calls = [
        fate for fate in after.fates if fate.is_planned and fate.kind is FollowUpKind.CALL_BACK
    ]
    return min(calls, key=lambda fate: fate.due_at, default=None)


def hours_of(plan: Plan) -> list[str]:
    """Write the agreed hours, for asking whether they are still right and for choosing a time (R14)."""
    if plan.when is WhenToCall.WINDOWS:
        return [window_line(window) for window in plan.windows]
    return [str(plan.when.label)]


def _of_fates(situation: Situation, result: AttemptResult, rule: ContactRule) -> list[str]:
    after = consequences.after_attempt(situation, result, rule)
    if after.rule is ContactRule.NOT_SAFE:
        return [_("Nobody calls this number again until safe contact is made anew.")]
    if after.rule is ContactRule.WILL_CALL_US:
        return [_("Nobody calls: we wait for the person. The row stays in sight.")]
    answered = [after.of(planned.id) for planned in situation.answered]
    counts = policy.EFFECTS[result].counts
    if len(answered) == 1:
        return [_fate_line(situation, answered[0], counts=counts)]
    lines = [
        _(
            "%(what)s: %(line)s",
            what=fate.kind.label,
            line=_fate_line(situation, fate, counts=counts),
        )
        for fate in answered
    ]
    # Two answers to tell are one line when the same becomes of both.
    return list(dict.fromkeys(lines))


def _fate_line(situation: Situation, fate: Fate, *, counts: bool = False) -> str:
    """Say what becomes of one follow-up."""
    if fate.state is FollowUpState.UNABLE_TO_REACH:
        return _(
            "This was try %(number)d of %(most)d: we stop, and the case shows “unable to reach”.",
            number=fate.attempts,
            most=fate.max_attempts,
        )
    begins = fate.begins_at
    if begins is None or fate.window is None:
        return _("No agreed hour is left: somebody must decide what to do.")
    moment = span_line(begins, fate.window, situation.plan.time_zone)
    if not counts:
        return _("Next call: %(moment)s", moment=moment)
    return _(
        "Next call: %(moment)s (try %(number)d of %(most)d)",
        moment=moment,
        number=fate.attempts + 1,
        most=fate.max_attempts,
    )


def span_line(begins: datetime, window: Span, zone: str) -> str:
    """Write from when until when somebody may be called, on their own clock."""
    ends = window.closes_at
    if ends >= NO_END or in_zone(ends, zone).date() != in_zone(begins, zone).date():
        return moment_of(begins, zone)
    return _(
        "%(day)s, %(start)s to %(end)s",
        day=day_of(begins, zone),
        start=time_of(begins, zone),
        end=time_of(ends, zone),
    )


def _day(moment: datetime, situation: Situation) -> str:
    return day_of(moment, situation.plan.time_zone)


def _said(*lines: str) -> list[str]:
    return [line for line in lines if line]
