"""Consent withdrawn in mid-series: three separate acts, each with its own end (R5, R31)."""

import pytest

from casework.background import Job
from tests.journeys.people_of_the_story import Agency, Navigator
from tests.journeys.stage import Stage, link_in, on, said_in

pytestmark = pytest.mark.processes

THEIR = ("Maya", "0142", "514-555")
DUE_NEXT_MORNING = on(25, 9, 30)


def _a_place_is_held(live: Stage, amina: Navigator) -> tuple[str, str, Agency]:
    """Open a case, and let the shelter hold a place and a call-back be planned."""
    ref = amina.opens_a_case(needs=["shelter"], days="any_day", code_word="river stone")
    request = amina.asks(ref, "Foyer du Pont")
    shelter = Agency(live, live.link())
    shelter.holds_a_place("tomorrow")
    return ref, request, shelter


def test_ending_calls_stops_every_call_and_keeps_the_place(live: Stage) -> None:
    """R5, R31: also the reminder that a worker already has in its hands."""
    amina = Navigator(live, live.world.amina)
    ref, request, _shelter = _a_place_is_held(live, amina)
    call = amina.case(ref).link("/follow-ups/", ending="/call")
    amina.withdraws(ref, "call_back")
    assert "Place held until" in amina.browser.open(request).text
    live.now_is(DUE_NEXT_MORNING)
    # A task that a worker took just before the withdrawal looks again before it acts.
    live.rows("UPDATE reminder SET status = 'scheduled', wake_at = :at", at=DUE_NEXT_MORNING)
    assert [m for m in live.remind() if "my-day" in m.get_content()] == []
    assert live.rows("SELECT kind FROM notice WHERE kind IN ('call_back_due', 'tell_person')") == []
    assert "no consent to be called back" in amina.case(ref).text
    assert not amina.my_day().has_link("/follow-ups/", ending="/call")
    assert "Consent withdrawn" in amina.browser.open(call).text
    states = "SELECT DISTINCT state, cancel_reason FROM follow_up"
    assert live.rows(states) == [("cancelled", "consent_withdrawn")]
    live.nothing_leaked(THEIR)


def test_then_sharing_then_keeping_each_ends_what_is_its_own(live: Stage) -> None:
    """R5: the request is recalled and its link dead at once; then the case closes."""
    amina = Navigator(live, live.world.amina)
    ref, request, _shelter = _a_place_is_held(live, amina)
    amina.browser.open(request)
    amina.browser.press("/link")
    arrival = live.link()
    assert Agency(live, arrival).browser.page.status == 200
    amina.withdraws(ref, "call_back")
    amina.withdraws(ref, "share_with_partner")
    assert live.browser().goes(arrival) == 404, "dead within the transaction, before any job"
    [letter] = [mail for mail in live.post() if "/r/" in mail.get_content()]
    told = Agency(live, link_in(letter))
    for word in (*THEIR, ref, "consent", "consentement", "Hébergement"):
        assert word not in told.page.text + said_in(letter)
    assert "retirée" in told.page.text or "withdrawn" in told.page.text
    assert live.rows("SELECT state, reason FROM referral") == [("withdrawn", None)]
    assert live.rows('SELECT status FROM "case"') == [("open",)]

    amina.withdraws(ref, "keep_case")
    closed = 'SELECT status, closure FROM "case"'
    assert live.rows(closed) == [("closed", "consent_withdrawn")]
    live.now_is(on(26, 9, 30))
    live.turn(Job.END_CONSENTS, Job.REFERRAL_CLOCKS)
    assert live.remind() == [], "no task goes on after the end (SORMAS #1710)"
    live.nothing_leaked([*THEIR, "river stone"])


def test_consents_that_run_out_end_by_themselves_and_the_navigator_was_warned(live: Stage) -> None:
    """R6, R31: three days before a warning; at the end the case closes, and the place stays held."""
    amina = Navigator(live, live.world.amina)
    ref, _request, _shelter = _a_place_is_held(live, amina)
    live.now_is(on(21, 12, month=12))
    live.turn(Job.WARN_OF_CONSENTS, Job.WARN_OF_CONSENTS)
    warned = "SELECT count(*) FROM notice WHERE kind = 'consent_ending'"
    assert live.rows(warned) == [(1,)]
    live.now_is(on(25, 12, month=12))
    live.turn(Job.END_CONSENTS)
    running = (
        "SELECT count(*) FROM consent WHERE purpose = 'share_with_partner' AND ended_at IS NULL"
    )
    assert live.rows(running) == [(0,)]
    assert live.rows("SELECT state FROM referral") == [("accepted",)]
    live.now_is(on(9, 12, month=1).replace(year=2027))
    live.turn(Job.END_CONSENTS)
    closed = 'SELECT status, closure FROM "case"'
    assert live.rows(closed) == [("closed", "consent_expired")]
    assert live.rows("SELECT state FROM referral") == [("accepted",)]
    planned = "SELECT count(*) FROM follow_up WHERE state = 'scheduled'"
    assert live.rows(planned) == [(0,)]
    assert "Consent expired" in amina.case(ref).text
    live.nothing_leaked([*THEIR, "river stone"])
