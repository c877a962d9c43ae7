"""What each answer of a call does to what is planned: worked out once, shown before saving, then done.

Pure: a situation in, fates out. The page shows the fates of every answer (pages.reach, pages.talk),
and the services carry out the fates of the one that was given, so that the two cannot differ.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from casework.followups import policy, rules, safe_time
from casework.followups.models import (
    AttemptResult,
    CancelReason,
    FollowUp,
    FollowUpKind,
    FollowUpState,
)
from casework.followups.office_hours import ALWAYS_OPEN, OfficeHours
from casework.followups.policy import ContactRule, NextCall, Series
from casework.people.contact_plan import Plan
from casework.people.models import WhenToCall


@dataclass(frozen=True)
class Planned:
    """One follow-up as it stood when the call was made."""

    id: UUID
    kind: FollowUpKind
    due_at: datetime
    attempts: int
    max_attempts: int
    created_at: datetime
    # The rule it follows as it stands now; None for a call of its own.
    series: Series | None = None

    @classmethod
    def of(cls, follow_up: FollowUp, series: Series | None) -> "Planned":
        """Note how a follow-up stands."""
        row = follow_up
        return cls(
            row.id, row.kind, row.due_at, row.attempts, row.max_attempts, row.created_at, series
        )


@dataclass(frozen=True)
class Situation:
    """What a call is judged by: the plan that holds, until when calls are agreed, what is planned.

    One call answers everything that is due in its case: an agency's answer to tell and the
    call-back itself are one conversation, and one try.
    """

    plan: Plan
    consent_until: datetime | None
    at: datetime
    called_for: UUID
    planned: tuple[Planned, ...]
    office: OfficeHours = ALWAYS_OPEN

    @property
    def answered(self) -> tuple[Planned, ...]:
        """What this call is about: what it was begun for, and whatever else is due."""
        return tuple(p for p in self.planned if p.id == self.called_for or p.due_at <= self.at)

    @property
    def main(self) -> Planned:
        """What the call was begun for."""
        return next(planned for planned in self.planned if planned.id == self.called_for)

    @property
    def is_last_try(self) -> bool:
        """Whether one more try that counts is the last for what the call was begun for."""
        return self.main.attempts + 1 >= self.main.max_attempts


@dataclass(frozen=True)
class Fate:
    """What becomes of one planned follow-up; a window only where somebody may be called."""

    id: UUID
    kind: FollowUpKind
    state: FollowUpState
    attempts: int
    max_attempts: int
    due_at: datetime
    window: safe_time.Span | None = None
    reason: CancelReason | None = None
    # Its new time was agreed with the person aloud.
    is_agreed: bool = False

    @property
    def is_planned(self) -> bool:
        """Whether it is still to come."""
        return self.state is FollowUpState.SCHEDULED

    @property
    def begins_at(self) -> datetime | None:
        """The first moment that is both due and agreed; None: nobody may call as things stand."""
        if not self.is_planned or self.window is None:
            return None
        return max(self.due_at, self.window.opens_at)


@dataclass(frozen=True)
class Consequence:
    """What becomes of the contact rule and of all that is planned in the case."""

    rule: ContactRule
    fates: tuple[Fate, ...]

    def of(self, follow_up_id: UUID) -> Fate:
        """Give what becomes of one follow-up."""
        return next(fate for fate in self.fates if fate.id == follow_up_id)


def after_attempt(
    situation: Situation,
    result: AttemptResult,
    rule: ContactRule = ContactRule.KEEP,
    *,
    chosen: datetime | None = None,
) -> Consequence:
    """Say what a call without the person does: give up after the last try, else try again (R10).

    A result that is not safe, or a rule that changes, stops the calls; then a chosen time counts
    for nothing. Each follow-up the call answers has its own count and its own pause.
    """
    rule = rule_after(result, rule)
    after = replace(situation, plan=changed(situation.plan, rule))
    answered = {planned.id for planned in situation.answered}
    fates = []
    for planned in situation.planned:
        if planned.id not in answered:
            fates.append(_stays(after, planned))
            continue
        planned = replace(planned, attempts=planned.attempts + policy.EFFECTS[result].counts)
        if policy.gives_up(result, attempts=planned.attempts, max_attempts=planned.max_attempts):
            fates.append(_ends(planned, FollowUpState.UNABLE_TO_REACH))
            continue
        again = chosen if rule is ContactRule.KEEP else None
        fates.append(_tried_again(after, planned, again, result))
    return Consequence(rule, tuple(fates))


def after_talk(
    situation: Situation,
    *,
    still_ok: bool,
    is_told: bool,
    choice: NextCall,
    moved: UUID | None = None,
    chosen: datetime | None = None,
) -> Consequence:
    """Say what a conversation does; the consent in the situation is the fresh one, if they said yes.

    “No” cancels what is planned and leaves a held place held (R5, R31). What was not told yet is
    tried again within the agreed hours (R36). `moved` is the next call-back, put at a chosen time.
    """
    answered = {planned.id for planned in situation.answered}
    fates = []
    for planned in situation.planned:
        is_telling = planned.kind is FollowUpKind.TELL_PERSON
        if (is_told and is_telling) or (planned.id in answered and not is_telling):
            fates.append(_ends(planned, FollowUpState.COMPLETED))
        elif not still_ok:
            fates.append(_cancelled(planned, CancelReason.CONSENT_WITHDRAWN))
        elif choice is NextCall.CLOSE:
            fates.append(_cancelled(planned, CancelReason.CASE_CLOSED))
        elif is_telling and planned.id in answered:
            fates.append(_tried_again(situation, planned, None, AttemptResult.ASKED_LATER))
        elif planned.id == moved and chosen is not None:
            fates.append(_at(situation, planned, chosen))
        else:
            fates.append(_stays(situation, planned))
    return Consequence(ContactRule.KEEP, tuple(fates))


def rule_after(result: AttemptResult, rule: ContactRule) -> ContactRule:
    """Give the contact rule after a result: what is not safe stays so, whatever else was chosen (R13)."""
    return ContactRule.NOT_SAFE if policy.EFFECTS[result].is_unsafe else rule


def changed(plan: Plan, rule: ContactRule) -> Plan:
    """Give the plan under a rule that changed; it never becomes wider."""
    if rule is ContactRule.NOT_SAFE:
        return replace(plan, is_unsafe=True)
    if rule is ContactRule.WILL_CALL_US:
        return replace(plan, when=WhenToCall.WILL_CALL_US, windows=())
    return plan


def agreed_window(
    plan: Plan, *, due_at: datetime, at: datetime, consent_until: datetime | None
) -> safe_time.Span | None:
    """Give the agreed span open when a call is due, or the next one, as long as consent holds."""
    if consent_until is None:
        return None
    asked = max(at, due_at)
    window = safe_time.next_window(plan, asked)
    if window is None or window.opens_at >= consent_until:
        return None
    # “Any time” opens at every moment one asks; the due time keeps it the same from day to day.
    is_any_time = plan.when is WhenToCall.ANY_TIME and window.opens_at == asked
    opens_at = due_at if is_any_time else window.opens_at
    return safe_time.Span(opens_at, min(window.closes_at, consent_until))


def next_due(situation: Situation, planned: Planned) -> datetime | None:
    """Propose when to try again, in whole minutes of the person's wall clock (R10)."""
    plan = situation.plan
    moment = policy.next_try(
        plan,
        planned.kind,
        at=situation.at,
        until=situation.consent_until,
        office=situation.office,
        pause=planned.series.pause if planned.series else None,
    )
    return None if moment is None or situation.consent_until is None else on_the_wall(plan, moment)


