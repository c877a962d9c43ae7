"""An agency reads and answers in the words of what it gives: a place, a drive, food, or help."""

from dataclasses import fields
from typing import Any

import pytest
from flask import Flask

from casework import database, directory
from casework.directory.giving import DRIVE, FOOD, HELP, PLACE, Giving, giving, giving_for_all
from casework.directory.models import OrganizationKind
from casework.directory.needs import NeedCode
from casework.referrals.models import Referral
from tests.agencies.scenes import at_desk, colleague, path
from tests.referrals import scenes
from tests.referrals.test_going_on import press

AGENCIES: dict[str, tuple[str, Giving]] = {
    "Foyer du Pont": ("Nous réservons une place", PLACE),
    "Moisson du Quartier": ("Nous préparons la nourriture", FOOD),
    "Volunteer Wheels": ("We will drive them", DRIVE),
}


def legal_clinic(world: Any) -> None:
    """Add an agency that neither shelters, drives nor feeds."""
    actor = world.amina.actor
    clinic = directory.services.add_organization(
        actor,
        name="Clinique du Droit",
        kind=OrganizationKind.COMMUNITY,
        phone="+15145550100",
        email="clinique@agency.example",
        locale="en_CA",
    )
    directory.services.add_service(actor, organization_id=clinic.id, need=NeedCode.LEGAL)
    database.flush()


def ask_clinic(world: Any) -> Referral:
    """Ask the clinic for legal help."""
    legal_clinic(world)
    case = scenes.case_for(world.amina.actor, NeedCode.LEGAL)
    return scenes.ask(world, "Clinique du Droit", case)


@pytest.mark.parametrize("other", [DRIVE, FOOD, HELP], ids=["drive", "food", "help"])
def test_nobody_but_a_shelter_speaks_of_places(app: Flask, other: Giving) -> None:
    with app.test_request_context():
        for each in fields(Giving):
            words = getattr(other, each.name)
            if not isinstance(words, bool):
                assert str(words) != str(getattr(PLACE, each.name)), each.name
                assert " place" not in str(words).lower()
    assert not other.is_place
    assert PLACE.is_place and PLACE.has_beds and not FOOD.has_beds and not DRIVE.has_beds


@pytest.mark.parametrize("name", AGENCIES)
def test_by_its_link_an_agency_says_yes_in_its_own_words(
    world: Any, visitor: Any, name: str
) -> None:
    """R28: the need stands in the clear on the page, so its words may too."""
    link, agency = scenes.linked(world, scenes.ask(world, name)), visitor()
    page = agency.get(link).get_data(as_text=True)
    for other, (words, _giving) in AGENCIES.items():
        assert (words in page) is (other == name), words
    if name == "Volunteer Wheels":
        assert "See the meeting point, car seats and access" in page
    after = agency.follow(press(agency, link, reply="hold", hold="2h")).get_data(as_text=True)
    shown = {"Foyer du Pont": "Place réservée jusqu’", "Moisson du Quartier": "Nourriture réservée",
             "Volunteer Wheels": "Drive agreed"}  # fmt: skip
    for other, words in shown.items():
        assert (words in after) is (other == name), words


def test_of_any_other_need_an_agency_simply_helps(world: Any, visitor: Any) -> None:
    """A legal clinic is asked for no place, and answers with none."""
    link, agency = scenes.linked(world, ask_clinic(world)), visitor()
    page = agency.get(link).get_data(as_text=True)
    assert "We can help" in page
    assert "We hold a place" not in page
    assert "What you can take now" in page
    after = agency.follow(press(agency, link, reply="hold", hold="2h")).get_data(as_text=True)
    assert "Help agreed" in after
    assert "Place held" not in after


def test_the_inbox_speaks_of_drives_to_who_drives(app: Any, world: Any) -> None:
    referral = scenes.ask(world, "Volunteer Wheels")
    desk = at_desk(app, colleague(world, "Vera", "Volunteer Wheels"))
    inbox = desk.inbox()
    assert "We will drive them" in inbox
    assert "What you can take now" in inbox
    for words in ("We hold a place", "Free places now", "Places not known"):
        assert words not in inbox, words
    assert "We will drive them" in desk.page(referral)
    desk.press(referral, reply="hold", hold="2h")
    assert "Drive agreed" in desk.visitor.get(path(referral)).get_data(as_text=True)
    after = desk.inbox()
    assert "You said yes" in after
    assert "Places held" not in after


def test_each_need_has_words_and_a_mixed_list_speaks_of_help() -> None:
    assert all(giving(need) for need in NeedCode)
    assert giving(NeedCode.VIOLENCE_SHELTER) is giving(NeedCode.SHELTER) is PLACE
    assert giving_for_all([NeedCode.SHELTER, NeedCode.VIOLENCE_SHELTER]) is PLACE
    assert giving_for_all([NeedCode.SHELTER, NeedCode.FOOD]) is HELP
    assert giving_for_all([]) is HELP


def test_an_agency_reads_whom_to_call_by_name_and_number(
    app: Any, world: Any, visitor: Any
) -> None:
    """“Call the service” helps nobody who answers for three of them; a dead link still names none."""
    world.north.phone = "+14505550111"
    database.flush()
    link, agency = scenes.linked(world, scenes.ask(world, "Foyer du Pont")), visitor()
    page = agency.get(link).get_data(as_text=True)
    assert 'href="tel:+14505550111"' in page
    assert "Appeler 211 Rivière-du-Nord\u00a0: 450-555-0111" in page
    after = agency.follow(press(agency, link, reply="hold", hold="2h")).get_data(as_text=True)
    assert 'href="tel:+14505550111"' in after
    gone = visitor().get(link)
    assert gone.status_code == 404
    assert "450-555" not in gone.get_data(as_text=True)
    assert "Rivière" not in gone.get_data(as_text=True)


def test_a_service_without_a_number_is_still_named(world: Any, visitor: Any) -> None:
    world.north.phone = ""
    database.flush()
    link = scenes.linked(world, scenes.ask(world, "Volunteer Wheels"))
    page = visitor().get(link).get_data(as_text=True)
    assert "Call North River 211" in page
    assert "tel:" not in page
