"""What was ticked while asking goes along to the next agency, sealed; no agency is told (R16, R28)."""

import re
from typing import Any

import pytest
from sqlalchemy import text

from casework import cases, database, directory
from casework.cases.models import Case, Reason, Source
from casework.directory.features import Feature
from casework.directory.models import OrganizationKind
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.referrals import proposals, queries, services
from casework.referrals.models import Referral, ReferralState
from tests.referrals import scenes

SUBMIT = re.compile(r"<button[^>]*type=\"submit\"[^>]*>")
PLAIN, HALAL = "Aaa Halte", "Zzz Table"


def shelters(world: Any) -> None:
    """Write two more shelters: the last by name has halal meals."""
    for name in (PLAIN, HALAL):
        agency = directory.services.add_organization(
            world.marc.actor, name=name, kind=OrganizationKind.SHELTER
        )
        directory.services.add_service(
            world.marc.actor,
            organization_id=agency.id,
            need=NeedCode.SHELTER,
            features=[Feature.HALAL] if name == HALAL else [],
        )


def asked_with(world: Any, visitor: Any, *wishes: str) -> Referral:
    """Ask a shelter on the page with these ticks, and let it refuse."""
    shelters(world)
    case = scenes.case_for(world.amina.actor, NeedCode.SHELTER)
    database.commit()
    fields = {
        "organization": str(world.organization("Foyer du Pont").id),
        "urgency": "urgent",
        "suits": list(wishes),
    }
    url = f"/cases/{case.ref}/referrals/new"
    assert visitor(world.amina).submit(url, fields).status_code == 303
    database.enter_service(world.north.id)
    return refuse(world, newest(world, case))


def newest(world: Any, case: Case) -> Referral:
    return queries.for_case(world.amina.actor, case)[0]


def refuse(world: Any, referral: Referral) -> Referral:
    services.answer(
        world.amina.actor,
        referral,
        to=ReferralState.DECLINED,
        reason=Reason.NO_CAPACITY,
        source=Source.PARTNER_CONFIRMED,
    )
    database.commit()
    return referral


def heading_of_the_place(page: str) -> str:
    """Give the agency that is proposed: the one that stands first."""
    return min((PLAIN, HALAL, "Bridge House"), key=page.index)


def test_the_next_place_suits_what_was_ticked_the_first_time(world: Any, visitor: Any) -> None:
    """Issue 5, item 9."""
    first = asked_with(world, visitor, "halal")
    navigator = visitor(world.amina)
    url = f"/referrals/{first.id}/again"
    page = navigator.get(url).get_data(as_text=True)
    assert heading_of_the_place(page) == HALAL
    assert "Sorted by: Halal meals" in page
    fields = {"organization": str(world.organization(HALAL).id), "urgency": "urgent"}
    assert navigator.post(url, fields).status_code == 303
    database.enter_service(world.north.id)
    every = queries.for_case(world.amina.actor, first.case)
    [second] = [each for each in every if each.supersedes_id == first.id]
    assert services.open_wishes(world.amina.actor, second, purpose="test") == (Feature.HALAL,)


def test_without_a_tick_nothing_is_kept_and_the_order_is_the_usual_one(
    world: Any, visitor: Any
) -> None:
    first = asked_with(world, visitor)
    assert first.wishes is None
    page = visitor(world.amina).get(f"/referrals/{first.id}/again").get_data(as_text=True)
    assert heading_of_the_place(page) == PLAIN
    assert "Sorted by" not in page


def test_what_was_ticked_is_sealed_told_to_no_agency_and_shown_by_no_mere_look(
    world: Any, visitor: Any
) -> None:
    """R16, R28: meals tell a faith."""
    first = asked_with(world, visitor, "halal")
    assert first.wishes is not None
    kept = db.session.scalar(text("SELECT string_agg(r::text, '') FROM referral r"))
    assert "halal" not in kept
    assert services.open_request_details(world.amina.actor, first, purpose="test") == {}
    assert proposals.next_best(world.amina.actor, first, [first]) == proposals.Proposal(
        is_hidden=True
    )
    page = visitor(world.amina).get(f"/referrals/{first.id}").get_data(as_text=True)
    assert HALAL not in page
    assert "what a place should have is sealed" in page


def test_the_page_says_that_not_all_were_compared(
    world: Any, visitor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 5, item 2: nothing is hidden without saying so."""
    first = asked_with(world, visitor)
    url, said = f"/referrals/{first.id}/again", "not all were compared"
    navigator = visitor(world.amina)
    assert said not in navigator.get(url).get_data(as_text=True)
    monkeypatch.setattr("casework.directory.queries.MOST", 3)
    assert said in navigator.get(url).get_data(as_text=True)
    # Also where all that were compared have been asked: that is not everybody.
    monkeypatch.setattr("casework.directory.queries.MOST", 0)
    page = navigator.get(url).get_data(as_text=True)
    assert said in page


def test_enter_in_a_field_asks_and_does_not_sort(world: Any, visitor: Any) -> None:
    """HTML presses the first button of a form: with a script or without, it is the one that asks."""
    case = scenes.case_for(world.amina.actor, NeedCode.TRANSPORT)
    cases.services.add_needs(world.amina.actor, case, codes=[NeedCode.FOOD])
    database.commit()
    navigator = visitor(world.amina)
    for need in case.needs:
        page = navigator.get(f"/cases/{case.ref}/referrals/new?need={need.id}").get_data(
            as_text=True
        )
        form = page[page.index('<form method="post" novalidate data-keep') :]
        first, second = SUBMIT.findall(form[: form.index("</form>")])
        assert "data-save" in first
        assert 'name="look"' in second


def test_sorting_keeps_what_was_typed(world: Any, visitor: Any) -> None:
    shelters(world)
    case = scenes.case_for(world.amina.actor, NeedCode.SHELTER)
    database.commit()
    fields = {"look": "list", "suits": "halal", "arrival": "vers 21 h", "alias": "Mado"}
    url = f"/cases/{case.ref}/referrals/new"
    page = visitor(world.amina).submit(url, fields).get_data(as_text=True)
    assert "vers 21 h" in page
    assert "Mado" in page
    assert page.index(HALAL) < page.index(PLAIN)
    database.enter_service(world.north.id)
    assert queries.for_case(world.amina.actor, case) == []
