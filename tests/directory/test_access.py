"""What agencies publish of access is weighed where its words are plain, and told as theirs where not."""

from typing import Any

import pytest

from casework import directory
from casework.directory.access_policy import NOT_STEP_FREE, STEP_FREE, Access, access_of
from casework.directory.features import Feature
from casework.directory.filter_policy import Said
from casework.directory.folding import words_alone
from casework.directory.listing_models import Location, LocationKind, ServiceAtLocation
from casework.directory.needs import NeedCode
from casework.directory.policy import Suitable, Wants
from casework.extensions import db

RAMP = "Ramp at the side door"


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([], Access()),
        ([[]], Access()),
        ([["Wheelchair accessible"]], Access(Said.YES)),
        ([["Accessible en fauteuil roulant.", "Braille"]], Access(Said.YES)),
        ([["NOT wheelchair-accessible"]], Access(Said.NO)),
        ([["Accès pour fauteuils roulants"], ["Fully accessible"]], Access(Said.YES)),
        # What is no plain yes or no stays the agency’s word.
        ([[RAMP]], Access(words=(RAMP,))),
        ([["Wheelchair accessible entrance"]], Access(words=("Wheelchair accessible entrance",))),
        ([["Partially accessible"]], Access(words=("Partially accessible",))),
        # A contradiction, places that differ and one that says nothing settle nothing.
        ([["Accessible en fauteuil roulant", "Non accessible"]],
         Access(words=("Accessible en fauteuil roulant", "Non accessible"))),
        ([["Step-free"], ["Not accessible"]], Access(words=("Step-free", "Not accessible"))),
        ([["Step-free"], []], Access(words=("Step-free",))),
    ],
)  # fmt: skip
def test_only_plain_words_are_a_yes_or_a_no(places: list[list[str]], expected: Access) -> None:
    """Unknown is never treated as safe."""
    assert access_of(places) == expected


def test_the_vocabulary_is_folded_as_it_is_compared_and_says_one_thing() -> None:
    assert not STEP_FREE & NOT_STEP_FREE
    assert all(words_alone(entry) == entry for entry in STEP_FREE | NOT_STEP_FREE)


def published(world: Any, name: str, *texts: str, is_confidential: bool = False) -> None:
    """Publish what an agency of the cast says of access at its one place."""
    agency = world.organization(name)
    place = Location(
        service_id=world.north.id,
        organization_id=agency.id,
        kind=LocationKind.REDACTED if is_confidential else LocationKind.PHYSICAL,
        is_confidential=is_confidential,
        accessibility=list(texts),
    )
    db.session.add(place)
    db.session.flush()
    for offer in directory.capacity_queries.services_of(world.amina.actor, agency.id):
        given = ServiceAtLocation(
            service_id=world.north.id, directory_service_id=offer.id, location_id=place.id
        )
        db.session.add(given)
    db.session.flush()


def found(world: Any, *features: Feature) -> Suitable:
    wants = Wants(need=NeedCode.SHELTER, features=features)
    return directory.queries.suitable(world.amina.actor, wants)


def test_who_needs_a_step_free_way_sees_first_who_says_so_and_last_who_says_no(world: Any) -> None:
    published(world, "Foyer du Pont", "Accessible en fauteuil roulant")
    published(world, "Bridge House", "Not wheelchair accessible")
    first, last = found(world, Feature.WHEELCHAIR).fits
    assert first.service.organization.name == "Foyer du Pont"
    assert first.offers == (Feature.WHEELCHAIR,)
    assert last.against == ("access",)
    assert last.unsaid == ()
    assert last.is_for_others
    # Nobody asked for it: nothing is weighed, and nothing speaks against a place.
    assert all(not fit.against and not fit.offers for fit in found(world).fits)


def test_what_our_own_people_wrote_of_a_place_stands_above_what_is_published(world: Any) -> None:
    published(world, "Bridge House", "Not accessible")
    agency = world.organization("Bridge House")
    [offer] = directory.capacity_queries.services_of(world.amina.actor, agency.id)
    offer.features = [Feature.WHEELCHAIR.value]
    db.session.flush()
    [fit] = [each for each in found(world, Feature.WHEELCHAIR).fits if each.service is offer]
    assert (fit.offers, fit.against) == ((Feature.WHEELCHAIR,), ())


def test_other_words_are_told_as_what_the_agency_says(world: Any) -> None:
    published(world, "Bridge House", RAMP)
    [fit] = [each for each in found(world, Feature.WHEELCHAIR).fits if each.access]
    assert fit.access == (RAMP,)
    assert fit.unsaid == (Feature.WHEELCHAIR,)


def test_of_a_confidential_place_nothing_is_read(world: Any) -> None:
    """R20."""
    published(world, "Bridge House", "Ramp on Elm Street", is_confidential=True)
    assert all(not fit.access for fit in found(world, Feature.WHEELCHAIR).fits)
