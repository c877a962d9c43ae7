"""Identity is what was agreed, never a number (R13, R32, R33)."""

from typing import Any

import pytest

from casework.people import services
from casework.people.models import IdentityMeans
from casework.people.policy import same_words
from tests.people.records import keep_person

FACTS = {"full_name": "Maya Torres", "children_ages": "2, 5", "area": "Laval"}
NO_WORD = {"code_word": ""}


@pytest.mark.parametrize("said", ["Blue heron", "  blue  HERON ", "blue-heron", "Blue héron"])
def test_the_code_word_is_heard_without_case_or_accents(world: Any, db: Any, said: str) -> None:
    person = keep_person(world.amina.actor)
    check = services.verify_identity(world.louis.actor, person, code_word=said)
    assert check.ok
    assert check.means is IdentityMeans.CODE_WORD


@pytest.mark.parametrize("said", ["", " ", "heron", "blue herons", "514-555-0142", "yes"])
def test_anything_else_is_not_the_code_word(world: Any, db: Any, said: str) -> None:
    person = keep_person(world.amina.actor)
    check = services.verify_identity(world.louis.actor, person, code_word=said)
    assert not check.ok
    assert check.means is IdentityMeans.FAILED


def test_an_agreed_question_stands_in_for_the_word(world: Any, db: Any) -> None:
    questions = [{"question": "Who sang?", "answer": "My aunt Rosa"}]
    person = keep_person(world.amina.actor, plan={"agreed_questions": questions})
    answers = {"agreed": "my aunt rosa"}
    assert services.verify_identity(world.amina.actor, person, answers=answers).ok
    assert not services.verify_identity(world.amina.actor, person, answers={"agreed": ""}).ok


def test_a_wrong_code_word_fails_whatever_else_is_right(world: Any, db: Any) -> None:
    """A wrong word may be said on purpose."""
    questions = [{"question": "Who sang?", "answer": "Rosa"}]
    person = keep_person(world.amina.actor, plan={"agreed_questions": questions})
    check = services.verify_identity(
        world.amina.actor, person, code_word="red fox", answers={"agreed": "Rosa"}
    )
    assert not check.ok


def test_household_facts_count_only_where_nothing_was_agreed(world: Any, db: Any) -> None:
    actor = world.amina.actor
    with_word = keep_person(actor, details=FACTS)
    without = keep_person(actor, details=FACTS | {"phone": "438-555-0111"}, plan=NO_WORD)
    answers = {"full_name": "maya torres", "area": "laval"}
    assert not services.verify_identity(actor, with_word, answers=answers).ok
    check = services.verify_identity(actor, without, answers=answers)
    assert check.ok
    assert check.means is IdentityMeans.AGREED_QUESTIONS
    assert not services.verify_identity(actor, without, answers={"full_name": "Maya Torres"}).ok
    one_wrong = answers | {"children_ages": "3"}
    assert not services.verify_identity(actor, without, answers=one_wrong).ok


def test_household_facts_prove_nothing_in_a_sensitive_record(world: Any, db: Any) -> None:
    actor = world.amina.actor
    person = keep_person(actor, details=FACTS, plan=NO_WORD)
    services.mark_sensitive(actor, person)
    answers = {"full_name": "Maya Torres", "children_ages": "2, 5"}
    assert not services.verify_identity(actor, person, answers=answers).ok


@pytest.mark.parametrize("kind", ["shared", "borrowed", "relay"])
def test_household_facts_prove_nothing_on_a_phone_others_answer(
    world: Any, db: Any, kind: str
) -> None:
    actor = world.amina.actor
    person = keep_person(actor, details=FACTS, plan=NO_WORD | {"phone_kind": kind})
    answers = {"full_name": "Maya Torres", "children_ages": "2, 5"}
    assert not services.verify_identity(actor, person, answers=answers).ok


def test_a_spouse_on_the_same_phone_cannot_answer_for_the_other(world: Any, db: Any) -> None:
    """R33: a couple on one phone must never learn of each other's case."""
    actor = world.amina.actor
    maya = keep_person(actor, details=FACTS, plan=NO_WORD)
    keep_person(actor, details={"safe_name": "Karl"}, plan={"code_word": "Red fox"})
    answers = {"full_name": "Maya Torres", "children_ages": "2, 5"}
    assert not services.verify_identity(actor, maya, answers=answers).ok
    assert not services.verify_identity(actor, maya, code_word="Red fox").ok


def test_nothing_said_is_never_the_right_word() -> None:
    assert not same_words("", "")
    assert not same_words("...", "!!!")
    assert same_words("L'été", "l’ete")
