"""No published trace of a shelter reaches who drives: numbers, names, streets, other cases (R16, R19)."""

from collections.abc import Callable
from typing import Any

import pytest

from casework import cases, database, directory
from casework.cases.models import CaseNeed
from casework.directory.listing_models import Location, LocationKind, Phone
from casework.directory.models import DirectoryService, Organization
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.referrals import failures, services
from casework.referrals.models import Urgency
from tests.referrals import scenes
from tests.referrals.test_the_driver_never_learns import driven_first, warned
from tests.referrals.test_what_is_told import PLACE, drive, sheltered

SHELTER = "Maison Rivage"


def service_of(world: Any) -> DirectoryService:
    shelter = world.organization(SHELTER)
    [offer] = directory.capacity_queries.services_of(world.amina.actor, shelter.id)
    return offer


def its_own_line(world: Any) -> None:
    """The number that a navigator is shown to call is the service’s, not its agency’s."""
    db.session.add(
        Phone(
            service_id=world.north.id,
            directory_service_id=service_of(world).id,
            number="+14505550177",
            kind="voice",
        )
    )


def line_of_another_service(world: Any) -> None:
    offer = directory.services.add_service(
        world.marc.actor,
        organization_id=world.organization(SHELTER).id,
        need=NeedCode.HOUSING_SEARCH,
    )
    offer.is_active = False
    db.session.flush()
    phone = {"service_id": world.north.id, "directory_service_id": offer.id}
    db.session.add(Phone(**phone, number="+15145550188", kind="fax"))


def named_service(world: Any) -> None:
    service_of(world).name_fr = "Hébergement Les Trois Lilas"


def placed(**about: str) -> Callable[[Any], None]:
    def at(world: Any) -> None:
        shelter = world.organization(SHELTER)
        db.session.add(
            Location(
                service_id=world.north.id,
                organization_id=shelter.id,
                kind=LocationKind.PHYSICAL,
                **about,
            )
        )

    return at


def agency(**about: str) -> Callable[[Any], None]:
    def known(world: Any) -> None:
        organization: Organization = world.organization(SHELTER)
        for name, value in about.items():
            setattr(organization, name, value)

    return known


LEADING = [
    (its_own_line, "appelez le 450-555-0177 en arrivant"),
    (line_of_another_service, "fax (514) 555 0188"),
    (named_service, "Hébergement Les Trois Lilas, porte de côté"),
    (placed(name="Pavillon Sainte-Cunégonde"), "Pavillon Sainte-Cunégonde"),
    (placed(address_2="Immeuble Belvédère, bureau 3"), "à l’immeuble Belvedere"),
    (placed(address_1="1234, rue de l’Église, bureau 3"), "au 1234 rue de l'Eglise"),
    (placed(address_1="3-1234, rue de l’Église"), "1234, Église, porte bleue"),
    (placed(address_1="1234 Main Street East"), "1234 Main St."),
    (placed(address_1="1234, 5e Avenue, Longueuil"), "1234 5e av."),
    (agency(name="Maison Rivage inc."), "devant Maison Rivage"),
    (agency(name="Maison Rivage, S.E.N.C."), "devant Maison Rivage"),
    (agency(name="Maison Ri\u00advage"), "Maison Rivage, porte bleue"),
    (agency(name="Maison Rivage"), "Mai\u200bson Rivage"),
    (agency(email="accueil@rivage.example"), "écrire à accueil@rivage.example"),
    (agency(url="https://www.trois-lilas.example/"), "voir trois-lilas.example"),
]


@pytest.mark.parametrize(("known", "text"), LEADING)
def test_whatever_is_published_of_a_shelter_is_refused(
    world: Any, known: Callable[[Any], None], text: str
) -> None:
    """R16: also its own line, its services, its places, and words that are shortened or broken."""
    need = sheltered(world)
    known(world)
    db.session.flush()
    with pytest.raises(failures.NamesThePlace), database.attempt():
        drive(world, need, meeting_point=text)
    drive(world, need, meeting_point=PLACE)


@pytest.mark.parametrize(
    ("known", "text"),
    [
        (placed(address_1="12, rue de la Gare, bureau 3"), "devant la gare, quai 12, bureau 3"),
        (placed(address_1="C.P. 123", address_2="2e étage"), "2e étage, case 123"),
        (placed(name="Longueuil", city="Longueuil"), "métro Longueuil, sortie nord"),
        (named_service, "les trois marches, devant les lilas"),
    ],
)
def test_what_only_sounds_alike_is_let_through(
    world: Any, known: Callable[[Any], None], text: str
) -> None:
    need = sheltered(world)
    known(world)
    service_of(world).name_en = "Emergency shelter"
    db.session.flush()
    drive(world, need, meeting_point=text, arrival="not at the emergency shelter")


def second_stage(world: Any) -> CaseNeed:
    """Ask a shelter from violence for a home, and give the other need: a drive."""
    amina, shelter = world.amina.actor, world.organization(SHELTER)
    directory.services.add_service(
        world.marc.actor, organization_id=shelter.id, need=NeedCode.HOUSING_SEARCH
    )
    consents = scenes.answers(NeedCode.HOUSING_SEARCH, NeedCode.TRANSPORT)
    case = scenes.case_for(amina, NeedCode.HOUSING_SEARCH, consents=consents, is_sensitive=True)
    services.send(amina, case, case.needs[0], organization_id=shelter.id, urgency=Urgency.URGENT)
    [need] = cases.services.add_needs(amina, case, codes=[NeedCode.TRANSPORT])
    return need


def test_a_shelter_is_one_whatever_it_was_asked_for(world: Any) -> None:
    """R16: second-stage housing is asked as finding a home, and stands at the same door."""
    need = second_stage(world)
    with pytest.raises(failures.NamesThePlace), database.attempt():
        drive(world, need, meeting_point="Maison Rivage, porte bleue")


def test_a_shelter_asked_in_another_case_of_the_person_is_not_named_either(world: Any) -> None:
    amina = world.amina.actor
    consents = scenes.answers(NeedCode.VIOLENCE_SHELTER, NeedCode.TRANSPORT)
    case = scenes.case_for(amina, NeedCode.VIOLENCE_SHELTER, consents=consents)
    scenes.ask(world, SHELTER, case)
    second = cases.services.open_case(
        amina, case.person, needs=[NeedCode.TRANSPORT], adults=1, children=3, language="fr"
    )
    with pytest.raises(failures.NamesThePlace), database.attempt():
        drive(world, second.needs[0], meeting_point="Maison Rivage, porte bleue")
    # Somebody else’s shelter is nothing to this person.
    stranger = scenes.case_for(amina, NeedCode.TRANSPORT)
    drive(world, stranger.needs[0], meeting_point="Maison Rivage, porte bleue")


def test_who_answers_for_the_drive_hears_of_a_shelter_asked_later_in_another_case(
    world: Any,
) -> None:
    referral = driven_first(world, meeting_point="Maison Rivage, porte bleue")
    amina, person = world.amina.actor, referral.case.person
    second = cases.services.open_case(
        amina, person, needs=[NeedCode.VIOLENCE_SHELTER], adults=1, children=3, language="fr"
    )
    assert not warned(world.amina)
    scenes.ask(world, SHELTER, second)
    assert warned(world.amina)
