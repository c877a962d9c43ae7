"""A service’s own rules for call-backs: bounds, versions, a preview that is true, and moving in batches."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from casework import database, people
from casework.audit import EntryFilter
from casework.audit import queries as audit
from casework.database import StaleVersion
from casework.directory.needs import NeedCode
from casework.followups import policy, queries, rules, safe_time, services
from casework.followups.ladder import CRISIS_LADDER, DEFAULT_LADDER, TELLING_LADDER
from casework.followups.models import FollowUp, FollowUpKind, ReminderStatus
from casework.followups.policy_models import FollowUpPolicy, MoveState, PolicyName
from casework.followups.rules import PolicyImpossible, Rule
from casework.followups.services import Kept, policies
from casework.followups.spacing import APART, free_moment
from casework.people.models import Purpose
from tests.followups.plans import plan_of, windows_of
from tests.followups.scenes import at, case_of, reminders_of

CRISIS = rules.default_rule(PolicyName.CRISIS)
STANDARD = rules.default_rule(PolicyName.STANDARD)
# A week earlier than the standards’.
SOONER = replace(STANDARD, steps=((3 * 24, 6 * 24), (30 * 24, 37 * 24)))


def planned(case: Any) -> list[FollowUp]:
    return queries.planned_for(case.id, FollowUpKind.CALL_BACK)


def change(world: Any, rule: Rule, name: PolicyName = PolicyName.STANDARD, version: int = 0) -> Any:
    return services.change_policy(world.sophie.actor, name=name, rule=rule, version=version)


# --- the rules themselves ------------------------------------------------------------------------


def test_the_defaults_are_the_standards_and_pass_their_own_bounds() -> None:
    for name in PolicyName:
        rule = rules.default_rule(name)
        rules.check(name, rule)
        standard = policy.CRISIS if name is PolicyName.CRISIS else policy.STANDARD
        assert rule.as_series(name) == replace(standard, name=name.value)


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (replace(CRISIS, steps=((12, 48),)), "from_1"),
        (replace(CRISIS, steps=((24, 73),)), "from_1"),
        (replace(CRISIS, steps=()), "from_1"),
        (replace(CRISIS, steps=((24, 48), (40, 100))), "from_2"),
        (replace(CRISIS, steps=((48, 24),)), "to_1"),
        (replace(CRISIS, steps=((24, 48), (100, 91 * 24))), "to_2"),
        (replace(CRISIS, max_attempts=6), "max_attempts"),
        (replace(CRISIS, max_attempts=2), "max_attempts"),
        (replace(CRISIS, pause_hours=0), "pause_hours"),
        (replace(CRISIS, longest_days=36), "longest_days"),
        (replace(CRISIS, longest_days=91), "longest_days"),
        (replace(CRISIS, supervisor_after_hours=None), "supervisor_after_hours"),
        (replace(CRISIS, supervisor_after_hours=25), "supervisor_after_hours"),
        (replace(STANDARD, team_after_hours=30), "supervisor_after_hours"),
        (replace(STANDARD, team_after_hours=15 * 24), "team_after_hours"),
    ],
)
def test_a_rule_outside_the_bounds_is_refused_at_its_field(rule: Rule, field: str) -> None:
    """Never more than 5 tries, the first call in danger within 24-72 h, in sane order."""
    name = PolicyName.CRISIS if rule.max_attempts != 3 else PolicyName.STANDARD
    with pytest.raises(PolicyImpossible) as refusal:
        rules.check(name, rule)
    assert refusal.value.field == field


WILD = st.builds(
    Rule,
    steps=st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 3_000)), max_size=6).map(tuple),
    max_attempts=st.integers(0, 9),
    pause_hours=st.integers(0, 100),
    longest_days=st.integers(0, 120),
    team_after_hours=st.none() | st.integers(0, 500),
    supervisor_after_hours=st.none() | st.integers(0, 500),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rule=WILD, name=st.sampled_from(PolicyName))
def test_whatever_passes_the_bounds_keeps_to_the_standards(rule: Rule, name: PolicyName) -> None:
    try:
        rules.check(name, rule)
    except PolicyImpossible as refusal:
        assert refusal.field and str(refusal.message)
        return
    series = rule.as_series(name)
    assert 3 <= series.max_attempts <= 5
    ends = [moment for step in series.steps for moment in (step.earliest, step.latest)]
    assert ends == sorted(ends) and ends[-1] <= series.longest <= timedelta(days=90)
    if name is PolicyName.CRISIS:
        assert timedelta(hours=24) <= ends[0] < ends[1] <= timedelta(hours=72)
        assert series.ladder.supervisor_after is not None


def test_danger_comes_before_any_rule_of_a_need() -> None:
    own = {PolicyName.FOOD: SOONER, PolicyName.INCOME: STANDARD}
    asked = [NeedCode.FOOD, NeedCode.BENEFITS, NeedCode.LEGAL]
    assert rules.name_for(asked, is_sensitive=False, own=own) is PolicyName.FOOD
    assert rules.name_for([NeedCode.LEGAL], is_sensitive=False, own=own) is PolicyName.STANDARD
    assert rules.name_for(asked, is_sensitive=True, own=own) is PolicyName.CRISIS
    assert (
        rules.name_for([*asked, NeedCode.SHELTER], is_sensitive=False, own=own) is PolicyName.CRISIS
    )


def test_who_hears_of_a_delay_follows_the_series(world: Any, clock: Any) -> None:
    service_id = world.north.id
    assert queries.ladder_of(service_id, "crisis") == CRISIS_LADDER
    assert queries.ladder_of(service_id, policy.ONE_OFF) == DEFAULT_LADDER
    assert queries.ladder_of(service_id, policy.TELLING) == TELLING_LADDER
    clock.freeze(at(23, 12))
    change(world, replace(STANDARD, team_after_hours=None, supervisor_after_hours=6))
    ladder = queries.ladder_of(service_id, "standard")
    assert (ladder.team_after, ladder.supervisor_after) == (None, timedelta(hours=6))
    # Another service keeps its own.
    assert queries.ladder_of(world.south.id, "standard") == DEFAULT_LADDER


# --- new cases, versions -------------------------------------------------------------------------


def test_a_new_case_follows_the_rule_in_force(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    change(world, replace(SOONER, max_attempts=4))
    case = case_of(world.amina.actor)
    first, second = services.plan_series(world.amina.actor, case)
    assert (first.due_at, first.max_attempts) == (at(27, 9), 4)
    assert second.due_at == at(24, 9, month=12)


def test_a_need_with_a_rule_of_its_own_leaves_the_common_one(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    change(world, SOONER, PolicyName.FOOD)
    fed = services.plan_series(world.amina.actor, case_of(world.amina.actor))
    legal = case_of(world.amina.actor, needs=[NeedCode.LEGAL])
    assert [f.series for f in fed] == ["food", "food"]
    assert {f.series for f in services.plan_series(world.amina.actor, legal)} == {"standard"}
    # Planned anew, it is replaced and not doubled.
    services.plan_series(world.amina.actor, fed[0].case)
    assert len(planned(fed[0].case)) == 2


def test_versions_are_kept_with_who_and_when(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    change(world, SOONER)
    clock.freeze(at(23, 13))
    change(world, STANDARD, version=1)
    newest, first = queries.versions_of_policy(world.sophie.actor, PolicyName.STANDARD)
    assert (newest.version, newest.is_current, first.is_current) == (2, True, False)
    assert first.changed_by == world.sophie.account_id
    assert rules.rule_of(first) == SOONER
    database.commit()
    changed = audit.entries(world.sophie.actor, EntryFilter(action="policy:changed"))
    assert len(changed) == 2


def test_two_supervisors_do_not_overwrite_each_other(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    change(world, SOONER)
    with pytest.raises(StaleVersion):
        change(world, replace(SOONER, max_attempts=5))
    assert queries.rules_of(world.north.id)[PolicyName.STANDARD] == SOONER


def test_the_series_ends_after_its_longest_time(world: Any, clock: Any) -> None:
    """988: a maximum duration; nobody is tried for ever."""
    series = STANDARD.as_series(PolicyName.STANDARD)
    begun = at(1, 9)
    no_answer, later = policy.AttemptResult.NO_ANSWER, policy.AttemptResult.ASKED_LATER
    day_45, day_46 = begun + timedelta(days=45), begun + timedelta(days=46)
    assert not rules.lasts_too_long(no_answer, series, since=begun, moment=day_45)
    assert rules.lasts_too_long(no_answer, series, since=begun, moment=day_46)
    # Whoever asks to be called later is.
    assert not rules.lasts_too_long(later, series, since=begun, moment=day_46)


# --- what is planned -----------------------------------------------------------------------------


def test_a_preview_changes_nothing_and_is_what_applying_does(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    cases = [case_of(world.amina.actor) for _ in range(3)]
    before = [services.plan_series(world.amina.actor, case)[0] for case in cases]
    assert {f.due_at for f in before} == {at(1, 9, month=12)}
    clock.freeze(at(24, 12))
    seen = services.preview_policy(world.sophie.actor, name=PolicyName.STANDARD, rule=SOONER)
    assert {f.due_at for f in before} == {at(1, 9, month=12)}
    assert [move.to for move in seen.moves] == [at(27, 9)] * 3
    assert (seen.planned, seen.looked_at, seen.kept[Kept.FITS]) == (6, 6, 3)
    row = change(world, SOONER)
    assert {f.due_at for f in before} == {move.to for move in seen.moves}
    assert (row.moved, row.move_state) == (3, MoveState.DONE)
    # The reminder moves along: nobody is prompted at the old time.
    [reminder] = reminders_of(before[0], ReminderStatus.SCHEDULED)
    assert reminder.wake_at == at(27, 9)


def test_every_moved_call_lies_within_the_agreed_hours(world: Any, clock: Any) -> None:
    """R10: a change of rules never makes a call outside them."""
    clock.freeze(at(23, 12))
    thursdays = [{"days": [3], "start": "18:00", "end": "19:00"}]
    case = case_of(world.amina.actor, windows=thursdays, time_zone="America/Vancouver")
    [first, _] = services.plan_series(world.amina.actor, case)
    change(world, SOONER)
    plan = services.read_plan(world.amina.actor, case).plan
    assert safe_time.is_within(plan, first.due_at)
    assert first.due_at == at(26, 21)


def test_what_was_agreed_aloud_tried_due_or_under_way_stays(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    actor = world.amina.actor
    moved_by_hand, tried, dialled, due, plain = (
        services.plan_series(actor, case_of(actor))[0] for _ in range(5)
    )
    services.move(
        actor, moved_by_hand, local_day=at(8, 9, month=12).date(), local_time=at(8, 9).time()
    )
    tried.attempts = 1
    dialled.due_at = dialled.window_opens_at = at(23, 9)
    dialled.window_closes_at = at(24, 11)
    due.due_at = at(23, 11)
    clock.freeze(at(24, 9, 30))
    services.start_call(actor, dialled)
    was = {one.id: one.due_at for one in (moved_by_hand, tried, dialled, due)}
    seen = services.preview_policy(world.sophie.actor, name=PolicyName.STANDARD, rule=SOONER)
    for reason in (Kept.AGREED, Kept.TRIED, Kept.BEING_CALLED, Kept.DUE):
        assert seen.kept[reason] == 1, reason
    change(world, SOONER)
    assert {one.id: one.due_at for one in (moved_by_hand, tried, dialled, due)} == was
    assert plain.due_at == at(27, 9)


def test_no_agreed_hour_and_an_ended_consent_are_told_and_nothing_moves(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(23, 12))
    actor = world.amina.actor
    # In the first week only: three days later there is no hour in the narrow range.
    mondays = [{"days": [0], "start": "09:00", "end": "10:00"}]
    narrow = replace(STANDARD, steps=((3 * 24, 4 * 24), (30 * 24, 37 * 24)))
    late = replace(STANDARD, steps=((20 * 24, 30 * 24), (30 * 24, 37 * 24)))
    [seldom, _] = services.plan_series(actor, case_of(actor, windows=mondays))
    seen = services.preview_policy(world.sophie.actor, name=PolicyName.STANDARD, rule=narrow)
    assert (seen.kept[Kept.NO_HOUR], seen.moves) == (1, [])
    [ends_soon] = services.plan_series(actor, case_of(actor, consent_days=10))
    seen = services.preview_policy(world.sophie.actor, name=PolicyName.STANDARD, rule=late)
    assert seen.kept[Kept.CONSENT_ENDS] == 1
    was = ends_soon.due_at
    change(world, late)
    assert ends_soon.due_at == was
    assert seldom.due_at == at(14, 9, month=12)


def test_withdrawn_between_preview_and_applying_means_not_moved(world: Any, clock: Any) -> None:
    """R5: whatever is planned is asked again when it moves."""
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    [first, _] = services.plan_series(world.amina.actor, case)
    services.preview_policy(world.sophie.actor, name=PolicyName.STANDARD, rule=SOONER)
    people.services.withdraw(world.amina.actor, case.person, Purpose.CALL_BACK)
    row = change(world, SOONER)
    assert (row.moved, first.due_at) == (0, at(1, 9, month=12))


def test_many_calls_move_in_batches_and_twice_is_once(
    world: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "BATCH", 3)
    clock.freeze(at(23, 12))
    first = [
        services.plan_series(world.amina.actor, case_of(world.amina.actor))[0] for _ in range(4)
    ]
    row = change(world, SOONER)
    assert (row.move_state, row.looked_at) == (MoveState.RUNNING, 3)
    while services.move_calls(world.north.id) or row.move_state is MoveState.RUNNING:
        assert row.looked_at <= row.to_look_at
    assert (row.moved, row.kept, row.looked_at) == (4, 4, 8)
    versions = [f.version for f in first]
    assert services.move_calls(world.north.id) == 0
    assert [f.version for f in first] == versions
    database.commit()
    done = audit.entries(world.sophie.actor, EntryFilter(action="policy:applied"))
    assert len(done) == 1


def test_a_newer_version_takes_over_from_one_still_moving(
    world: Any, clock: Any, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "BATCH", 1)
    clock.freeze(at(23, 12))
    one = services.plan_series(world.amina.actor, case_of(world.amina.actor))[0]
    change(world, SOONER)
    change(world, STANDARD, version=1)
    for _ in range(6):
        services.move_calls(world.north.id)
    # Whatever the first had moved already fits, or goes back.
    step = STANDARD.as_series(PolicyName.STANDARD).steps[0]
    assert one.created_at + step.earliest <= one.due_at < one.created_at + step.latest
    states = db.session.scalars(select(FollowUpPolicy).where(FollowUpPolicy.is_current)).all()
    assert [row.move_state for row in states] == [MoveState.DONE]


# --- two calls to one number (R33) ---------------------------------------------------------------


def test_two_cases_on_one_number_are_never_called_within_the_hour(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    actor, number = world.amina.actor, {"phone": "+15145550177"}
    first = services.plan_series(actor, case_of(actor, details=number))
    second = services.plan_series(actor, case_of(actor, details=number))
    assert [f.due_at for f in first] == [at(1, 9, month=12), at(24, 9, month=12)]
    # The next agreed window after: the morning after.
    assert [f.due_at for f in second] == [at(2, 9, month=12), at(25, 9, month=12)]
    clock.freeze(at(24, 12))
    change(world, SOONER)
    [day_one, day_two] = sorted(f.due_at for f in (first[0], second[0]))
    assert day_two - day_one >= timedelta(hours=1)


MORNING = st.tuples(st.sets(st.integers(0, 6), min_size=1), st.integers(0, 22), st.integers(1, 5))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    weekly=st.lists(MORNING, min_size=1, max_size=3),
    offset=st.integers(0, 60 * 24 * 14),
    others=st.lists(st.integers(0, 60 * 24 * 21), max_size=6),
    zone=st.sampled_from(["America/Toronto", "America/St_Johns", "America/Regina"]),
)
def test_a_free_moment_is_agreed_and_an_hour_from_any_other_call(
    weekly: Any, offset: int, others: list[int], zone: str
) -> None:
    """R10 and R33 for any plan, across the change of clocks in November."""
    begin = at(25, 0, month=10)
    plan = plan_of(
        *windows_of(
            *(
                (days, f"{hour:02d}:00", f"{min(hour + long, 23):02d}:00")
                for days, hour, long in weekly
            )
        ),
        zone=zone,
    )
    earliest = begin + timedelta(minutes=offset)
    taken = [begin + timedelta(minutes=minutes) for minutes in others]
    moment = free_moment(plan, earliest, taken)
    if moment is None:
        assert free_moment(plan, earliest) is None or taken
        return
    assert moment >= earliest
    assert safe_time.is_within(plan, moment)
    assert all(abs(moment - other) >= APART for other in taken)
