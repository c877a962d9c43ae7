"""Several hands on one thing: two who save the same case, links that no longer work, emergencies."""

from datetime import timedelta

from tests.journeys.pages import Page
from tests.journeys.people_of_the_story import Agency, Navigator
from tests.journeys.stage import Stage, on


def _louis_covers(stage: Stage, louis: Navigator, ref: str) -> None:
    louis.looks_up(ref)
    louis.asks_who_it_is(code_word="oak")
    assert not louis.cannot_open(ref)


def test_two_who_save_the_same_outcome_see_both_and_lose_nothing(
    stage: Stage, amina: Navigator, louis: Navigator
) -> None:
    """The second sees what stands and what they typed; one button saves over it, and both stay told."""
    ref = amina.opens_a_case(code_word="oak")
    _louis_covers(stage, louis, ref)
    url = amina.need_url(ref)
    hers = amina.browser.open(url).form(offering="outcome")
    his = louis.browser.open(url).form(offering="outcome")
    amina.browser.send(hers, outcome="met", source="person_reported")
    page = louis.browser.send(
        his, status=422, outcome="unmet", reason="no_funds", source="partner_confirmed"
    )
    assert "A colleague saved an outcome while you were writing." in page.text
    for word in ("Need met", "Unmet", "Amina R."):
        assert word in page.text
    assert stage.rows("SELECT outcome FROM case_need") == [("met",)]
    louis.browser.send(page.form(offering="source", value="partner_confirmed"))
    assert stage.rows("SELECT outcome FROM case_need") == [("unmet",)]
    told = "SELECT code FROM case_event WHERE kind = 'need_outcome' ORDER BY at"
    assert sorted(row[0] for row in stage.rows(told)) == ["met", "unmet"]


def test_what_was_typed_on_a_call_is_saved_although_a_colleague_was_first(
    stage: Stage, amina: Navigator, louis: Navigator
) -> None:
    """The page says so, shows how the need stands now, keeps the note, and takes the next try."""
    ref = amina.opens_a_case(code_word="oak")
    stage.now_is(on(1, 10, 30, month=12))
    amina.starts_to_call(ref)
    talk = amina.recognises("oak").form(offering="still_ok")
    _louis_covers(stage, louis, ref)
    louis.records_outcome(ref, outcome="unmet", reason="no_funds")
    said = {
        "still_ok": "yes",
        "are_hours_right": "yes",
        "next_call": "series",
        "outcome_0": "met",
        "note": "It came late",
    }
    page = amina.browser.send(talk, status=422, **said)
    assert "Somebody else saved changes while you were writing." in page.text
    assert "So far: Unmet" in page.text
    amina.browser.send(page.form(offering="still_ok"))
    assert stage.rows("SELECT outcome FROM case_need") == [("met",)]
    assert "It came late" in amina.case(ref).text


def test_an_agency_that_looks_answers_undoes_and_answers_again_is_heard_both_times(
    stage: Stage, amina: Navigator
) -> None:
    """The second answer is one of its own, also after looking closer each time."""
    ref = amina.opens_a_case()
    amina.asks(ref, "Moisson du Quartier", access="Sans porc")
    food_bank = Agency(stage, stage.link())
    assert "Sans porc" in food_bank.looks_closer().text
    food_bank.declines("no_funds")
    food_bank.browser.press("/undo")
    assert "Sans porc" in food_bank.looks_closer().text
    food_bank.declines("no_funds")
    assert stage.rows("SELECT state FROM referral") == [("declined",)]


def test_an_answer_by_phone_that_crosses_one_by_link_is_told_and_then_taken(
    stage: Stage, amina: Navigator
) -> None:
    """Two answers of one agency: the second is recorded only over the first, with open eyes."""
    ref = amina.opens_a_case()
    request = amina.asks(ref, "Moisson du Quartier")
    by_phone = amina.browser.open(f"{request}/answer").form(offering="reply")
    Agency(stage, stage.link()).says("waitlist")
    page = amina.browser.send(by_phone, status=422, reply="decline", reason="no_funds")
    assert "Somebody else saved changes while you were writing." in page.text
    assert stage.rows("SELECT state FROM referral") == [("waitlisted",)]
    amina.browser.send(page.form(offering="reply"))
    assert stage.rows("SELECT state, reason FROM referral") == [("declined", "no_funds")]


