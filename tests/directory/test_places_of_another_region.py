"""A place of another region stands behind one that may serve them; a name that settles nothing is asked."""

from typing import Any

import pytest

from casework import directory
from casework.directory import policy
from casework.directory.listing_models import Location, LocationKind, ServiceAtLocation
from casework.directory.models import DirectoryService, OrganizationKind
from casework.directory.needs import NeedCode
from casework.directory.policy import Fit, Wants
from casework.directory.search_services import refresh
from casework.extensions import db
from casework.referrals.views.words import fit_words
from tests.directory.test_finding_a_place import place

REGIONS = frozenset({"mauricie", "greater toronto"})


def weighed(region: str, *areas: str, of: str = "Mauricie") -> Fit:
    offer = place(region=region)
    offer.service_areas = list(areas)
    return policy.fit(offer, Wants(NeedCode.FOOD, region=of, regions=REGIONS))


def test_a_place_of_another_region_is_against_and_names_it() -> None:
    far = weighed("Greater Toronto")
    assert far.against == ("region",)
    assert fit_words(far)[2] == ["in another region: Greater Toronto"]
    assert weighed("Mauricie").reasons == ("region",)


def test_what_delivers_far_away_stands_behind_what_is_near_and_says_nothing_of_it() -> None:
    """The next agency proposed to a man of Trois-Rivières was hundreds of kilometres off."""
    far, near = place("Aaa", region="Greater Toronto"), place("Zzz", region="Mauricie")
    unknown = place("Mmm", region="")
    wants = Wants(NeedCode.FOOD, region="Mauricie", regions=REGIONS)
    found = policy.best_first([far, unknown, near], wants)
    assert [each.service for each in found] == [near, unknown, far]


@pytest.mark.parametrize(
    ("region", "areas", "of", "words"),
    [
        ("", (), "Mauricie", "region not known"),
        ("QC", (), "Mauricie", "QC: ask if they serve them"),
        ("Québec", (), "Mauricie", "Québec: ask if they serve them"),
        ("Greater Toronto", (), "Ontario", "Greater Toronto: ask if they serve them"),
        ("Greater Toronto", ("Canada",), "Mauricie", "Greater Toronto: ask if they serve them"),
        # A town: nobody said of which region it is.
        ("Mauricie", (), "Trois-Rivières", "Mauricie: ask if they serve them"),
    ],
)
def test_names_that_cannot_be_compared_are_unknown_and_never_a_no(
    region: str, areas: tuple[str, ...], of: str, words: str
) -> None:
    fit = weighed(region, *areas, of=of)
    assert (fit.reasons, fit.against) == ((), ())
    assert fit_words(fit)[1] == [words]


def test_an_area_that_is_published_is_served_wherever_its_agency_is() -> None:
    assert weighed("Greater Toronto", "MAURICIE").reasons == ("region",)


def test_a_case_without_a_region_asks_nothing_of_it() -> None:
    fit = weighed("Mauricie", of="")
    assert "region" not in {*fit.reasons, *fit.unknowns, *fit.against}


def test_a_place_in_the_town_of_the_case_comes_first(world: Any) -> None:
    """The town is that of the address, which a confidential place does not have (R20)."""
    for name, region in (("Aaa", "Mauricie"), ("Zzz", "Région X")):
        agency = directory.services.add_organization(
            world.marc.actor, name=name, kind=OrganizationKind.FOOD_BANK, region=region
        )
        offer = directory.services.add_service(
            world.marc.actor, organization_id=agency.id, need=NeedCode.FOOD
        )
    _put_in(offer, "Trois-Rivières")
    wants = Wants(NeedCode.FOOD, region="trois-rivieres")
    first, *others = directory.queries.suitable(world.amina.actor, wants).fits
    assert (first.service.id, first.reasons) == (offer.id, ("region",))
    assert others and all("region" in each.unknowns for each in others)
    # The word is a region of the directory: those of another one are plainly elsewhere.
    wants = Wants(NeedCode.FOOD, region="Mauricie")
    found = {
        each.service.organization.name: each
        for each in directory.queries.suitable(world.amina.actor, wants).fits
    }
    assert "region" in found["Aaa"].reasons
    assert "region" in found["Zzz"].against
    assert "region" in found["Moisson du Quartier"].unknowns


def _put_in(offer: DirectoryService, city: str) -> None:
    town = Location(
        service_id=offer.service_id,
        organization_id=offer.organization_id,
        kind=LocationKind.PHYSICAL,
        city=city,
    )
    db.session.add(town)
    db.session.flush()
    db.session.add(
        ServiceAtLocation(
            service_id=offer.service_id, directory_service_id=offer.id, location_id=town.id
        )
    )
    refresh(offer.service_id, [offer.id])
