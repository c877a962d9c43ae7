"""Finding a place: folded words, one's own service only, and never an address (R20)."""

from typing import Any

import pytest

from casework import directory
from casework.database import NotFound
from casework.directory import policy
from casework.directory.features import Feature
from casework.directory.models import DirectoryService, Organization, OrganizationKind
from casework.directory.needs import NeedCode
from casework.directory.policy import Wants
from casework.directory.services import BadEntry


def place(name: str = "Épicerie Écosolidaire", **more: Any) -> DirectoryService:
    """Make a place that is in no database."""
    kind = OrganizationKind.FOOD_BANK
    organization = Organization(name=name, kind=kind, region=more.pop("region", "Montérégie"))
    offer = DirectoryService(
        need=more.pop("need", NeedCode.FOOD),
        eligibility_en="",
        eligibility_fr=more.pop("eligibility_fr", ""),
        features=more.pop("features", []),
        languages=more.pop("languages", []),
        is_open_all_hours=more.pop("is_open_all_hours", False),
    )
    offer.organization = organization
    return offer


def test_the_place_that_suits_comes_first_and_says_why() -> None:
    wants = Wants(need=NeedCode.SHELTER, language="ar", children=3, is_urgent=True)
    plain = place("Abri")
    suited = place(
        "Zone", features=[Feature.FAMILIES.value], languages=["fr", "ar"], is_open_all_hours=True
    )
    best, other = policy.best_first([plain, suited], wants)
    assert best.service is suited
    assert set(best.reasons) == {"language", "families", "open_all_hours"}
    assert set(other.unknowns) == {"language", "families", "open_all_hours"}


def test_nothing_unsuitable_is_hidden() -> None:
    """Issue 5: nothing is hidden without saying so."""
    wants = Wants(need=NeedCode.FOOD, language="cr")
    assert len(policy.best_first([place("A"), place("B")], wants)) == 2


def test_those_of_the_region_are_ranked_even_where_more_answer_than_are_ever_looked_at(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casework.directory.queries.MOST", 1)
    agency = directory.services.add_organization(
        world.marc.actor, name="Zone", kind=OrganizationKind.SHELTER, region="Côte-Nord"
    )
    offer = directory.services.add_service(
        world.marc.actor, organization_id=agency.id, need=NeedCode.SHELTER
    )
    wants = Wants(need=NeedCode.SHELTER, region="Côte-Nord")
    fits = directory.queries.suitable(world.amina.actor, wants)
    assert fits[0].service.id == offer.id
    assert len(fits) == 2


def test_a_search_stays_in_its_own_service(world: Any) -> None:
    mine = {row.organization_id for row in directory.queries.search(world.amina.actor)}
    theirs = {row.organization_id for row in directory.queries.search(world.outsider.actor)}
    assert mine
    assert not mine & theirs
    with pytest.raises(NotFound):
        directory.queries.get(world.outsider.actor, next(iter(mine)))


def test_an_inactive_agency_is_found_no_more(world: Any) -> None:
    agency = world.organization("Bridge House")
    directory.services.set_active(world.marc.actor, agency.id, is_active=False)
    found = directory.queries.search(world.amina.actor, need=NeedCode.SHELTER)
    assert [row.organization.name for row in found] == ["Foyer du Pont"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "a@b\r\nBcc: c@d"), ("phone", "call me"), ("time_zone", "Toronto"), ("name", "  ")],
)
def test_an_entry_that_cannot_be_used_is_refused(world: Any, field: str, value: str) -> None:
    given: dict[str, Any] = {"name": "X", "kind": OrganizationKind.COMMUNITY, field: value}
    with pytest.raises(BadEntry) as refusal:
        directory.services.add_organization(world.marc.actor, **given)
    assert refusal.value.field == field


def test_the_page_lists_searches_and_never_shows_an_address(world: Any, visitor: Any) -> None:
    """R20: there is not even a column for one."""
    navigator = visitor(world.amina)
    page = navigator.get("/directory").get_data(as_text=True)
    assert "Maison Rivage" in page
    assert "Confidential: no address" in page
    page = navigator.get("/directory?q=moisson&need=food").get_data(as_text=True)
    assert "Moisson du Quartier" in page
    assert "Bridge House" not in page
    assert not [c.name for c in Organization.__table__.columns if "address" in c.name]


def test_a_service_with_a_name_of_its_own_shows_it_and_is_found_by_it(
    world: Any, visitor: Any
) -> None:
    offer = directory.services.add_service(
        world.marc.actor, organization_id=world.organization("Bridge House").id, need=NeedCode.FOOD
    )
    offer.name_en, offer.name_fr = "Sunday table", "Table du dimanche"
    directory.search_services.refresh(offer.service_id, [offer.id])
    assert "Sunday table" in visitor(world.amina).get("/directory?q=sunday").get_data(as_text=True)
    assert "Table du dimanche" in visitor(world.louis).get("/directory?q=dimanche").get_data(
        as_text=True
    )


def test_a_service_is_found_for_each_of_its_needs(world: Any) -> None:
    agency = world.organization("Bridge House")
    offer = directory.services.add_service(
        world.marc.actor, organization_id=agency.id, need=NeedCode.FOOD
    )
    assert offer.needs == ["food"]
    offer.needs = ["food", "clothing"]
    directory.search_services.refresh(offer.service_id, [offer.id])
    for need in (NeedCode.FOOD, NeedCode.CLOTHING):
        assert offer in directory.queries.search(world.amina.actor, need=need)
        assert directory.queries.offers(world.amina.actor, agency.id, need)
    assert offer not in directory.queries.search(world.amina.actor, need=NeedCode.LEGAL)


def test_the_page_says_what_to_do_when_nothing_is_found(world: Any, visitor: Any) -> None:
    page = visitor(world.louis).get("/directory?q=zzz").get_data(as_text=True)
    assert "Moisson" not in page


def test_a_need_nobody_knows_is_refused_in_words(world: Any, visitor: Any) -> None:
    assert visitor(world.amina).get("/directory?need=treasure").status_code == 422


def test_an_agency_account_has_no_directory(world: Any, visitor: Any) -> None:
    assert visitor(world.agency).get("/directory").status_code == 404
