"""Story 1 of mission.md: a mother and her three children flee violence; told on real parts."""

from datetime import timedelta
from email.message import EmailMessage

import pytest

from casework.background import Job
from tests.journeys.people_of_the_story import Agency, Navigator
from tests.journeys.stage import Stage, on, said_in

pytestmark = pytest.mark.processes

CODE_WORD = "blue kettle"
HER = ("Mrs. H.", "0187", CODE_WORD, "Halal")
SHELTERS = ("Cedar Lane", "Érables", "Rivage")
FIRST_CONTACT = {
    "phone": "613 555 0187",
    "safe_name": "Mrs. H.",
    "voicemail": "never",
    "times": ["morning", "afternoon"],  # daytime: she must not be called in the evening
    "days": "any_day",
    "code_word": CODE_WORD,
    "culture_faith": "Halal, women only",
    "needs": ["violence_shelter", "transport"],
    "children": "3",
    "then": "refer",
}
AGREED_TO_TELL = {"access": "Halal meals, women only", "arrival": "This afternoon"}


def _two_shelters_are_full(live: Stage, amina: Navigator, ref: str) -> tuple[Agency, str]:
    """One declines by its link, one on the phone; each time the next is asked in two clicks."""
    amina.asks(ref, "Cedar Lane House", **AGREED_TO_TELL)
    first = Agency(live, live.link())
    assert "Halal" not in first.page.text
    assert "Halal meals, women only" in first.looks_closer().text
    first.declines("no_capacity")
    second = amina.asks_the_next(ref, "Maison des Érables")
    live.post()
    amina.records_answer(second, reply="decline", reason="no_capacity")
    amina.case(ref)
    return first, amina.asks_the_next(ref, "Maison Rivage")


def _volunteer_drives(live: Stage, amina: Navigator, ref: str) -> Agency:
    """A volunteer is asked to drive to a neutral meeting point, and told nothing else."""
    amina.asks(
        ref,
        "Volunteer Wheels",
        number=1,
        meeting_point="Central library, main door",
        urgency="urgent",
    )
    volunteer = Agency(live, live.link(), "en-CA")
    assert "Central library, main door" in volunteer.looks_closer().text
    volunteer.holds_a_place("4h")
    return volunteer


def _she_is_told_in_time(live: Stage, amina: Navigator, ref: str) -> None:
    """The task is due before the hold ends, within her hours; one reminder and one mail (R36)."""
    tell = live.rows(
        "SELECT f.latest_at = r.hold_until, f.window_closes_at FROM follow_up f "
        "JOIN referral r ON r.id = f.referral_id "
        "WHERE f.state = 'scheduled' AND f.latest_at = :tonight",
        tonight=on(24, 20),
    )
    assert tell == [(True, on(24, 17))]
    mails = live.remind()
    assert [mail["To"] for mail in mails] == ["amina@north.example"]
    assert "http://localhost/my-day" in mails[0].get_content()
    assert mails[0]["Subject"] == "1 call-back due"
    day = amina.my_day()
    assert "1 person can be called now" in day.text
    assert "An agency answered: tell the person" in day.text
    assert ref in day.text
    assert live.remind() == [], "a reminder is shown once"
    amina.starts_to_call(ref)
    assert "613-555-0187" in amina.browser.page.text
    for hidden in ("violence", "Transport", "Rivage", "Place held", "We hold a place"):
        assert hidden not in amina.browser.page.text
    told = amina.recognises("Blue Kettle")
    assert "Maison Rivage" in told.text
    assert "8 p.m." in told.text
    amina.ends_the_call(
        still_ok="yes", next_call="series", told="told", outcome_0="pending", outcome_1="pending"
    )
    planned = "SELECT kind FROM follow_up WHERE state = 'scheduled' ORDER BY due_at LIMIT 1"
    assert live.rows(planned) == [("call_back",)]


def _she_arrives(live: Stage) -> Agency:
    """When the hold ends the shelter is asked by a new link, and says in one tap that she is there."""
    live.now_is(on(24, 20, 1))
    live.turn(Job.REFERRAL_CLOCKS)
    letters = [m for m in live.post() if "/r/" in m.get_content()]
    shelter = Agency(live, _only_link_to(letters, "maison-rivage"))
    shelter.says("arrived")
    return shelter


def _only_link_to(letters: list[EmailMessage], name: str) -> str:
    [letter] = [letter for letter in letters if name in letter["To"]]
    return letter.get_content().split("http://localhost")[1].split()[0]


def _she_says_that_she_is_safe(live: Stage, amina: Navigator, ref: str) -> None:
    live.now_is(on(25, 10, 30))
    assert [mail["To"] for mail in live.remind()] == ["amina@north.example"]
    assert amina.my_day().has_link("/follow-ups/", ending="/call")
    amina.reaches(ref, CODE_WORD, outcome_0="met", outcome_1="met")


def test_a_mother_and_her_children_find_a_place_and_nobody_learns_where(live: Stage) -> None:
    """R4, R5, R10, R12, R13, R16, R28, R36, and who may see what at the end."""
    amina = Navigator(live, live.world.amina)
    ref = amina.opens_a_case(**FIRST_CONTACT)
    first, third = _two_shelters_are_full(live, amina, ref)
    shelter = Agency(live, live.link())
    for asked in (first, shelter):
        asked.browser.never_saw(*HER[:3], ref)
    assert "3 enfants" in shelter.page.text
    shelter.holds_a_place("tonight", bring="Aucun document")
    volunteer = _volunteer_drives(live, amina, ref)
    live.later(timedelta(minutes=20))
    _she_is_told_in_time(live, amina, ref)
    arrived = _she_arrives(live)
    _she_says_that_she_is_safe(live, amina, ref)

    happened = amina.browser.open("/what-happened-next").text
    assert "Need met" in happened
    for secret in (*SHELTERS, *HER):
        assert secret not in happened
    volunteer.browser.never_saw(*SHELTERS, *HER, ref, "violence", "héberg", "shelter")
    arrived.browser.never_saw(*HER, ref)
    for other in (live.world.louis, live.world.sophie, live.world.outsider):
        stranger = Navigator(live, other)
        assert stranger.cannot_open(ref)
        assert stranger.browser.goes(third) == 404
    live.nothing_leaked([*HER, *SHELTERS, "613555", "613-555"])
    _mails_say_nothing(live, ref)


def _mails_say_nothing(live: Stage, ref: str) -> None:
    """R12: of a request, a count and a link; of a call-back, a count, a time and a link."""
    assert len(live.mails()) == 8, [(m["To"], m["Subject"]) for m in live.mails()]
    for mail in live.mails():
        said = said_in(mail).lower()
        for word in ("violence", "refuge", "shelter", "child", "enfant", ref.lower(), "library"):
            assert word not in said
