"""A person in danger from violence has no case that is not sensitive (R19)."""

from typing import Any

import pytest

from casework import cases, database, people
from casework.cases.models import Case, ClosureCode
from casework.directory.needs import NeedCode
from tests.referrals.scenes import case_for

FOOD, VIOLENCE = NeedCode.FOOD, NeedCode.VIOLENCE_SHELTER


def opened(world: Any, person: Any, **more: Any) -> Case:
    return cases.services.open_case(world.amina.actor, person, needs=[FOOD], **more)


def test_a_second_case_of_a_survivor_is_sensitive_from_the_start(world: Any) -> None:
    first = case_for(world.amina.actor, VIOLENCE)
    assert opened(world, first.person).is_sensitive
    assert opened(world, first.person, is_sensitive=False).is_sensitive


def test_so_is_one_opened_after_the_first_has_closed(world: Any) -> None:
    amina = world.amina.actor
    first = case_for(amina, VIOLENCE)
    cases.services.close_case(amina, first, closure=ClosureCode.NEED_MET)
    assert opened(world, first.person).is_sensitive


@pytest.mark.parametrize("is_closed", [False, True])
def test_what_is_said_in_one_case_makes_the_others_sensitive(world: Any, is_closed: bool) -> None:
    amina = world.amina.actor
    first = case_for(amina, FOOD)
    second = opened(world, first.person)
    if is_closed:
        cases.services.close_case(amina, first, closure=ClosureCode.NEED_MET)
    assert not first.is_sensitive
    cases.services.add_needs(amina, second, codes=[VIOLENCE])
    assert first.is_sensitive
    assert second.is_sensitive
    assert second.person.is_sensitive


def test_a_sensitive_case_without_such_a_need_marks_the_person(world: Any) -> None:
    first = case_for(world.amina.actor, FOOD)
    opened(world, first.person, is_sensitive=True)
    assert first.person.is_sensitive
    assert first.is_sensitive


def test_somebody_else_on_the_same_number_is_not_touched(world: Any) -> None:
    """R33: no case reveals another."""
    amina = world.amina.actor
    hers, theirs = case_for(amina, FOOD), case_for(amina, FOOD)
    cases.services.add_needs(amina, hers, codes=[VIOLENCE])
    assert not theirs.is_sensitive
    assert not theirs.person.is_sensitive


def test_marking_a_record_twice_is_told_once(world: Any, db: Any) -> None:
    amina = world.amina.actor
    case = case_for(amina, VIOLENCE)
    people.services.mark_sensitive(amina, case.person)
    database.commit()
    told = db.session.execute(
        db.text("SELECT count(*) FROM audit_entry WHERE action = 'person:mark_sensitive'")
    )
    assert told.scalar_one() == 1
