"""On a call-back somebody asks that everything be forgotten: a third act, with an end of its own (R17, R31)."""

import pytest

from casework.background import Job
from tests.journeys.people_of_the_story import Agency, Navigator
from tests.journeys.stage import Stage, on, said_in

pytestmark = pytest.mark.processes

THEIR = ("Maya", "0142", "514-555", "river stone")
TABLES = (
    '"case"', "case_need", "case_note", "case_event", "person", "contact_plan", "consent",
    "person_access", "referral", "referral_event", "referral_link", "follow_up", "reminder",
    "attempt", "data_key", "index_term",
)  # fmt: skip


def _a_place_is_held_and_a_call_is_due(live: Stage, amina: Navigator) -> tuple[str, str]:
    """Open a case, let the shelter hold a place by its link, and let the next morning come."""
    ref = amina.opens_a_case(needs=["shelter"], days="any_day", code_word="river stone")
    amina.asks(ref, "Foyer du Pont")
    link = live.link()
    Agency(live, link).holds_a_place("tomorrow")
    live.now_is(on(25, 9, 30))
    live.remind()
    return ref, link


def _asks_to_be_forgotten(amina: Navigator, ref: str) -> None:
    """She is recognised on the call; the page says what goes and warns of the held place."""
    amina.starts_to_call(ref)
    amina.recognises("river stone")
    page = amina.browser.open(amina.case(ref).link("/cases/", ending="/erase"))
    assert "Confirm who is on the line" not in page.text
    assert "A place is held for this person" in page.text
    page = amina.browser.send(page.form(offering="ref"), ref="C-222222", status=422)
    page = amina.browser.send(page.form(offering="ref"), ref=ref)
    assert "The record is erased" in page.text
    assert page.url == "/erased"


def test_she_is_forgotten_and_nobody_is_told_more_than_withdrawn(live: Stage) -> None:
    amina = Navigator(live, live.world.amina)
    ref, link = _a_place_is_held_and_a_call_is_due(live, amina)
    call = amina.case(ref).link("/follow-ups/", ending="/call")
    live.post()
    _asks_to_be_forgotten(amina, ref)
    for path in (f"/cases/{ref}", f"/look-up/{ref}/identity", call):
        assert amina.browser.goes(path) == 404
    assert live.browser().goes(link) == 404, "dead within the transaction, before any job"
    [letter] = live.post()
    assert letter["To"] == "foyer-du-pont@agency.example"
    for word in (*THEIR, ref, "/r/", "consent", "Hébergement", "efface"):
        assert word not in said_in(letter)
    for table in TABLES:
        assert live.rows(f"SELECT count(*) FROM {table}") == [(0,)], table
    # What the supervisors hear is about the tombstone alone.
    told = live.rows(
        "SELECT kind, subject_type, subject_id IN (SELECT id FROM erasure) FROM notice"
    )
    assert set(told) == {("erased_by_voice", "erasure", True)}
    assert live.rows("SELECT reason, person_id IS NOT NULL FROM erasure") == [
        ("persons_wish", True)
    ]
    live.now_is(on(1, 10, month=12))
    live.turn(Job.ROLL_WINDOWS, Job.CLAIM_REMINDERS, Job.REFERRAL_CLOCKS, Job.END_CONSENTS)
    assert live.remind() == []
    amina.looks_up("514 555 0142")
    assert "Nothing opens with this" in amina.asks_who_it_is(code_word="river stone").text
    assert amina.opens_a_case(code_word="river stone") != ref, "she may call again, as somebody new"
    live.nothing_leaked(THEIR[:-1])


def test_ending_calls_or_sharing_forgets_nothing(live: Stage) -> None:
    """R31: three separate acts; the first two leave the case where it is."""
    amina = Navigator(live, live.world.amina)
    ref, _link = _a_place_is_held_and_a_call_is_due(live, amina)
    amina.withdraws(ref, "call_back")
    assert live.rows("SELECT state FROM referral") == [("accepted",)]
    amina.withdraws(ref, "share_with_partner")
    assert live.rows('SELECT status FROM "case"') == [("open",)]
    page = amina.browser.open(f"/cases/{ref}/erase")
    assert "Confirm who is on the line" in page.text
    amina.browser.send_raw(f"/cases/{ref}/erase", {"ref": ref}, status=422)
    assert live.rows("SELECT count(*) FROM erasure") == [(0,)]
    amina.looks_up(ref)
    amina.asks_who_it_is(code_word="river stone")
    page = amina.browser.open(f"/cases/{ref}/erase")
    amina.browser.send(page.form(offering="ref"), ref=ref)
    assert live.rows('SELECT count(*) FROM "case"') == [(0,)]
    live.nothing_leaked(THEIR)
