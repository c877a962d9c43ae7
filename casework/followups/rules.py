"""What a rule of the follow-up policy may say: the standards’ defaults, the bounds, rows as series."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from casework.database import Refused
from casework.directory.needs import GROUP_OF, NeedCode
from casework.followups.ladder import DEFAULT_LADDER, TELLING_LADDER, Ladder
from casework.followups.models import AttemptResult
from casework.followups.policy import CRISIS, EFFECTS, STANDARD, TELLING, Series, Step, is_crisis
from casework.followups.policy_models import FollowUpPolicy, PolicyName

MOST_STEPS = 5
FEWEST_ATTEMPTS, MOST_ATTEMPTS = 3, 5
DAYS_OF_SERIES = 90
# Inform USA: 1-3 days after a contact in danger; nobody may stretch that (domain.md section 1).
CRISIS_FIRST = (24, 72)
# Beyond this nobody would learn in time that a person in danger was not called.
CRISIS_SUPERVISOR = 24
MOST_LADDER = 14 * 24
PAUSES = (1, 72)
HOUR = timedelta(hours=1)
NAMES = frozenset(name.value for name in PolicyName)


class PolicyImpossible(Refused):
    """A rule that the standards or common sense refuse."""

    def __init__(self, message: LazyString, field: str) -> None:
        super().__init__(message, field)


@dataclass(frozen=True)
class Rule:
    """A rule as it is typed and stored: whole hours and days."""

    steps: tuple[tuple[int, int], ...]
    max_attempts: int
    pause_hours: int
    longest_days: int
    team_after_hours: int | None
    supervisor_after_hours: int | None

    def as_series(self, name: PolicyName) -> Series:
        """Give the rule as the series that plans call-backs."""
        return Series(
            name.value,
            tuple(
                Step(number, earliest * HOUR, latest * HOUR)
                for number, (earliest, latest) in enumerate(self.steps, 1)
            ),
            self.max_attempts,
            pause=self.pause_hours * HOUR,
            longest=timedelta(days=self.longest_days),
            ladder=Ladder(_hours(self.team_after_hours), _hours(self.supervisor_after_hours)),
        )


def default_rule(name: PolicyName) -> Rule:
    """Give the standards’ rule, which holds until the service makes one of its own."""
    series = CRISIS if name is PolicyName.CRISIS else STANDARD
    return Rule(
        steps=tuple((step.earliest // HOUR, step.latest // HOUR) for step in series.steps),
        max_attempts=series.max_attempts,
        pause_hours=series.pause // HOUR,
        longest_days=series.longest.days,
        team_after_hours=_whole(series.ladder.team_after),
        supervisor_after_hours=_whole(series.ladder.supervisor_after),
    )


def rule_of(row: FollowUpPolicy) -> Rule:
    """Give a stored version as a rule."""
    return Rule(
        steps=tuple((int(earliest), int(latest)) for earliest, latest in row.steps),
        max_attempts=row.max_attempts,
        pause_hours=row.pause_hours,
        longest_days=row.longest_days,
        team_after_hours=row.team_after_hours,
        supervisor_after_hours=row.supervisor_after_hours,
    )


def check(name: PolicyName, rule: Rule) -> None:
    """Raise PolicyImpossible, with the field, for a rule outside the bounds of the standards."""
    _check_steps(rule.steps)
    if name is PolicyName.CRISIS:
        earliest, latest = rule.steps[0]
        if earliest < CRISIS_FIRST[0] or latest > CRISIS_FIRST[1]:
            raise PolicyImpossible(
                _l(
                    "In danger, the first call-back lies between 24 and 72 hours after the contact."
                ),
                "from_1",
            )
    if not FEWEST_ATTEMPTS <= rule.max_attempts <= MOST_ATTEMPTS:
        raise PolicyImpossible(_l("From 3 to 5 tries."), "max_attempts")
    if not PAUSES[0] <= rule.pause_hours <= PAUSES[1]:
        raise PolicyImpossible(_l("From 1 to 72 hours between two tries."), "pause_hours")
    if not rule.steps[-1][1] <= rule.longest_days * 24 <= DAYS_OF_SERIES * 24:
        raise PolicyImpossible(
            _l("At least until the last call-back is due, and at most 90 days."), "longest_days"
        )
    _check_ladder(name, rule)


def _check_steps(steps: Sequence[tuple[int, int]]) -> None:
    if not steps:
        raise PolicyImpossible(_l("At least one call-back."), "from_1")
    before = 0
    for number, (earliest, latest) in enumerate(steps, 1):
        if earliest < max(1, before):
            raise PolicyImpossible(
                _l("Each call-back begins after the one before it is due."), f"from_{number}"
            )
        if not earliest < latest <= DAYS_OF_SERIES * 24:
            raise PolicyImpossible(
                _l("It is due after it begins, and within 90 days."), f"to_{number}"
            )
        before = latest


def _check_ladder(name: PolicyName, rule: Rule) -> None:
    team, supervisor = rule.team_after_hours, rule.supervisor_after_hours
    for field, hours in (("team_after_hours", team), ("supervisor_after_hours", supervisor)):
        if hours is not None and not 0 <= hours <= MOST_LADDER:
            raise PolicyImpossible(_l("From 0 hours to 14 days, or empty for never."), field)
    if name is PolicyName.CRISIS and (supervisor is None or supervisor > CRISIS_SUPERVISOR):
        raise PolicyImpossible(
            _l("In danger, supervisors hear of it within 24 hours."), "supervisor_after_hours"
        )
    if team is not None and supervisor is not None and supervisor < team:
        raise PolicyImpossible(
            _l("Supervisors hear of it after the team, not before."), "supervisor_after_hours"
        )


def name_for(
    needs: Collection[NeedCode], *, is_sensitive: bool, own: Mapping[PolicyName, Rule]
) -> PolicyName:
    """Choose whose rule a case follows: danger first, else the earliest of its needs’ own rules."""
    if is_crisis(needs, is_sensitive=is_sensitive):
        return PolicyName.CRISIS
    groups: Iterable[str] = {GROUP_OF[need].value for need in needs}
    known = [PolicyName(group) for group in groups if group in NAMES]
    with_own = [name for name in known if name in own]
    return min(
        with_own, key=lambda name: (own[name].steps, name.value), default=PolicyName.STANDARD
    )


def ladder_for(series_name: str, own: Mapping[PolicyName, Rule]) -> Ladder:
    """Tell who hears of a delay for a series; calls of their own follow the common rule."""
    if series_name == TELLING:
        return TELLING_LADDER
    name = PolicyName(series_name) if series_name in NAMES else PolicyName.STANDARD
    rule = own.get(name)
    if rule is not None:
        return rule.as_series(name).ladder
    return CRISIS.ladder if name is PolicyName.CRISIS else DEFAULT_LADDER


def series_in_force(name: PolicyName, own: Mapping[PolicyName, Rule]) -> Series:
    """Give the series of a rule: the service’s own, else the standards’ under the same name."""
    rule = own.get(name)
    if rule is not None:
        return rule.as_series(name)
    standard = CRISIS if name is PolicyName.CRISIS else STANDARD
    return replace(standard, name=name.value)


def lasts_too_long(
    result: AttemptResult, series: Series | None, *, since: datetime, moment: datetime | None
) -> bool:
    """Tell whether the next try would come after the longest time a series may take (988)."""
    if series is None or moment is None or not EFFECTS[result].counts:
        return False
    return moment - since > series.longest


def _hours(number: int | None) -> timedelta | None:
    return None if number is None else number * HOUR


def _whole(span: timedelta | None) -> int | None:
    return None if span is None else span // HOUR
