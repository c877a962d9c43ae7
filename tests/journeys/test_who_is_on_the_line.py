"""Who is on the line: the person calls back by themselves, somebody else answers, the word is wrong."""

import pytest

from tests.journeys.people_of_the_story import NEXT_AS_PLANNED, Agency, Navigator
from tests.journeys.stage import Stage, on

PERSON = {
    "phone": "514 555 0171",
    "safe_name": "Mireille",
    "code_word": "Blue heron",
    "needs": ["violence_shelter"],
    "days": "any_day",
    "note": "He works nights",
}
THEIR = ("Mireille", "0171", "blue heron", "works nights")
OF_THE_CASE = ("violence", "Mireille", "works nights", "Rivage", "Still in process")


@pytest.fixture
def ref(amina: Navigator) -> str:
    """Open the case of the person on the line."""
    return amina.opens_a_case(**PERSON)


def test_a_person_who_calls_back_is_recognised_by_the_word_and_not_by_the_number(
    stage: Stage, louis: Navigator, ref: str
) -> None:
    """R32: Louis has never seen the case; a wrong word and an unknown number read the same."""
    assert louis.cannot_open(ref)
    assert all(word not in louis.looks_up("514-555-0171").text for word in OF_THE_CASE)
    wrong = louis.asks_who_it_is(code_word="grey heron").text
    louis.looks_up("514-555-0172")
    unknown = louis.asks_who_it_is(code_word="grey heron").text
    assert wrong == unknown
    assert "Nothing opens with this" in wrong
    assert louis.cannot_open(ref)
    louis.looks_up("(514) 555 0171")
    opened = louis.asks_who_it_is(code_word="the BLUE heron".removeprefix("the "))
    assert opened.url == f"/cases/{ref}"
    assert "He works nights" in opened.text
    stage.nothing_leaked(THEIR)


def test_what_an_agency_answered_is_told_when_the_person_calls_first(
    stage: Stage, amina: Navigator, louis: Navigator, ref: str
) -> None:
    """R36: shown after identity; once said, nobody calls about it any more."""
    amina.case(ref)
    request = amina.asks(ref, "Maison Rivage")
    Agency(stage, stage.link()).holds_a_place("tonight")
    louis.looks_up(ref)
    page = louis.asks_who_it_is(code_word="blue heron")
    assert "Place held" in page.text
    assert "Rivage" not in page.text, "a sealed agency stays sealed until somebody asks"
    louis.browser.open(request)
    assert "Maison Rivage" in louis.browser.press("/reveal").text
    untold = "SELECT count(*) FROM follow_up WHERE kind = 'tell_person' AND state = 'scheduled'"
    assert stage.rows(untold) == [(1,)]
    planned = stage.rows("SELECT id, kind FROM follow_up WHERE state = 'scheduled'")
    said = {"tell_person": "completed", "call_back": "still_to_do"}
    answers = {f"answer_{id_}": said[kind] for id_, kind in planned}
    louis.browser.send_raw(f"/cases/{ref}/they-called", answers)
    assert stage.rows(untold) == [(0,)]


def test_five_wrong_words_close_the_way_and_tell_the_supervisors(
    stage: Stage, louis: Navigator, ref: str
) -> None:
    """R32: the right word at the sixth try opens nothing, and the plan of the person is untouched."""
    for _try in range(5):
        louis.looks_up(ref)
        louis.asks_who_it_is(code_word="grey heron")
    louis.looks_up(ref)
    form = louis.browser.page.form(offering="code_word")
    louis.browser.send(form, status=422, code_word="blue heron")
    assert louis.cannot_open(ref)
    told = "SELECT kind FROM notice"
    assert stage.rows(told) == [("identity_locked",)]
    assert stage.rows("SELECT is_unsafe FROM contact_plan") == [(False,)]


def test_a_phone_answered_by_someone_else_learns_nothing(
    stage: Stage, amina: Navigator, ref: str
) -> None:
    """Nothing is said; the screen shows nothing of the case, and the rule for the next call is asked."""
    stage.now_is(on(25, 10, 30))
    amina.starts_to_call(ref)
    assert all(word not in amina.browser.page.text for word in ("violence", "works nights"))
    form = amina.browser.page.form(offering="step", value="reach")
    amina.browser.send(form, status=422, result="reached_other_nothing_said")
    page = amina.heard("reached_other_nothing_said", rule="keep")
    assert "I have the wrong number" in page.text
    assert all(word not in page.text for word in OF_THE_CASE)
    tried = "SELECT state, attempts FROM follow_up ORDER BY due_at LIMIT 1"
    assert stage.rows(tried) == [("scheduled", 1)]
    stage.nothing_leaked(THEIR)


def test_nobody_calls_again_where_somebody_else_listens(
    stage: Stage, amina: Navigator, ref: str
) -> None:
    """“Never call this number again” holds at once, for every planned call and every navigator."""
    stage.now_is(on(25, 10, 30))
    call = amina.case(ref).link("/follow-ups/", ending="/call")
    amina.starts_to_call(ref)
    amina.heard("unsafe_to_talk", rule="not_safe")
    page = amina.browser.open(call)
    assert "not to be called" in page.text
    amina.browser.send_raw(call, {"step": "start", "override_reason": "danger"}, status=422)
    assert "0171" not in amina.browser.page.text


def test_a_wrong_word_on_a_call_shows_a_neutral_script_and_stops_the_calls(
    stage: Stage, amina: Navigator, ref: str
) -> None:
    """R13: marked as not safe, logged, and nothing of the case is shown, then or later."""
    stage.now_is(on(25, 10, 30))
    call = amina.case(ref).link("/follow-ups/", ending="/call")
    amina.starts_to_call(ref)
    page = amina.recognises("yes, it is me")
    assert "I have the wrong number" in page.text
    assert all(word not in page.text for word in OF_THE_CASE)
    amina.browser.send_raw(call, NEXT_AS_PLANNED | {"step": "finish"}, status=200)
    assert all(word not in amina.browser.page.text for word in OF_THE_CASE)
    assert stage.rows("SELECT is_unsafe FROM contact_plan") == [(True,)]
    logged = "SELECT count(*) FROM case_event WHERE kind = 'identity_failed'"
    assert stage.rows(logged) == [(1,)]
    stage.now_is(on(26, 9, 30))
    assert stage.remind() == []
    assert not amina.my_day().has_link("/follow-ups/", ending="/call")
    assert "marked as not safe" in amina.case(ref).text


def test_before_the_word_is_said_the_call_shows_the_number_and_not_the_case(
    stage: Stage, amina: Navigator, ref: str
) -> None:
    """R13: neither before dialling, nor while it rings; a “yes” is not an identity."""
    amina.case(ref)
    amina.asks(ref, "Maison Rivage")
    stage.now_is(on(25, 10, 30))
    before = amina.browser.open(amina.case(ref).link("/follow-ups/", ending="/call"))
    ringing = amina.starts_to_call(ref)
    assert "0171" not in before.html
    assert "514-555-0171" in ringing.text
    for page in (before, ringing):
        for word in ("violence", "works nights", "Rivage", "Still in process", "outcome_0"):
            assert word not in page.html
    amina.browser.send_raw(ringing.url, NEXT_AS_PLANNED | {"step": "finish", "outcome_0": "met"})
    assert stage.rows("SELECT outcome FROM case_need") == [("pending",)]
    assert "Shelter from violence" in amina.recognises("Blue Heron").text
