"""One line of My day: chip, safe name and reference, a reason in controlled words, one thing to do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from flask_babel import gettext as _

from casework.cases.models import Case
from casework.desk import words
from casework.desk.words import Chip, joined
from casework.followups.list_models import ListCall
from casework.followups.models import FollowUp, FollowUpKind
from casework.people.models import WhenToCall
from casework.referrals.listing import listed_lines
from casework.referrals.models import Referral, Urgency
from casework.referrals.policy import ASKED_STATES
from casework.security import Actor

Said = TypeVar("Said")


@dataclass(frozen=True)
class Row:
    """One line: chip, safe name and reference, a reason in controlled words, one thing to do."""

    chip: Chip
    case: Case
    reason: str
    name: str | None = None
    follow_up: FollowUp | None = None
    list_call: ListCall | None = None
    # A refusal after which the next agency can be asked.
    referral: Referral | None = None


@dataclass
class Reading:
    """What one visit has loaded: held together, so that no lane asks twice."""

    viewer: Actor
    at: datetime
    limit: int
    whens: dict[UUID, WhenToCall | None] = field(default_factory=dict)
    # How the agencies answered what is to be told.
    answers: dict[UUID, Referral] = field(default_factory=dict)
    names: dict[UUID, str] = field(default_factory=dict)
    said: dict[Any, Any] = field(default_factory=dict)

    def say(self, words_of: Callable[..., Said], *facts: Any) -> Said:
        """Give the words for these facts; most lines of a page say what one before has said."""
        key = (words_of, facts)
        if key not in self.said:
            self.said[key] = words_of(*facts)
        words_said: Said = self.said[key]
        return words_said


def _row(seen: Reading, follow_up: FollowUp, chip: Chip, *reason: str | None) -> Row:
    case = follow_up.case
    return Row(chip, case, joined(reason), seen.names.get(case.person_id), follow_up)


def _purpose(seen: Reading, follow_up: FollowUp) -> str:
    if follow_up.kind is FollowUpKind.TELL_PERSON:
        answer = seen.answers.get(follow_up.referral_id) if follow_up.referral_id else None
        state = answer.state if answer else None
        agency = _to_be_called(answer) if answer else None
        return seen.say(words.telling_line, state, follow_up.case.is_sensitive, agency)
    return seen.say(words.try_line, follow_up.attempts, follow_up.max_attempts)


def _needs(seen: Reading, case: Case) -> str:
    codes = tuple(need.code for need in case.needs)
    return seen.say(words.needs_line, codes, case.is_sensitive)


def to_call_now(seen: Reading, follow_up: FollowUp) -> Row:
    """Say until when they may be called, why, and what stands behind it."""
    is_any_time = _is_any_time(seen, follow_up)
    closes = None if is_any_time else follow_up.window_closes_at
    chip = seen.say(words.until_chip, follow_up.latest_at, closes, seen.at)
    return _row_to_call(seen, follow_up, chip, is_any_time=is_any_time)


def to_call_later(seen: Reading, follow_up: FollowUp) -> Row:
    """Say from when they may be called."""
    chip = seen.say(words.later_chip, words.begins_at(follow_up), seen.at)
    return _row_to_call(seen, follow_up, chip, is_any_time=_is_any_time(seen, follow_up))


def _row_to_call(seen: Reading, follow_up: FollowUp, chip: Chip, *, is_any_time: bool) -> Row:
    window = (follow_up.window_opens_at, follow_up.window_closes_at, follow_up.time_zone)
    return _row(
        seen,
        follow_up,
        chip,
        _purpose(seen, follow_up),
        _needs(seen, follow_up.case),
        seen.say(words.language_line, follow_up.case.language),
        None if is_any_time else seen.say(words.window_line, *window),
    )


def _is_any_time(seen: Reading, follow_up: FollowUp) -> bool:
    if seen.whens.get(follow_up.case_id) is WhenToCall.ANY_TIME:
        return True
    return words.has_no_hours(follow_up)


def not_to_call(seen: Reading, follow_up: FollowUp) -> Row:
    """Say why nobody calls."""
    will_call = seen.whens.get(follow_up.case_id) is WhenToCall.WILL_CALL_US
    why = _("They will call us") if will_call else _("They did not agree to be called")
    chip = Chip("idle", "phone-off", _("Do not call"))
    return _row(seen, follow_up, chip, why, _needs(seen, follow_up.case))


def without_hours(seen: Reading, follow_up: FollowUp) -> Row:
    """Say how late it is, and when it was due."""
    chip = seen.say(words.stuck_chip, follow_up.latest_at, seen.at)
    when = seen.say(words.due_line, follow_up.due_at)
    return _row(seen, follow_up, chip, _purpose(seen, follow_up), when)


def to_call_agency(seen: Reading, call: ListCall) -> Row:
    """Say until when the agency answers, and what the call keeps."""
    referral = call.referral
    chip = words.agency_chip(call, seen.at)
    tried = words.unanswered_line(call.tries)
    reason = joined([_agency(referral), *listed_lines(referral), tried])
    name = seen.names.get(call.case.person_id)
    return Row(chip, call.case, reason, name, list_call=call)


def _agency(referral: Referral) -> str | None:
    """Name an agency; where a survivor may go is personal information, named on the case page only."""
    is_named = referral.organization is not None and not referral.is_sensitive
    return referral.organization.name if referral.organization and is_named else None


def _to_be_called(referral: Referral) -> str | None:
    """Name the agency that the person is to call; one that refused since waits for no call."""
    if referral.state not in ASKED_STATES:
        return None
    return _agency(referral) if referral.wants_person_to_call else None


def waiting(seen: Reading, referral: Referral) -> Row:
    """Say where a request stands, and for how long."""
    need = seen.say(words.need_line, referral.need.code, referral.is_sensitive)
    agency = _agency(referral)
    state = seen.say(words.state_line, referral.state, referral.hold_until, seen.at)
    asked_at = referral.requested_at or referral.created_at
    chip = seen.say(words.waiting_chip, referral.hold_until, asked_at, seen.at)
    name = seen.names.get(referral.case.person_id)
    return Row(chip, referral.case, joined([state, need, agency, *listed_lines(referral)]), name)


def refused(seen: Reading, referral: Referral) -> Row:
    """Say that an agency refused or never answered, for which need, and how soon it was wanted."""
    need = seen.say(words.need_line, referral.need.code, referral.is_sensitive)
    soon = str(referral.urgency.label) if referral.urgency is Urgency.URGENT else None
    why = str(referral.reason.label) if referral.reason and not referral.is_sensitive else None
    chip = Chip("unmet", "circle-x", str(referral.state.label))
    name = seen.names.get(referral.case.person_id)
    reason = joined([soon, need, _agency(referral), why])
    return Row(chip, referral.case, reason, name, referral=referral)


def unassigned(seen: Reading, case: Case) -> Row:
    """Say for how long a case has been nobody’s."""
    chip = Chip("due", "user-plus", _("Nobody has it"))
    return Row(chip, case, seen.say(words.open_line, case.opened_at))
