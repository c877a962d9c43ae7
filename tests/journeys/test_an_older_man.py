"""Story 2 of mission.md, in French: an older man without bread, and the benefits question still open."""

import pytest

from casework.background import Job
from tests.journeys.people_of_the_story import Agency, Navigator
from tests.journeys.stage import Stage, on

pytestmark = pytest.mark.processes

HIS = ("M. Tremblay", "0142", "vieux moulin")
FIRST_CONTACT = {
    "spoken": "fr",
    "phone": "514 555 0142",
    "phone_kind": "own",
    "safe_name": "M. Tremblay",
    "code_word": "vieux moulin",
    "times": ["morning"],  # only on his landline, only in the morning
    "days": "weekdays",
    "needs": ["food", "benefits"],
    "then": "refer",
}


def _the_food_bank_confirms(live: Stage, louis: Navigator, ref: str) -> Agency:
    louis.asks(ref, "Moisson du Quartier")
    food_bank = Agency(live, live.link())
    assert 'lang="fr-CA"' in food_bank.page.html
    assert "Alimentation" in food_bank.page.text
    food_bank.holds_a_place(
        "tomorrow", appointment="Jeudi, 14 h", documents="Preuve de résidence", bring="Un sac"
    )
    food_bank.browser.never_saw(*HIS, ref)
    return food_bank


def _he_is_told_in_the_morning(live: Stage, louis: Navigator, ref: str) -> None:
    """The mail is in French, and counts one call."""
    [mail] = live.remind()
    assert mail["To"] == "louis@north.example"
    assert mail["Subject"] == "1 rappel prévu"
    page = louis.starts_to_call(ref)
    assert "514-555-0142" in page.text
    assert "Moisson" not in page.text
    read_out = louis.recognises("Vieux Moulin").text
    for words in (
        "Rendez-vous Jeudi, 14 h", "Documents Preuve de résidence", "À apporter Un sac",
    ):  # fmt: skip
        assert words in read_out, words
    louis.ends_the_call(still_ok="yes", next_call="series", told="told")


def _the_hamper_came(live: Stage, louis: Navigator, ref: str) -> None:
    """A week later he says so himself; the second need is referred from the same screen."""
    live.now_is(on(1, 10, 30, month=12))
    assert [mail["To"] for mail in live.remind() if "my-day" in mail.get_content()] == [
        "louis@north.example"
    ]
    louis.starts_to_call(ref)
    louis.recognises("vieux moulin")
    page = louis.ends_the_call(
        still_ok="yes", next_call="series", outcome_0="met", outcome_1="pending", then="refer"
    )
    assert "/referrals/new" in page.url
    assert "Clinique Droits et Revenus" in page.text, "the need that is still open comes first"
    clinic = live.agency_id("Clinique Droits et Revenus")
    louis.browser.send(page.form(offering="organization"), organization=clinic)


def test_the_hamper_comes_and_the_open_question_goes_on_from_the_same_screen(live: Stage) -> None:
    """R10: mornings only; R12; everything he and Louis read is in French."""
    louis = Navigator(live, live.world.louis, "fr-CA")
    ref = louis.opens_a_case(**FIRST_CONTACT)
    food_bank = _the_food_bank_confirms(live, louis, ref)
    _he_is_told_in_the_morning(live, louis, ref)
    live.now_is(on(25, 10, 30))
    live.turn(Job.REFERRAL_CLOCKS)
    Agency(live, live.link()).says("arrived")
    _the_hamper_came(live, louis, ref)

    states = "SELECT state FROM referral ORDER BY created_at"
    assert live.rows(states) == [("confirmed",), ("requested",)]
    clinic = Agency(live, live.link())
    assert "Benefits and income support" in clinic.page.text, "this agency reads English"
    happened = louis.browser.open("/what-happened-next").text
    assert "Besoin comblé" in happened
    assert "Moisson" not in happened
    pages = [page for page in louis.browser.shown if "<html lang=" in page and "<nav" in page]
    assert len(pages) > 12
    assert [page for page in pages if '<html lang="fr-CA"' not in page] == []
    for browser in (clinic.browser, food_bank.browser):
        browser.never_saw(*HIS, ref)
    live.nothing_leaked([*HIS, "514555", "514-555", "Moisson", "Clinique"])


def test_nobody_is_called_in_the_afternoon(live: Stage) -> None:
    """R10: due at nine, the reminder of a morning that has gone waits for the next morning."""
    louis = Navigator(live, live.world.louis, "fr-CA")
    ref = louis.opens_a_case(**FIRST_CONTACT)
    live.now_is(on(1, 14, month=12))
    assert live.remind() == []
    assert live.rows("SELECT kind FROM notice") == []
    assert "Pas maintenant" in louis.case(ref).text
    assert not louis.my_day().has_link("/follow-ups/", ending="/call")
    live.now_is(on(2, 9, 5, month=12))
    assert len(live.remind()) == 1
    assert louis.my_day().has_link("/follow-ups/", ending="/call")
