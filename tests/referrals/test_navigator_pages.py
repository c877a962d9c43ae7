"""The navigator's pages: ask, record by phone, re-refer in two clicks, recall, and who may not."""

import re
from dataclasses import replace
from typing import Any

import pytest

from casework import database, directory
from casework.cases.models import Reason, Source
from casework.directory.features import Feature
from casework.directory.models import OrganizationKind
from casework.directory.needs import NeedCode
from casework.referrals import queries, services
from casework.referrals.models import ReferralState
from tests.referrals import scenes

HIDDEN = re.compile(r'name="(version|key)"[^>]*value="([^"]*)"')


def test_asking_from_the_case_sends_and_comes_back(world: Any, visitor: Any) -> None:
    case = scenes.case_for(world.amina.actor)
    database.commit()
    navigator = visitor(world.amina)
    url = f"/cases/{case.ref}/referrals/new?need={case.needs[0].id}"
    page = navigator.get(url).get_data(as_text=True)
    assert "Moisson du Quartier" in page
    agency = world.organization("Moisson du Quartier")
    sent = navigator.post(
        url, {"organization": str(agency.id), "urgency": "routine", "access": "rampe"}
    )
    assert sent.status_code == 303
    assert sent.headers["Location"].endswith(f"/cases/{case.ref}")
    database.enter_service(world.north.id)
    assert [r.state for r in queries.for_case(world.amina.actor, case)] == ["requested"]


