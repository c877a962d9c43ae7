"""What a page of a call shows before saving is what happens: for any plan, answer, rule and try."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from casework import database
from casework.cases.models import ClosureCode
from casework.extensions import db
from casework.followups import consequences, policy, queries, services
from casework.followups.consequences import Consequence
from casework.followups.models import AttemptResult, FollowUp, FollowUpKind, FollowUpState
from casework.followups.policy import ContactRule, NextCall
from casework.followups.services import NextStep
from tests.followups import lanes
from tests.followups.scenes import CODE_WORD, MORNINGS, at, case_of

NOT_REACHED = [
    result
    for result, effect in policy.EFFECTS.items()
    if not effect.is_reached and result is not AttemptResult.VOICEMAIL_LEFT
]
PLANS: list[dict[str, Any]] = [
    {},
    {"when": "any_time", "windows": []},
    {"windows": [{"days": [1, 3], "start": "22:00", "end": "23:45"}]},
    {"windows": [*MORNINGS, {"days": [1], "start": "18:30", "end": "20:00"}]},
    {"windows": MORNINGS, "time_zone": "America/St_Johns"},
]
QUICK = settings(
    max_examples=15,
    deadline=None,
    # An example writes a whole case: what fails is shown as it was found.
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@dataclass(frozen=True)
class Drawn:
    """One call: who agreed to what, how often they were tried, and when it is made."""

    plan: int
    tries: int
    consent_days: int
    has_telling: bool
    has_later: bool
    minute: int


CALLS = st.builds(
    Drawn,
    plan=st.integers(0, len(PLANS) - 1),
    tries=st.integers(0, 2),
    consent_days=st.sampled_from([2, 9, 45]),
    has_telling=st.booleans(),
    has_later=st.booleans(),
    minute=st.integers(0, 29),
)


@contextmanager
def undone() -> Iterator[None]:
    """Undo what one example did."""
    savepoint = db.session.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()
        db.session.expire_all()


def dialled(world: Any, clock: Any, drawn: Drawn) -> tuple[FollowUp, Any]:
    """Plan what was drawn, go to the hour of the first call, and dial."""
    clock.freeze(at(23, 12))
    actor = world.amina.actor
    case = case_of(actor, consent_days=drawn.consent_days, **PLANS[drawn.plan])
    reading = services.read_plan(actor, case)
    opens = reading.status(at(23, 13)).opens_at
    assert opens is not None
    local = max(opens, at(23, 13)).astimezone(ZoneInfo(reading.plan.time_zone))
    first = services.plan_call_back(actor, case, local_day=local.date(), local_time=local.time())
    first.attempts = drawn.tries
    if drawn.has_telling:
        telling = services.plan_call_back(
            actor, case, local_day=local.date(), local_time=local.time()
        )
        telling.kind = FollowUpKind.TELL_PERSON
    if drawn.has_later and drawn.consent_days > 9:
        week = local.date() + timedelta(days=7)
        services.plan_call_back(actor, case, local_day=week, local_time=local.time())
    clock.freeze(first.due_at + timedelta(minutes=drawn.minute, seconds=17))
    return first, services.start_call(actor, first)


def happened(consequence: Consequence) -> None:
    """Hold what became of every follow-up against what was shown."""
    db.session.flush()
    for fate in consequence.fates:
        row = queries.lock(fate.id)
        assert row is not None
        assert row.state is fate.state
        assert row.attempts == fate.attempts
        if fate.is_planned:
            window = (row.window_opens_at, row.window_closes_at)
            assert row.due_at == fate.due_at
            assert window == (fate.window or (None, None))
        else:
            assert row.cancel_reason is fate.reason


@QUICK
@given(drawn=CALLS, result=st.sampled_from(NOT_REACHED), rule=st.sampled_from(list(ContactRule)))
def test_a_call_without_the_person_does_what_its_page_has_shown(
    world: Any, clock: Any, drawn: Drawn, result: AttemptResult, rule: ContactRule
) -> None:
    with undone():
        follow_up, attempt = dialled(world, clock, drawn)
        actor = world.amina.actor
        reading = services.read_plan(actor, follow_up.case)
        situation = services.situation_of(follow_up, reading)
        shown = consequences.after_attempt(situation, result, rule)
        services.record_reach(actor, attempt, result=result, rule=rule)
        happened(shown)
        after = services.read_plan(actor, follow_up.case).plan
        assert after.is_unsafe is (shown.rule is ContactRule.NOT_SAFE)
        if shown.rule is not ContactRule.KEEP:
            # R13: nobody is offered for a call any more.
            assert all(fate.begins_at is None for fate in shown.fates)


@QUICK
# The case may be kept for as long as was agreed at first: a consent renewed later ends with it.
@example(
    drawn=Drawn(plan=1, tries=1, consent_days=45, has_telling=False, has_later=True, minute=16),
    still_ok=True,
    is_told=False,
    choice=NextCall.NONE,
)
@given(
    drawn=CALLS,
    still_ok=st.booleans(),
    is_told=st.booleans(),
    choice=st.sampled_from([NextCall.SERIES, NextCall.NONE, NextCall.CLOSE]),
)
def test_a_conversation_does_what_its_page_has_shown(
    world: Any, clock: Any, drawn: Drawn, still_ok: bool, is_told: bool, choice: NextCall
) -> None:
    with undone():
        follow_up, attempt = dialled(world, clock, drawn)
        actor = world.amina.actor
        services.record_reach(
            actor, attempt, result=AttemptResult.REACHED_PERSON, code_word=CODE_WORD
        )
        situation = services.situation_of(follow_up, services.read_plan(actor, follow_up.case))
        if still_ok:
            until = services.until_if_renewed(actor, follow_up.case)
            situation = replace(situation, consent_until=until)
        shown = consequences.after_talk(
            situation, still_ok=still_ok, is_told=is_told, choice=choice
        )
        closure = ClosureCode.NEED_MET if still_ok and choice is NextCall.CLOSE else None
        services.finish_call(
            actor,
            attempt,
            outcomes=[],
            still_ok=still_ok,
            is_told=is_told,
            next_step=NextStep(choice if still_ok else NextCall.SERIES, closure=closure),
        )
        happened(shown)


def test_one_call_answers_all_that_is_due_in_its_case(world: Any, clock: Any) -> None:
    # R36: an answer to tell and the call-back are one conversation, and one try.
    drawn = Drawn(0, 0, 45, has_telling=True, has_later=False, minute=0)
    follow_up, attempt = dialled(world, clock, drawn)
    services.record_reach(world.amina.actor, attempt, result=AttemptResult.NO_ANSWER)
    planned = queries.planned_for(follow_up.case_id)
    assert [row.attempts for row in planned] == [1, 1]
    assert lanes.callable_now(world.amina.actor, database.now()) == []


def test_a_later_step_of_the_series_is_not_answered_by_todays_call(world: Any, clock: Any) -> None:
    drawn = Drawn(0, 0, 45, has_telling=False, has_later=True, minute=0)
    follow_up, attempt = dialled(world, clock, drawn)
    services.record_reach(world.amina.actor, attempt, result=AttemptResult.NO_ANSWER)
    tries = {row.id: row.attempts for row in queries.planned_for(follow_up.case_id)}
    assert tries.pop(follow_up.id) == 1
    assert list(tries.values()) == [0]


def test_the_last_try_ends_only_what_was_tried_as_often(world: Any, clock: Any) -> None:
    drawn = Drawn(0, 2, 45, has_telling=True, has_later=False, minute=0)
    follow_up, attempt = dialled(world, clock, drawn)
    services.record_reach(world.amina.actor, attempt, result=AttemptResult.NO_ANSWER)
    assert follow_up.state is FollowUpState.UNABLE_TO_REACH
    [telling] = queries.planned_for(follow_up.case_id)
    assert telling.kind is FollowUpKind.TELL_PERSON
