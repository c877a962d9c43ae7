"""Somebody calls back: what they say decides what opens, never what they are found by (R32, R33, R37)."""

from datetime import timedelta
from typing import Any

import pytest

from casework import database
from casework.audit import EntryFilter, entries
from casework.cases import queries, services
from casework.cases.models import ClosureCode, EventKind
from casework.directory.needs import NeedCode
from casework.people.models import Purpose
from tests.cases.openings import PHONE, WORD, ask, can_open, open_case
from tests.people.records import KEEP_AND_CALL
from tests.world import World

NOTHING = "Nothing opens with this"


def visible(page: Any) -> str:
    """Give the page without its token, which differs from visit to visit."""
    lines = page.get_data(as_text=True).splitlines()
    return "\n".join(line for line in lines if "csrf" not in line)


@pytest.mark.parametrize("find", [PHONE, "(514) 555 0142", "+1 514 555-0142"])
def test_a_person_who_says_the_word_is_recognised_by_phone(
    world: World, visitor: Any, find: str
) -> None:
    """R32: any navigator of the service may answer the person who calls back."""
    case = open_case(world.louis.actor)
    answer = ask(visitor(world.amina), find, code_word="blue  HERON")
    assert answer.headers["Location"] == f"/cases/{case.ref}"
    assert can_open(world.amina, case)


def test_email_and_handle_find_a_person_too(world: World, visitor: Any) -> None:
    """R37: an email or a chat handle stands in for a phone."""
    ways = {"phone": None, "email": "maya@example.ca", "handle": "@Maya.T"}
    case = open_case(world.louis.actor, details=ways)
    browser = visitor(world.amina)
    for find in ("Maya@example.ca", "maya.t"):
        answer = ask(browser, find, code_word=WORD)
        assert answer.headers["Location"] == f"/cases/{case.ref}"


def test_a_reference_alone_opens_nothing(world: World, visitor: Any) -> None:
    """R32: a reference is not identity."""
    case = open_case(world.louis.actor)
    browser = visitor(world.amina)
    page = browser.follow(browser.submit("/look-up", {"find": case.ref.lower().replace("-", "")}))
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "Maya" not in text
    assert "Food" not in text
    assert not can_open(world.amina, case)
    assert ask(browser, case.ref, code_word=WORD).headers["Location"] == f"/cases/{case.ref}"


def test_the_sight_of_a_case_ends_with_the_shift(world: World, visitor: Any, clock: Any) -> None:
    clock.freeze(database.now())
    case = open_case(world.louis.actor)
    ask(visitor(world.amina), PHONE, code_word=WORD)
    clock.advance(timedelta(hours=12))
    assert not can_open(world.amina, case)
    assert can_open(world.louis, case)


def test_an_agreed_question_is_asked_and_its_answer_opens(world: World, visitor: Any) -> None:
    question = {"question": "Which river did we speak of?", "answer": "Saguenay"}
    case = open_case(world.louis.actor, plan={"code_word": "", "agreed_questions": [question]})
    browser = visitor(world.amina)
    page = browser.get(f"/look-up/{case.ref}/identity").get_data(as_text=True)
    assert "Which river did we speak of?" in page
    assert "Saguenay" not in page
    answer = browser.post(f"/look-up/{case.ref}/identity", {"agreed": "saguenay"})
    assert answer.headers["Location"] == f"/cases/{case.ref}"


def test_two_household_facts_open_where_nothing_was_agreed(world: World, visitor: Any) -> None:
    facts = {"full_name": "Émile Roy", "area": "Old Mill"}
    case = open_case(world.louis.actor, details=facts, plan={"code_word": "", "phone_kind": "own"})
    browser = visitor(world.amina)
    assert NOTHING in ask(browser, PHONE, full_name="Emile Roy").get_data(as_text=True)
    answer = ask(browser, PHONE, full_name="Emile Roy", area="old mill")
    assert answer.headers["Location"] == f"/cases/{case.ref}"


def test_what_somebody_was_found_by_proves_nothing(world: World, visitor: Any) -> None:
    """An email address cannot be both the question and one of the two answers."""
    facts = {"full_name": "Émile Roy", "email": "emile@example.ca"}
    open_case(world.louis.actor, details=facts, plan={"code_word": "", "phone_kind": "own"})
    said = {"full_name": "Emile Roy", "email": "emile@example.ca"}
    answer = ask(visitor(world.amina), "emile@example.ca", **said)
    assert NOTHING in answer.get_data(as_text=True)


def test_a_wrong_word_an_unknown_number_and_no_case_all_look_the_same(
    world: World, visitor: Any
) -> None:
    """R33: nothing tells how many share a number, nor whether anybody does."""
    browser = visitor(world.amina)
    before = visible(ask(browser, PHONE, code_word="rosebush"))
    open_case(world.louis.actor)
    alone = visible(ask(browser, PHONE, code_word="rosebush"))
    open_case(world.louis.actor, plan={"code_word": "Silver birch"})
    shared = visible(ask(browser, PHONE, code_word="rosebush"))
    assert before == alone == shared
    assert NOTHING in before


def test_the_identity_step_looks_the_same_whoever_gave_the_number(
    world: World, visitor: Any
) -> None:
    browser = visitor(world.amina)
    before = visible(browser.submit("/look-up", {"find": PHONE}))
    open_case(world.louis.actor)
    open_case(world.louis.actor, plan={"code_word": "Silver birch"})
    assert visible(browser.submit("/look-up", {"find": PHONE})) == before