def test_what_is_ticked_sorts_the_list_asks_nobody_and_stands_in_no_address(
    world: Any, visitor: Any
) -> None:
    """A diet tells of a faith: it is posted, kept nowhere, and nothing typed is lost."""
    case = scenes.case_for(world.amina.actor)
    for name, features in (("Aaa", []), ("Zzz", [Feature.KOSHER])):
        agency = directory.services.add_organization(
            world.marc.actor, name=name, kind=OrganizationKind.FOOD_BANK
        )
        directory.services.add_service(
            world.marc.actor, organization_id=agency.id, need=NeedCode.FOOD, features=features
        )
    database.commit()
    navigator = visitor(world.amina)
    url = f"/cases/{case.ref}/referrals/new?need={case.needs[0].id}"
    page = navigator.get(url).get_data(as_text=True)
    assert page.index("<span>Aaa") < page.index("<span>Zzz")
    answer = navigator.post(
        url,
        {"suits": ["kosher", "treasure"], "look": "list", "access": "rampe", "urgency": "urgent"},
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert page.index("<span>Zzz") < page.index("<span>Aaa")
    assert "Kosher meals: not known" in page
    assert "rampe" in page
    assert re.search(r'name="suits" value="kosher"[^>]* checked', page)
    database.enter_service(world.north.id)
    assert queries.for_case(world.amina.actor, case) == []


def test_agencies_that_are_not_shown_are_counted_with_a_way_to_them(
    world: Any, visitor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 5: nothing is hidden without saying so, nor what was never compared."""
    real = directory.queries.suitable

    def one(*given: Any, **named: Any) -> Any:
        return replace(real(*given, **named | {"limit": 1}), is_cut=True)

    monkeypatch.setattr(directory.queries, "suitable", one)
    case = scenes.case_for(world.amina.actor, NeedCode.SHELTER)
    database.commit()
    url = f"/cases/{case.ref}/referrals/new?need={case.needs[0].id}"
    page = visitor(world.amina).get(url).get_data(as_text=True)
    assert re.search(r"\d more agenc(y|ies)", page)
    assert "not all were compared" in page
    assert "/directory?need=shelter" in page


def test_without_consent_the_page_says_so_and_keeps_what_was_typed(
    world: Any, visitor: Any
) -> None:
    """R4."""
    case = scenes.case_for(world.amina.actor, consents=scenes.answers())
    database.commit()
    agency = world.organization("Moisson du Quartier")
    answer = visitor(world.amina).submit(
        f"/cases/{case.ref}/referrals/new",
        {"organization": str(agency.id), "urgency": "routine", "access": "rampe"},
    )
    assert answer.status_code == 422
    assert "rampe" in answer.get_data(as_text=True)


def test_after_a_refusal_the_next_agency_is_two_clicks_away(world: Any, visitor: Any) -> None:
    first = scenes.ask(world, "Foyer du Pont")
    services.answer(
        world.amina.actor,
        first,
        to=ReferralState.DECLINED,
        reason=Reason.NO_CAPACITY,
        source=Source.PARTNER_CONFIRMED,
    )
    database.commit()
    navigator = visitor(world.amina)
    url = f"/referrals/{first.id}/again"
    assert url in navigator.get(f"/referrals/{first.id}").get_data(as_text=True)
    page = navigator.get(url).get_data(as_text=True)
    assert "Bridge House" in page
    assert "Foyer du Pont" not in page
    agency = world.organization("Bridge House")
    sent = navigator.post(url, {"organization": str(agency.id), "urgency": "urgent"})
    assert sent.status_code == 303
    database.enter_service(world.north.id)
    newest = queries.for_case(world.amina.actor, first.case)
    second = next(r for r in newest if r.supersedes_id == first.id)
    opened = services.open_referral(world.amina.actor, second, purpose="test")
    assert opened["request_details"]["access"] == "fauteuil roulant"


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"reply": "hold", "hold": "2h"}, "accepted"),
        ({"reply": "waitlist"}, "waitlisted"),
        ({"reply": "decline", "reason": "no_capacity"}, "declined"),
        ({"reply": "ask", "note": "combien d’enfants?"}, "info_needed"),
        ({"reply": "call_us"}, "requested"),
    ],
)
def test_an_answer_given_by_phone_is_recorded(
    world: Any, visitor: Any, fields: dict[str, str], state: str
) -> None:
    referral = scenes.ask(world, "Foyer du Pont")
    database.commit()
    navigator = visitor(world.amina)
    url = f"/referrals/{referral.id}/answer"
    hidden = dict(HIDDEN.findall(navigator.get(url).get_data(as_text=True)))
    assert navigator.post(url, hidden | fields).status_code == 303
    assert referral.state == state


def test_an_arrival_needs_to_say_who_said_so(world: Any, visitor: Any) -> None:
    """domain.md section 3: confirmed needs a source other than system."""
    referral = scenes.ask(world, "Foyer du Pont")
    services.answer(
        world.amina.actor, referral, to=ReferralState.ACCEPTED, source=Source.PARTNER_CONFIRMED
    )
    database.commit()
    navigator = visitor(world.amina)
    url = f"/referrals/{referral.id}/answer"
    assert navigator.submit(url, {"reply": "arrived"}).status_code == 422
    answer = navigator.submit(url, {"reply": "arrived", "source": "person_reported"})
    assert answer.status_code == 303
    database.enter_service(world.north.id)
    newest = queries.newest_event(referral)
    assert newest is not None
    assert newest.source is Source.PERSON_REPORTED


def test_two_people_recording_at_once_the_second_is_told(world: Any, visitor: Any) -> None:
    referral = scenes.ask(world)
    database.commit()
    navigator = visitor(world.amina)
    url = f"/referrals/{referral.id}/answer"
    fields = {"reply": "waitlist", "version": "1", "key": "other"}
    assert navigator.submit(url, fields).status_code == 422
    assert referral.state is ReferralState.REQUESTED


def test_buttons_of_the_page_do_what_they_say(world: Any, visitor: Any) -> None:
    referral = scenes.ask(world)
    database.commit()
    navigator = visitor(world.amina)
    page = f"/referrals/{referral.id}"
    for action in ("link", "reveal"):
        navigator.get(page)
        answer = navigator.post(f"{page}/{action}", {"version": referral.version})
        assert answer.status_code in (200, 303), action
    navigator.get(page)
    assert navigator.post(f"{page}/recall", {"version": referral.version}).status_code == 422
    fields = {"version": referral.version, "reason": "partner_unreachable"}
    assert navigator.post(f"{page}/recall", fields).status_code == 303
    assert referral.state is ReferralState.RECALLED


def test_a_sealed_agency_shows_only_after_a_press(world: Any, visitor: Any) -> None:
    """R16, R19: no name on the page; the press opens it and is recorded."""
    referral = scenes.ask(world, "Maison Rivage")
    database.commit()
    navigator = visitor(world.amina)
    page = navigator.get(f"/referrals/{referral.id}").get_data(as_text=True)
    assert "Rivage" not in page
    page = navigator.post(f"/referrals/{referral.id}/reveal").get_data(as_text=True)
    assert "Maison Rivage" in page


@pytest.mark.parametrize("path", ["", "/answer", "/again"])
@pytest.mark.parametrize("name", ["outsider", "louis", "marc", "agency"])
def test_nobody_without_access_finds_it(world: Any, visitor: Any, name: str, path: str) -> None:
    """404, so that existence does not leak."""
    referral = scenes.ask(world, case=scenes.case_for(world.amina.actor, NeedCode.FOOD))
    database.commit()
    answer = visitor(getattr(world, name)).get(f"/referrals/{referral.id}{path}")
    assert answer.status_code == 404
