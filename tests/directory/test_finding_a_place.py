"""Finding a place: folded words, one's own service only, and never an address (R20)."""

from typing import Any

import pytest

from casework import directory
from casework.database import NotFound
from casework.directory import policy
from casework.directory.features import Feature
from casework.directory.filter_policy import Said
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


def test_of_equals_the_order_is_by_name_whichever_came_first() -> None:
    """So the order never jumps between two looks at the same page."""
    wants = Wants(need=NeedCode.FOOD)
    every = [place("Zone"), place("école"), place("Abri")]
    for given in (every, every[::-1]):
        names = [fit.service.organization.name for fit in policy.best_first(given, wants)]
        assert names == ["Abri", "école", "Zone"]


def test_open_day_and_night_counts_most_when_it_is_urgent_and_is_unknown_only_then() -> None:
    always = place("Zone", is_open_all_hours=True)
    families = place("Abri", features=[Feature.FAMILIES.value])
    for is_urgent, first, unknown in ((True, always, True), (False, families, False)):
        wants = Wants(need=NeedCode.SHELTER, children=1, is_urgent=is_urgent)
        best, *_rest = policy.best_first([always, families], wants)
        assert best.service is first
        assert ("open_all_hours" in policy.fit(families, wants).unknowns) is unknown
        assert "open_all_hours" not in policy.fit(families, wants).reasons


def test_who_plainly_speaks_other_languages_stands_behind_who_says_nothing_of_a_wish() -> None:
    """What nobody said can be asked on the phone; whoever speaks no French cannot be asked to."""
    wants = Wants(need=NeedCode.FOOD, language="fr", features=(Feature.DELIVERY,))
    delivers = place("Abri", features=[Feature.DELIVERY.value], languages=["en"])
    speaks = place("Zone", languages=["fr"])
    silent = place("Quiet")
    best, *others = policy.best_first([delivers, silent, speaks], wants)
    assert best.service is speaks
    [plain] = [each for each in others if each.service is delivers]
    assert plain.against == ("language",)
    unsaid = place("Silence", features=[Feature.DELIVERY.value])
    assert policy.best_first([delivers, unsaid], wants)[0].service is unsaid


def test_a_region_is_the_same_however_it_is_accented() -> None:
    fit = policy.fit(place(region="Montérégie"), Wants(need=NeedCode.FOOD, region="MONTEREGIE"))
    assert fit.reasons == ("region",)
    assert policy.fit(place(region=""), Wants(need=NeedCode.FOOD, region="")).reasons == ()


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
    found = directory.queries.suitable(world.amina.actor, wants)
    assert found.fits[0].service.id == offer.id
    assert len(found.fits) == 2
    # And it is said that not all were weighed.
    assert found.is_cut


def test_those_that_have_what_is_ticked_are_weighed_too_and_the_rest_is_counted(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 5: nothing is hidden without saying so."""
    monkeypatch.setattr("casework.directory.queries.MOST", 1)
    agency = directory.services.add_organization(
        world.marc.actor, name="Zzz", kind=OrganizationKind.SHELTER
    )
    for features in ([Feature.PETS], []):
        directory.services.add_service(
            world.marc.actor,
            organization_id=agency.id,
            need=NeedCode.SHELTER,
            features=features,
        )
    wants = Wants(need=NeedCode.SHELTER, features=(Feature.PETS,))
    found = directory.queries.suitable(world.amina.actor, wants)
    assert found.fits[0].service.organization_id == agency.id
    assert found.fits[0].offers == (Feature.PETS,)
    monkeypatch.setattr("casework.directory.queries.MOST", 1000)
    found = directory.queries.suitable(world.amina.actor, wants, limit=1)
    assert (len(found.fits), found.is_cut) == (1, False)
    assert found.others
    # Each agency stands once, however much it offers.
    every = directory.queries.suitable(world.amina.actor, wants).fits
    ids = [each.service.organization_id for each in every]
    assert len(ids) == len(set(ids)) == found.others + 1


def aged(youngest: int | None, oldest: int | None) -> DirectoryService:
    """Make a place that names ages."""
    offer = place("Ages")
    offer.minimum_age, offer.maximum_age = youngest, oldest
    return offer


@pytest.mark.parametrize(
    ("need", "adults", "children", "ages", "expected"),
    [
        (NeedCode.SHELTER, 1, 0, (None, None), None),
        (NeedCode.SHELTER, 1, 0, (18, None), Said.YES),
        (NeedCode.SHELTER, 1, 2, (18, None), Said.NO),
        (NeedCode.SHELTER, 1, 2, (16, None), Said.NOTHING),
        (NeedCode.SHELTER, 1, 2, (0, None), Said.YES),
        (NeedCode.SHELTER, 1, 2, (None, 17), Said.NO),
        (NeedCode.SHELTER, 1, 0, (16, 25), Said.NOTHING),
        (NeedCode.SHELTER, 1, 0, (55, None), Said.NOTHING),
        # Elsewhere one of a household goes alone: the parent to the clinic, the child to day care.
        (NeedCode.LEGAL, 1, 2, (18, None), Said.YES),
        (NeedCode.CHILD_CARE, 1, 1, (0, 5), Said.NOTHING),
        (NeedCode.CHILD_CARE, 1, 0, (0, 5), Said.NO),
        (NeedCode.LEGAL, 0, 1, (18, None), Said.NO),
        (NeedCode.LEGAL, 0, 0, (18, None), Said.NOTHING),
    ],
)
def test_ages_are_yes_no_or_not_known(
    need: NeedCode, adults: int, children: int, ages: Any, expected: Said | None
) -> None:
    """How old the children are is sealed: only what is plain is said."""
    wants = Wants(need=need, adults=adults, children=children)
    assert policy.takes_household(aged(*ages), wants) is expected


def test_what_plainly_takes_others_stands_last_with_its_reason() -> None:
    wants = Wants(need=NeedCode.SHELTER, language="fr", adults=1, children=2)
    grown, plain = aged(18, None), place("Zone")
    grown.languages, grown.features = ["fr"], [Feature.FAMILIES.value]
    first, last = policy.best_first([grown, plain], wants)
    assert (first.service, last.service) == (plain, grown)
    assert last.against == ("ages",)
    assert first.against == ()


def test_a_language_is_said_unsaid_or_another() -> None:
    """Unknown is never treated as a yes; where an interpreter comes it is not a no either."""
    wants = Wants(need=NeedCode.LEGAL, language="ar")
    other = policy.fit(place(languages=["fr"]), wants)
    assert (other.unknowns, other.against) == ((), ("language",))
    helped = policy.fit(place(languages=["fr"], features=["interpreter"]), wants)
    assert (helped.unknowns, helped.against) == (("language",), ())


def test_what_is_ticked_is_offered_or_not_said_never_refused() -> None:
    wants = Wants(need=NeedCode.FOOD, features=(Feature.HALAL, Feature.DELIVERY))
    some = policy.fit(place(features=["halal"]), wants)
    assert (some.offers, some.unsaid) == ((Feature.HALAL,), (Feature.DELIVERY,))
    best, *_others = policy.best_first([place("A"), some.service], wants)
    assert best.service is some.service


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
