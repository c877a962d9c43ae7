"""The contact plan: checked when written, strictest when read, stale when two people write (R9-R14)."""

from datetime import timedelta
from typing import Any

import pytest

from casework import database
from casework.database import Refused, StaleVersion
from casework.people import queries, services
from casework.people.contact_plan import Plan
from casework.people.date_checks import OneOffBackwards, OneOffUnfinished
from casework.people.models import Purpose, VoicemailRule, WhenToCall
from casework.people.plan_checks import (
    CodeWordTooShort,
    NoTimeAgreed,
    NoWayToReach,
    NoWindows,
    QuestionUnfinished,
    UnknownTimeZone,
    WindowBackwards,
    WindowUnfinished,
    check_callable,
    clean_plan,
)
from tests.people.records import keep_person


def opened(world: Any, person: Any) -> Plan:
    """Open the plan that calls obey."""
    return services.open_plan(world.amina.actor, person, purpose="test")


def test_unknown_is_read_as_the_most_careful(world: Any, db: Any) -> None:
    """R11: no voicemail, no text, and no window means ask first."""
    person = services.register_person(world.amina.actor, details={}, plan={})
    plan = services.open_own_plan(world.amina.actor, person, purpose="test")
    assert plan.when is WhenToCall.ASK_FIRST
    assert plan.voicemail_rule is VoicemailRule.NEVER
    assert not plan.is_text_allowed
    assert not plan.is_caller_id_shown
    assert plan.time_zone == "America/Toronto"


@pytest.mark.parametrize(
    ("plan", "refusal"),
    [
        ({"windows": [{"days": [0], "start": "17:00", "end": "09:00"}]}, WindowBackwards),
        ({"windows": [{"days": [0], "start": "09:00", "end": "09:00"}]}, WindowBackwards),
        ({"windows": [{"days": [], "start": "09:00", "end": "11:00"}]}, WindowUnfinished),
        ({"windows": [{"days": [0], "start": "", "end": "11:00"}]}, WindowUnfinished),
        ({"windows": [{"days": [0], "start": "9h", "end": "11:00"}]}, WindowUnfinished),
        ({"windows": [{"days": [7], "start": "09:00", "end": "11:00"}]}, WindowUnfinished),
        # What no clock on a wall shows: it would stop every later reading of the plan (R10).
        ({"windows": [{"days": [0], "start": "09:00Z", "end": "11:00"}]}, WindowUnfinished),
        ({"windows": [{"days": [0], "start": "09:00Z", "end": "11:00Z"}]}, WindowUnfinished),
        ({"windows": [{"days": [0], "start": "09:00:00", "end": "09:00:30"}]}, WindowBackwards),
        ({"one_offs": [("2026-12-24", "09:00+01", "11:00")]}, OneOffUnfinished),
        ({"one_offs": [("2026-12-24", "09:00Z", "11:00Z")]}, OneOffUnfinished),
        ({"one_offs": [("2026-12-24", "09:00:00", "09:00:30")]}, OneOffBackwards),
        ({"when": "windows", "windows": []}, NoWindows),
        ({"time_zone": "Eastern"}, UnknownTimeZone),
        ({"code_word": "?!"}, CodeWordTooShort),
        ({"agreed_questions": [{"question": "Who?", "answer": ""}]}, QuestionUnfinished),
    ],
)
def test_a_plan_that_cannot_be_is_refused_beside_its_field(
    plan: dict[str, Any], refusal: type[Refused]
) -> None:
    with pytest.raises(refusal) as caught:
        clean_plan(plan)
    assert caught.value.field


def test_a_planned_call_needs_a_way_and_a_time(world: Any, db: Any) -> None:
    """R11."""
    person = keep_person(world.amina.actor)
    plan = opened(world, person)
    check_callable(plan, has_way=True)
    with pytest.raises(NoWayToReach):
        check_callable(plan, has_way=False)
    unknown = services.register_person(world.amina.actor, details={}, plan={})
    ask_first = services.open_own_plan(world.amina.actor, unknown, purpose="test")
    with pytest.raises(NoTimeAgreed):
        check_callable(ask_first, has_way=True)


