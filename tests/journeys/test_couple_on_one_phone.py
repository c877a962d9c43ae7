"""A couple who both called, on one phone: two cases, the stricter plan, and neither learns of the other (R33)."""

import pytest

from tests.journeys.people_of_the_story import Navigator
from tests.journeys.stage import Stage, on

PHONE = {"phone": "514 555 0160", "phone_kind": "shared", "days": "any_day"}
HERS = PHONE | {
    "safe_name": "Zohra",
    "code_word": "red lantern",
    "needs": ["violence_shelter"],
    "times": ["morning"],
}
HIS = PHONE | {
    "safe_name": "Karim",
    "code_word": "old harbour",
    "needs": ["food"],
    "times": ["morning", "afternoon"],
}


@pytest.fixture
def hers(amina: Navigator) -> str:
    """Open her case with Amina."""
    return amina.opens_a_case(**HERS)


@pytest.fixture
def his(louis: Navigator, hers: str) -> str:
    """Open his case with Louis, who is told only that a case may exist."""
    warned = louis.first_contact(**HIS)
    assert "A case may already exist" in warned.text
    assert "People who share a phone each have their own case." in warned.text
    for word in ("Zohra", hers, "violence was", "Amina R."):
        assert word not in warned.text
    return louis.opens_it_anyway()


def test_each_has_a_case_of_their_own_and_no_page_tells_of_the_other(
    stage: Stage, amina: Navigator, louis: Navigator, hers: str, his: str
) -> None:
    """R33: pages, look-up, people's pages and My day; no row links the two."""
    assert hers != his
    for navigator, ref, other in ((amina, hers, his), (louis, his, hers)):
        navigator.case(ref)
        for what in ("contact-plan", "consents", "details"):
            navigator.person_page(ref, what)
        navigator.my_day()
        assert navigator.cannot_open(other)
    amina.browser.never_saw("Karim", "old harbour", his)
    louis.browser.never_saw("Zohra", "red lantern", hers)
    assert stage.rows('SELECT count(DISTINCT person_id) FROM "case"') == [(2,)]
    stage.nothing_leaked(["Zohra", "Karim", "0160", "red lantern", "old harbour"])


def test_the_word_decides_whose_case_opens_on_the_number_they_share(
    stage: Stage, amina: Navigator, louis: Navigator, hers: str, his: str
) -> None:
    """R32, R33: her word opens hers; his name, his word or a yes never does."""
    louis.looks_up("514 555 0160")
    assert "Nothing opens" in louis.asks_who_it_is(full_name="Zohra", area="Laval").text
    louis.looks_up(hers)
    assert "Nothing opens" in louis.asks_who_it_is(code_word="old harbour").text
    assert louis.cannot_open(hers)
    louis.looks_up("514 555 0160")
    assert louis.asks_who_it_is(code_word="red lantern").url == f"/cases/{hers}"


def test_his_call_obeys_her_mornings_and_does_not_say_why(
    stage: Stage, louis: Navigator, hers: str, his: str
) -> None:
    """R33: he agreed to all day; the number they share is called in her mornings only."""
    stage.now_is(on(1, 14, month=12))
    assert stage.remind() == []
    page = louis.case(his)
    assert "Not now. Agreed hours begin" in page.text
    call = page.link("/follow-ups/", ending="/call")
    assert "Call anyway" in louis.browser.open(call).text
    louis.browser.send_raw(call, {"step": "start"}, status=422)
    assert "0160" not in louis.browser.page.text
    stage.now_is(on(2, 9, 30, month=12))
    assert len(stage.remind()) >= 1
    assert "514-555-0160" in louis.starts_to_call(his).text
    louis.browser.never_saw("Zohra", "strict", "another case", "shared with")


def test_when_her_word_fails_nobody_rings_the_phone_for_him_either(
    stage: Stage, amina: Navigator, louis: Navigator, hers: str, his: str
) -> None:
    """R13, R33: a number marked as not safe is not safe for anyone who shares it."""
    stage.now_is(on(25, 10))
    amina.starts_to_call(hers)
    amina.recognises("old harbour")
    stage.now_is(on(1, 11, month=12))
    assert stage.remind() == []
    assert not louis.my_day().has_link("/follow-ups/", ending="/call")
    assert "not safe" in louis.case(his).text
    louis.browser.never_saw("Zohra", "red lantern", hers)


def test_her_erased_consent_gives_his_number_its_own_hours_back(
    stage: Stage, amina: Navigator, louis: Navigator, hers: str, his: str
) -> None:
    """R5, R33: once her case may not be kept, her plan is obeyed no more, and nobody is told."""
    amina.withdraws(hers, "keep_case")
    stage.now_is(on(1, 14, month=12))
    stage.remind()
    assert "Within agreed hours until" in louis.case(his).text
    louis.browser.never_saw("Zohra", hers)