def test_each_of_a_couple_on_one_phone_opens_their_own_case_only(
    world: World, visitor: Any
) -> None:
    """R33: they never learn of each other's case, and neither does whoever answers."""
    hers = open_case(world.louis.actor)
    his = open_case(world.sophie.actor, plan={"code_word": "Silver birch"})
    browser = visitor(world.amina)
    answer = ask(browser, PHONE, code_word=WORD)
    assert answer.headers["Location"] == f"/cases/{hers.ref}"
    assert can_open(world.amina, hers)
    assert not can_open(world.amina, his)
    answer = ask(browser, PHONE, code_word="silver birch")
    assert answer.headers["Location"] == f"/cases/{his.ref}"


def test_one_of_a_couple_leaves_no_trace_in_the_other_ones_case(world: World, visitor: Any) -> None:
    """R33: a line such as "identity not confirmed" would tell that somebody on this phone called."""
    hers = open_case(world.louis.actor)
    his = open_case(world.louis.actor, plan={"code_word": "Silver birch"})
    browser = visitor(world.amina)
    ask(browser, PHONE, code_word="rosebush")
    ask(browser, PHONE, code_word=WORD)
    for case in (hers, his):
        kinds = {event.kind for event in queries.timeline(world.louis.actor, case)}
        assert EventKind.IDENTITY_FAILED not in kinds


def test_the_same_word_of_two_people_opens_neither(world: World, visitor: Any) -> None:
    cases = [open_case(world.louis.actor) for _ in range(2)]
    assert NOTHING in ask(visitor(world.amina), PHONE, code_word=WORD).get_data(as_text=True)
    assert not any(can_open(world.amina, case) for case in cases)


def test_the_newest_open_case_of_a_person_is_opened(world: World, visitor: Any) -> None:
    first = open_case(world.louis.actor)
    services.close_case(world.louis.actor, first, closure=ClosureCode.NEED_MET)
    answer = ask(visitor(world.amina), PHONE, code_word=WORD)
    assert answer.headers["Location"] == f"/cases/{first.ref}"
    second = services.open_case(world.louis.actor, first.person, needs=[NeedCode.RENT])
    answer = ask(visitor(world.amina), PHONE, code_word=WORD)
    assert answer.headers["Location"] == f"/cases/{second.ref}"


@pytest.mark.parametrize(
    ("find", "told"),
    [
        ("", "Write a phone"),
        ("514-555", "too short"),
        ("911 911 911 911 911", "too long"),
        ("maya@", "not possible"),
        ("C-ABCDEF", "No case here has this reference"),
        ("@", "Write a phone"),
    ],
)
def test_what_cannot_be_looked_up_is_explained(
    world: World, visitor: Any, find: str, told: str
) -> None:
    answer = visitor(world.amina).submit("/look-up", {"find": find})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert told in page
    assert f'value="{find}"' in page


def test_the_new_case_page_leads_here_with_the_number_already_typed(
    world: World, visitor: Any
) -> None:
    answer = visitor(world.amina).submit("/look-up", {"phone": PHONE, "safe_name": "Maya"})
    page = answer.get_data(as_text=True)
    assert "Who is on the line?" in page
    assert PHONE in page
    assert "Maya" not in page


def test_a_number_never_stands_in_an_address(world: World, visitor: Any) -> None:
    """R18: a phone in a query string is ignored, not looked up."""
    page = visitor(world.amina).get(f"/look-up?find={PHONE}&phone={PHONE}").get_data(as_text=True)
    assert PHONE not in page.replace("Such as 514-555-0142", "").split("next")[-1]


def test_a_case_opens_without_a_caller_for_a_reason_of_ones_role(
    world: World, visitor: Any
) -> None:
    """R29: the reason is written down, and a navigator cannot give a supervisor's."""
    case = open_case(world.louis.actor)
    browser, url = visitor(world.amina), f"/look-up/{case.ref}/open"
    assert browser.submit(url, {}).status_code == 422
    assert browser.post(url, {"reason": "quality_review"}).status_code == 422
    assert not can_open(world.amina, case)
    answer = browser.post(url, {"reason": "agency_called"})
    assert answer.headers["Location"] == f"/cases/{case.ref}"
    [entry] = entries(world.sophie.actor, EntryFilter(action="case:admitted"))
    assert entry.detail == {"reason": "agency_called"}
    assert entry.actor_id == world.amina.account_id


def test_a_quality_review_needs_the_consent_to_it(world: World, visitor: Any) -> None:
    """R2, R29: a purpose of its own, for supervisors only."""
    closed_to_it = open_case(world.louis.actor)
    browser, reason = visitor(world.sophie), {"reason": "quality_review"}
    answer = browser.submit(f"/look-up/{closed_to_it.ref}/open", reason)
    assert answer.status_code == 422
    assert "did not agree to a quality review" in answer.get_data(as_text=True)
    agreed = open_case(world.louis.actor, purposes=[*KEEP_AND_CALL, Purpose.QUALITY_REVIEW])
    answer = browser.submit(f"/look-up/{agreed.ref}/open", reason)
    assert answer.headers["Location"] == f"/cases/{agreed.ref}"


def test_every_answer_is_audited_without_its_words(world: World, visitor: Any) -> None:
    """R21: who tried, on whom, and whether it was right; never what was said."""
    case = open_case(world.louis.actor)
    browser = visitor(world.amina)
    ask(browser, PHONE, code_word="rosebush")
    ask(browser, PHONE, code_word=WORD)
    actions = [entry.action for entry in entries(world.sophie.actor)]
    for action in ("person:find", "person:verify", "case:identity:failed", "case:admitted"):
        assert action in actions
    told = str([(e.detail, e.object_id, e.fields) for e in entries(world.sophie.actor)])
    assert "rosebush" not in told
    assert "5145550142" not in told
    assert can_open(world.amina, case)