def test_what_is_not_said_stays(world: Any, db: Any) -> None:
    person = keep_person(world.amina.actor)
    services.change_plan(world.amina.actor, person, plan={"cover_name": "Julie"})
    plan = opened(world, person)
    assert plan.cover_name == "Julie"
    assert plan.has_code_word
    assert plan.when is WhenToCall.WINDOWS
    services.change_plan(world.amina.actor, person, plan={"code_word": ""})
    assert not opened(world, person).has_code_word


def test_the_second_of_two_who_save_a_plan_is_told(world: Any, db: Any) -> None:
    person = keep_person(world.amina.actor)
    seen = queries.plan_of(world.amina.actor, person.id).version
    services.change_plan(world.amina.actor, person, plan={"when": "will_call_us"}, version=seen)
    with pytest.raises(StaleVersion):
        services.change_plan(world.louis.actor, person, plan={"when": "any_time"}, version=seen)
    assert opened(world, person).when is WhenToCall.WILL_CALL_US


def test_an_unsafe_plan_stays_so_until_a_navigator_makes_it_again(world: Any, db: Any) -> None:
    """R13."""
    person = keep_person(world.amina.actor)
    services.mark_unsafe(world.amina.actor, person)
    assert opened(world, person).is_unsafe
    services.confirm_plan(world.amina.actor, person)
    assert opened(world, person).is_unsafe
    services.change_plan(world.amina.actor, person, plan={"when": "any_time"})
    assert not opened(world, person).is_unsafe


def test_confirming_renews_the_date(world: Any, db: Any, clock: Any) -> None:
    """R14."""
    clock.freeze(database.now())
    person = keep_person(world.amina.actor)
    at = clock.advance(timedelta(days=15))
    services.confirm_plan(world.amina.actor, person)
    assert opened(world, person).last_confirmed_at == at


def test_a_number_in_two_cases_obeys_the_strictest_plan(world: Any, db: Any) -> None:
    """R33."""
    actor = world.amina.actor
    mother = keep_person(actor, plan={"when": "any_time"})
    keep_person(actor, details={"safe_name": "Karl"}, plan={"when": "will_call_us"})
    assert opened(world, mother).when is WhenToCall.WILL_CALL_US
    own = services.open_own_plan(actor, mother, purpose="test")
    assert own.when is WhenToCall.ANY_TIME


@pytest.mark.parametrize("way", [{"email": "home@mail.example"}, {"handle": "@home"}])
def test_a_shared_mailbox_counts_like_a_shared_phone(
    world: Any, db: Any, way: dict[str, str]
) -> None:
    actor = world.amina.actor
    one = keep_person(actor, details=way | {"phone": ""}, plan={"when": "any_time"})
    keep_person(actor, details=way | {"phone": ""}, plan={"when": "will_call_us"})
    assert opened(world, one).when is WhenToCall.WILL_CALL_US


def test_a_plan_that_may_no_longer_be_kept_does_not_bind_the_number(world: Any, db: Any) -> None:
    actor = world.amina.actor
    mother = keep_person(actor, plan={"when": "any_time"})
    other = keep_person(actor, plan={"when": "will_call_us"})
    services.withdraw(actor, other, Purpose.KEEP_CASE)
    assert opened(world, mother).when is WhenToCall.ANY_TIME


def test_another_services_plan_does_not_show_through_the_wall(world: Any, db: Any) -> None:
    own = keep_person(world.amina.actor, plan={"when": "any_time"})
    database.enter_service(world.south.id)
    keep_person(world.outsider.actor, plan={"when": "will_call_us"})
    database.enter_service(world.north.id)
    assert opened(world, own).when is WhenToCall.ANY_TIME