def on_the_wall(plan: Plan, moment: datetime) -> datetime:
    """Give a moment as it is kept: what the person's wall clock shows, to the minute."""
    return safe_time.wall_to_utc(safe_time.wall_of(moment, plan.time_zone), plan.time_zone)


def ids_of(consequence: Consequence, state: FollowUpState) -> Collection[UUID]:
    """Name the follow-ups that end in a state."""
    return [fate.id for fate in consequence.fates if fate.state is state]


def _tried_again(
    situation: Situation, planned: Planned, chosen: datetime | None, result: AttemptResult
) -> Fate:
    if chosen is not None:
        return _at(situation, planned, chosen)
    due_at = next_due(situation, planned)
    if rules.lasts_too_long(result, planned.series, since=planned.created_at, moment=due_at):
        return _ends(planned, FollowUpState.UNABLE_TO_REACH)
    if due_at is None:
        return _stays(situation, planned)
    return _stays(situation, replace(planned, due_at=due_at))


def _at(situation: Situation, planned: Planned, due_at: datetime) -> Fate:
    moved = replace(planned, due_at=on_the_wall(situation.plan, due_at))
    return replace(_stays(situation, moved), is_agreed=True)


def _stays(situation: Situation, planned: Planned) -> Fate:
    return Fate(
        planned.id,
        planned.kind,
        FollowUpState.SCHEDULED,
        planned.attempts,
        planned.max_attempts,
        planned.due_at,
        agreed_window(
            situation.plan,
            due_at=planned.due_at,
            at=situation.at,
            consent_until=situation.consent_until,
        ),
    )


def _ends(planned: Planned, state: FollowUpState) -> Fate:
    return Fate(
        planned.id, planned.kind, state, planned.attempts, planned.max_attempts, planned.due_at
    )


def _cancelled(planned: Planned, reason: CancelReason) -> Fate:
    return replace(_ends(planned, FollowUpState.CANCELLED), reason=reason)