def test_two_who_close_the_same_case_close_it_once(
    stage: Stage, amina: Navigator, louis: Navigator
) -> None:
    ref = amina.opens_a_case(code_word="oak")
    _louis_covers(stage, louis, ref)
    hers = amina.browser.open(f"/cases/{ref}/close").form(offering="closure")
    his = louis.browser.open(f"/cases/{ref}/close").form(offering="closure")
    amina.browser.send(hers, closure="need_met")
    louis.browser.send(his, status=422, closure="person_ended")
    assert stage.rows('SELECT closure FROM "case"') == [("need_met",)]


def test_links_that_are_used_expired_revoked_or_guessed_show_one_neutral_page(
    stage: Stage, amina: Navigator
) -> None:
    """The same bytes for each, in both languages, with no word of any request."""
    links = {}
    for number, name in enumerate(("used", "revoked", "withdrawn", "expired")):
        ref = amina.opens_a_case(phone=f"514 555 03{number:02d}")
        request = amina.asks(ref, "Moisson du Quartier")
        links[name] = stage.link()
        if name == "used":
            Agency(stage, links[name]).says("waitlist")
        elif name == "revoked":
            amina.browser.open(request)
            amina.browser.press("/recall", reason="other")
            stage.post()
        elif name == "withdrawn":
            amina.withdraws(ref, "share_with_partner")
            stage.post()
    links["guessed"] = "/r/" + "A" * 43
    stage.later(timedelta(minutes=6))
    pages = {}
    for name, link in links.items():
        if name == "expired":
            assert stage.browser().goes(link) == 200
            stage.later(timedelta(days=31))
        pages[name] = stage.browser().open(link, status=404).html
    assert len(set(pages.values())) == 1, {name: len(html) for name, html in pages.items()}
    assert "This link no longer works" in pages["guessed"]
    assert "Ce lien ne fonctionne plus" in pages["guessed"]


def test_another_browser_does_not_see_what_was_answered(stage: Stage, amina: Navigator) -> None:
    """A used link shows its answer for five minutes, and only where it was given."""
    ref = amina.opens_a_case()
    amina.asks(ref, "Moisson du Quartier")
    food_bank = Agency(stage, stage.link())
    food_bank.declines("no_funds")
    assert food_bank.is_told().status == 200
    stage.browser().open(food_bank.url, status=404)
    stage.later(timedelta(minutes=6))
    food_bank.browser.open(food_bank.url, status=404)


def test_an_emergency_is_handed_over_without_a_case_and_written_down_afterwards(
    stage: Stage, amina: Navigator
) -> None:
    """R34: from every page, without consent, and it leaves nothing about anybody."""
    assert amina.my_day().has_link("/emergency")
    page = amina.browser.open("/emergency")
    assert {"tel:911", "tel:988"} <= set(page.links)
    page = amina.browser.send(page.form(offering="kind"), kind=_first_kind(page))
    assert "The hand-off is recorded." in page.text
    kept = "SELECT case_id, by_account FROM emergency_hand_off"
    assert stage.rows(kept) == [(None, amina.member.account_id)]
    assert stage.rows("SELECT count(*) FROM person") == [(0,)]


def _first_kind(page: Page) -> str:
    return sorted(page.form(offering="kind").offered["kind"] or ())[0]


def test_an_emergency_in_a_case_stands_in_its_story(stage: Stage, amina: Navigator) -> None:
    ref = amina.opens_a_case()
    page = amina.browser.open("/emergency")
    amina.browser.send(page.form(offering="kind"), kind=_first_kind(page), ref=ref)
    assert stage.rows("SELECT count(*) FROM case_event WHERE kind = 'emergency'") == [(1,)]


def test_the_neighbour_service_finds_none_of_it(stage: Stage, amina: Navigator) -> None:
    """Two services, one deployment: the other's navigator looks up and finds nothing."""
    ref = amina.opens_a_case(code_word="oak")
    request = amina.asks(ref, "Moisson du Quartier")
    outsider = Navigator(stage, stage.world.outsider)
    assert outsider.cannot_open(ref)
    assert outsider.browser.goes(request) == 404
    outsider.looks_up("514 555 0142")
    assert "Nothing opens with this" in outsider.asks_who_it_is(code_word="oak").text
    page = outsider.browser.open("/look-up")
    outsider.browser.send(page.form(offering="find"), status=422, find=ref)
    assert stage.at == on(24, 10)
