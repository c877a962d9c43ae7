"""The next step is visible in a second: where a message leads, who was asked, what comes after an answer."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casework import cases, database, followups, people
from casework.cases.models import NeedOutcome, Reason, Source
from casework.directory.needs import NeedCode
from casework.referrals import services
from casework.referrals.models import Referral, ReferralState
from tests.followups.scenes import at, case_of
from tests.referrals import scenes

S = ReferralState


def said(referral: Referral, world: Any, to: ReferralState, **more: Any) -> None:
    """Record what an agency said on the phone."""
    services.answer(world.amina.actor, referral, to=to, source=Source.PARTNER_CONFIRMED, **more)


def card_of(page: str, name: str) -> str:
    """Give the card of one agency on the asking page."""
    [card] = [card for card in page.split('<div class="card">') if f"<span>{name}</span>" in card]
    return card


@pytest.mark.parametrize("language", ["en_CA", "fr_CA"])
def test_the_message_that_nobody_agreed_leads_to_the_question(
    world: Any, visitor: Any, language: str
) -> None:
    """R4: the first thing read is where to ask."""
    agency = world.organization("Foyer du Pont")
    case = scenes.case_for(world.amina.actor, NeedCode.SHELTER, consents=scenes.answers())
    database.commit()
    navigator = visitor(world.amina)
    url = f"/cases/{case.ref}/referrals/new"
    answer = navigator.submit(
        url,
        {"organization": str(agency.id), "urgency": "urgent"},
        headers={"Accept-Language": language.replace("_", "-")},
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    [summary] = re.findall(r'<div class="errors".*?</div>', page, re.DOTALL)
    assert '<a href="#agreed">' in summary
    assert len(re.findall(r'id="agreed"', page)) == 1
    assert re.search(r'<input type="radio" name="agreed"[^>]*id="agreed"', page, re.DOTALL)


def test_who_was_asked_in_this_case_is_marked_by_the_newest_answer(
    world: Any, visitor: Any, clock: Any
) -> None:
    clock.freeze(datetime(2026, 11, 25, 15, tzinfo=UTC))
    case = scenes.case_for(world.amina.actor, NeedCode.SHELTER)
    refused = scenes.ask(world, "Foyer du Pont", case)
    said(refused, world, S.DECLINED, reason=Reason.NO_FUNDS)
    clock.advance(timedelta(minutes=1))
    again = scenes.ask(world, "Foyer du Pont", case)
    said(again, world, S.DECLINED, reason=Reason.NO_CAPACITY)
    database.commit()
    page = visitor(world.amina).get(f"/cases/{case.ref}/referrals/new").get_data(as_text=True)
    asked = card_of(page, "Foyer du Pont")
    assert "Asked today: Declined · Full" in asked
    assert f"Declined · {Reason.NO_FUNDS.label}" not in asked
    assert "Asked today" not in card_of(page, "Bridge House")


def test_who_is_being_asked_is_marked_without_an_answer(world: Any, visitor: Any) -> None:
    case = scenes.case_for(world.amina.actor, NeedCode.SHELTER)
    scenes.ask(world, "Foyer du Pont", case)
    database.commit()
    page = visitor(world.amina).get(f"/cases/{case.ref}/referrals/new").get_data(as_text=True)
    assert re.search(r"Asked today\s*<", card_of(page, "Foyer du Pont"))


def test_a_sealed_agency_is_not_opened_to_mark_it(world: Any, visitor: Any) -> None:
    """R16: a list on the screen is no reason to open where she was referred."""
    case = scenes.case_for(world.amina.actor, NeedCode.VIOLENCE_SHELTER)
    refused = scenes.ask(world, "Maison Rivage", case)
    said(refused, world, S.DECLINED, reason=Reason.NO_CAPACITY)
    database.commit()
    page = visitor(world.amina).get(f"/cases/{case.ref}/referrals/new").get_data(as_text=True)
    assert "Maison Rivage" in page
    assert "Asked today" not in page


def page_of(referral: Referral, world: Any, visitor: Any) -> str:
    """Give the page of a referral as its navigator sees it."""
    database.commit()
    answer = visitor(world.amina).get(f"/referrals/{referral.id}")
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def main_links(page: str) -> list[tuple[str, str]]:
    """List where the main buttons that are links lead, with their words."""
    found = re.findall(r'<a class="btn primary[^"]*"[^>]*?href="([^"]+)"[^>]*>(.*?)</a>', page)
    return [(url, re.sub(r"<[^>]*>", "", words).strip()) for url, words in found]


def test_a_held_place_leads_to_telling_the_person(world: Any, visitor: Any) -> None:
    """R36: the answer is only half; recording another one is the second thing."""
    referral = scenes.ask(world, "Foyer du Pont")
    said(referral, world, S.ACCEPTED)
    telling = followups.queries.planned_telling(referral.id)
    page = page_of(referral, world, visitor)
    assert telling is not None
    assert main_links(page) == [(f"/follow-ups/{telling.id}/call", "Tell the person")]
    assert "Record an answer" in page
    followups.services.mark_told(world.amina.actor, telling)
    [(url, words)] = main_links(page_of(referral, world, visitor))
    assert (url, words) == (f"/referrals/{referral.id}/answer", "Record an answer")


def test_the_call_is_named_with_its_time_when_the_agreed_hours_begin_later(
    world: Any, visitor: Any, clock: Any
) -> None:
    clock.freeze(at(24, 15))
    case = case_of(world.amina.actor, needs=[NeedCode.SHELTER])
    people.services.record_consents(
        world.amina.actor, case.person, scenes.answers(NeedCode.SHELTER)[2:]
    )
    referral = scenes.ask(world, "Foyer du Pont", case)
    said(referral, world, S.ACCEPTED)
    [(_url, words)] = main_links(page_of(referral, world, visitor))
    assert words.startswith("Tell the person: from tomorrow")


def test_what_an_agency_said_with_its_yes_is_named_and_stays_sealed(
    world: Any, visitor: Any
) -> None:
    """R16: the label says that there is more; opening it is a press, and recorded."""
    referral = scenes.ask(world, "Foyer du Pont")
    said(referral, world, S.ACCEPTED, details={"appointment": "vendredi 9 h"})
    page = page_of(referral, world, visitor)
    assert "Show the agency and what it answered" in page
    assert "such as an appointment" in page
    assert "vendredi" not in page
    opened = visitor(world.amina)
    opened.get(f"/referrals/{referral.id}")
    assert "vendredi 9 h" in opened.post(f"/referrals/{referral.id}/reveal").get_data(as_text=True)


def test_a_yes_without_words_promises_nothing_behind_the_press(world: Any, visitor: Any) -> None:
    referral = scenes.ask(world, "Foyer du Pont")
    said(referral, world, S.ACCEPTED)
    page = page_of(referral, world, visitor)
    assert "Show the agency and what was told" in page
    assert "such as an appointment" not in page


def test_an_arrival_leads_to_the_outcome_until_it_is_recorded(world: Any, visitor: Any) -> None:
    referral = scenes.ask(world, "Foyer du Pont")
    said(referral, world, S.ACCEPTED)
    said(referral, world, S.CONFIRMED)
    case, need = referral.case, referral.need
    outcome = f"/cases/{case.ref}/needs/{need.id}/outcome"
    assert main_links(page_of(referral, world, visitor)) == [(outcome, "Record outcome")]
    on_case = visitor(world.amina).get(f"/cases/{case.ref}").get_data(as_text=True)
    rows = on_case[on_case.index('id="referrals"') :]
    assert outcome in rows[: rows.index("</ul>")]
    cases.services.record_outcome(
        world.amina.actor, case, need, outcome=NeedOutcome.MET, source=Source.PARTNER_CONFIRMED
    )
    assert main_links(page_of(referral, world, visitor)) == []


def refused_and_another(world: Any, clock: Any) -> tuple[Referral, Referral]:
    """Ask two agencies at once: the one asked last refuses, and the other holds a place."""
    clock.freeze(datetime(2026, 11, 25, 15, tzinfo=UTC))
    case = scenes.case_for(world.amina.actor, NeedCode.SHELTER)
    held = scenes.ask(world, "Bridge House", case)
    clock.advance(timedelta(minutes=1))
    refused = scenes.ask(world, "Foyer du Pont", case)
    said(refused, world, S.DECLINED, reason=Reason.NO_CAPACITY)
    said(held, world, S.ACCEPTED)
    return refused, held


def case_page(referral: Referral, world: Any, visitor: Any) -> str:
    """Give the page of a request’s case."""
    database.commit()
    body: str = visitor(world.amina).get(f"/cases/{referral.case.ref}").get_data(as_text=True)
    return body


ASK_NEXT = "Ask the next agency"


def test_no_next_agency_is_offered_for_a_need_that_another_has_met(
    world: Any, visitor: Any, clock: Any
) -> None:
    refused, arrived = refused_and_another(world, clock)
    said(arrived, world, S.CONFIRMED)
    page = page_of(refused, world, visitor)
    assert ASK_NEXT not in page
    assert "The person has arrived by another request for this need." in page
    outcome = f"/cases/{refused.case.ref}/needs/{refused.need_id}/outcome"
    assert main_links(page) == [(outcome, "Record outcome")]
    assert ASK_NEXT not in case_page(refused, world, visitor)
    # A correction asks for the next one again.
    said(arrived, world, S.NOT_FULFILLED, reason=Reason.NO_SHOW)
    assert "has arrived by another request" not in page_of(refused, world, visitor)
    assert ASK_NEXT in case_page(refused, world, visitor)


def test_while_a_place_is_held_the_refused_request_leads_to_it(
    world: Any, visitor: Any, clock: Any
) -> None:
    refused, held = refused_and_another(world, clock)
    page = page_of(refused, world, visitor)
    assert ASK_NEXT not in page
    assert main_links(page) == [(f"/referrals/{held.id}", f"See that request {held.ref}")]
    assert ASK_NEXT not in case_page(refused, world, visitor)
    services.answer(
        world.amina.actor, held, to=S.NOT_FULFILLED, source=Source.PARTNER_CONFIRMED,
        reason=Reason.NO_SHOW,
    )  # fmt: skip
    assert "holds a place" not in page_of(refused, world, visitor)
    assert ASK_NEXT in case_page(refused, world, visitor)


def test_an_arrival_entered_in_error_settles_nothing(world: Any, visitor: Any, clock: Any) -> None:
    refused, arrived = refused_and_another(world, clock)
    said(arrived, world, S.CONFIRMED)
    services.mark_entered_in_error(world.amina.actor, arrived)
    assert ASK_NEXT in page_of(refused, world, visitor)
    assert ASK_NEXT in case_page(refused, world, visitor)


def test_a_need_that_was_met_otherwise_asks_for_nobody(world: Any, visitor: Any) -> None:
    referral = scenes.ask(world, "Foyer du Pont")
    said(referral, world, S.DECLINED, reason=Reason.NO_CAPACITY)
    assert ASK_NEXT in case_page(referral, world, visitor)
    cases.services.record_outcome(
        world.amina.actor, referral.case, referral.need,
        outcome=NeedOutcome.RESOLVED_OTHERWISE, source=Source.PERSON_REPORTED,
    )  # fmt: skip
    page = page_of(referral, world, visitor)
    assert ASK_NEXT not in page
    assert "Nobody else needs to be asked: Solved another way." in page
    assert ASK_NEXT not in case_page(referral, world, visitor)
