"""Wrong answers are counted for an hour, per number or per case, whoever gave it (R32)."""

from datetime import timedelta
from typing import Any

import pytest

from casework import database
from casework.notices import queries as notices
from casework.notices.models import NoticeKind
from casework.people import services as people
from tests.cases.openings import PHONE, WORD, ask, can_open, open_case
from tests.world import World

NOTHING = "Nothing opens with this"
LOCKED = "Five tries did not fit within an hour."


@pytest.mark.parametrize("has_case", [True, False])
def test_after_five_wrong_answers_a_number_opens_nothing_for_an_hour(
    world: World, visitor: Any, has_case: bool
) -> None:
    """R32: counted for the number, whoever gave it, and the supervisors are told."""
    if has_case:
        open_case(world.louis.actor)
    browser = visitor(world.amina)
    for _ in range(5):
        assert NOTHING in ask(browser, PHONE, code_word="rosebush").get_data(as_text=True)
    answer = ask(browser, PHONE, code_word=WORD)
    assert answer.status_code == 422
    assert LOCKED in answer.get_data(as_text=True)
    told = [notice.kind for notice in notices.unseen(world.sophie.actor)]
    assert told == [NoticeKind.IDENTITY_LOCKED]


def test_after_five_wrong_answers_a_reference_opens_nothing_for_an_hour(
    world: World, visitor: Any, clock: Any
) -> None:
    clock.freeze(database.now())
    case = open_case(world.louis.actor)
    browser = visitor(world.amina)
    for _ in range(5):
        assert NOTHING in ask(browser, case.ref, code_word="rosebush").get_data(as_text=True)
    assert LOCKED in ask(browser, case.ref, code_word=WORD).get_data(as_text=True)
    assert len(notices.unseen(world.sophie.actor)) == 1
    clock.advance(timedelta(minutes=61))
    answer = ask(visitor(world.amina), case.ref, code_word=WORD)
    assert answer.headers["Location"] == f"/cases/{case.ref}"


def test_a_right_answer_does_not_give_new_tries_to_guess_at_another(
    world: World, visitor: Any
) -> None:
    """Whoever shares a phone and knows their own word may not guess at the other one for ever."""
    open_case(world.louis.actor)
    his = open_case(world.louis.actor, plan={"code_word": "Silver birch"})
    browser = visitor(world.amina)
    for guess in ("oak", "elm", WORD, "ash", "fir", "yew"):
        ask(browser, PHONE, code_word=guess)
    assert LOCKED in ask(browser, PHONE, code_word="silver birch").get_data(as_text=True)
    assert not can_open(world.amina, his)


def test_a_failed_answer_does_not_mark_the_plan_unsafe(world: World, visitor: Any) -> None:
    """R13 is about calls we make: a stranger's call must not stop the person's own."""
    case = open_case(world.louis.actor)
    ask(visitor(world.amina), PHONE, code_word="rosebush")
    plan = people.open_plan(world.louis.actor, case.person, purpose="test")
    assert not plan.is_unsafe


def test_saying_nothing_is_no_try(world: World, visitor: Any) -> None:
    open_case(world.louis.actor)
    browser = visitor(world.amina)
    for _ in range(6):
        assert ask(browser, PHONE, code_word="  ").status_code == 422
    assert ask(browser, PHONE, code_word=WORD).status_code == 302
