"""What a request tells, by need: car seats and a neutral place to who drives, diet and formula for food."""

from typing import Any

import pytest
from sqlalchemy import text

from casework import cases, database, directory
from casework.cases.models import Case, CaseNeed, Reason, Source
from casework.directory.listing_models import Location, LocationKind
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.referrals import failures, queries, services, telling
from casework.referrals.forms import SendForm
from casework.referrals.models import LinkPurpose, Referral, ReferralState, Urgency
from casework.referrals.services.links import make_link
from tests.referrals import scenes
from tests.referrals.test_agency_link import press

DRIVER = "Volunteer Wheels"
PLACE = "Bibliothèque centrale, entrée"
SEATS = {"infant_seats": "1", "toddler_seats": "", "booster_seats": "2"}


def sheltered(world: Any, shelter: str = "Maison Rivage") -> CaseNeed:
    """Open a case in which a shelter is asked, and give its other need: a drive."""
    amina, code = world.amina.actor, scenes.need_of(shelter)
    consents = scenes.answers(code, NeedCode.TRANSPORT)
    case = scenes.case_for(amina, code, consents=consents)
    scenes.ask(world, shelter, case)
    scenes.post(world.north.id)
    [need] = cases.services.add_needs(amina, case, codes=[NeedCode.TRANSPORT])
    return need


def drive(world: Any, need: CaseNeed, **details: str) -> Referral:
    """Ask for a drive: a need with a request of its own."""
    case = db.session.get(Case, need.case_id)
    assert case is not None
    return services.send(
        world.amina.actor,
        case,
        need,
        organization_id=world.organization(DRIVER).id,
        urgency=Urgency.URGENT,
        details=details,
    )


def told(world: Any, referral: Referral) -> dict[str, str]:
    return services.open_request_details(world.amina.actor, referral, purpose="test")


def test_a_drive_tells_where_to_meet_and_how_many_seats_of_which_kind(world: Any) -> None:
    referral = drive(world, sheltered(world), meeting_point=PLACE, diet="halal", **SEATS)
    assert told(world, referral) == {
        "meeting_point": PLACE, "infant_seats": "1", "booster_seats": "2",
    }  # fmt: skip


def test_who_drives_sees_the_place_and_the_seats_and_never_the_shelter(
    world: Any, visitor: Any
) -> None:
    """R16, R19: not on the page, before or after a press and the yes; not in the mail, nor the audit."""
    referral = drive(world, sheltered(world), meeting_point=PLACE, **SEATS)
    shelter = world.organization("Maison Rivage")
    hidden = ("Rivage", str(shelter.id), "violence", "maison-rivage@")
    [mail] = scenes.post(world.north.id)
    link, driver = scenes.link_in(mail), visitor()
    seen = [mail.as_string(), driver.get(link).get_data(as_text=True)]
    shown = driver.post(f"{link}/details").get_data(as_text=True)
    for word in (PLACE, "Infant seats", "Booster seats"):
        assert word in shown, word
    assert "Toddler seats" not in shown
    seen += [shown, press(driver, link, reply="hold", hold="2h").get_data(as_text=True)]
    database.enter_service(world.north.id)
    seen += [driver.get(link).get_data(as_text=True)]
    # Anew, as for a drive that is under way: its own link.
    token = make_link(world.amina.actor, referral, LinkPurpose.ARRIVAL, world.organization(DRIVER))
    database.commit()
    seen += [visitor().post(f"/r/{token}/details").get_data(as_text=True)]
    database.enter_service(world.north.id)
    rows = db.session.execute(
        text("SELECT e::text FROM audit_entry e WHERE actor_kind = 'partner_link'")
    )
    written = [str(row) for row in rows.scalars()]
    assert written
    for page in (*seen, *written):
        for word in hidden:
            assert word not in page, word


@pytest.mark.parametrize("field", ["meeting_point", "access", "arrival", "alias"])
def test_the_name_of_the_shelter_is_refused_in_whichever_line_it_is_typed(
    world: Any, field: str
) -> None:
    """R16, R19: however it is accented, hyphenated or written in capitals."""
    need = sheltered(world)
    with pytest.raises(failures.NamesThePlace) as refused, database.attempt():
        drive(world, need, **{field: "devant la MAISON-RIVAGE, à droite"})
    assert refused.value.field == field


def test_its_address_is_refused_too_and_other_words_are_not(world: Any) -> None:
    home = world.organization("Foyer du Pont")
    place = Location(
        service_id=world.north.id,
        organization_id=home.id,
        kind=LocationKind.PHYSICAL,
        address_1="12, rue de l’Église",
    )
    db.session.add(place)
    db.session.flush()
    assert directory.queries.published_of(world.amina.actor, home).addresses == [place.address_1]
    need = sheltered(world, "Foyer du Pont")
    with pytest.raises(failures.NamesThePlace), database.attempt():
        drive(world, need, meeting_point="au 12 rue de l'eglise")
    drive(world, need, meeting_point="foyer de la gare, pont Champlain")


@pytest.mark.parametrize(
    "words", ["j2x1y4, porte de gauche", "appelez au 819 555-0143", "à La Passerelle"]
)
def test_nothing_else_that_leads_to_the_door_of_the_shelter_is_told_either(
    world: Any, words: str
) -> None:
    """R16: in Canada a postal code is one side of a street; a phone is looked up backwards."""
    home = world.organization("Foyer du Pont")
    home.phone, home.alternate_name = "+18195550143", "La Passerelle"
    place = Location(
        service_id=world.north.id,
        organization_id=home.id,
        kind=LocationKind.PHYSICAL,
        postal_code="J2X 1Y4",
    )
    db.session.add(place)
    db.session.flush()
    need = sheltered(world, "Foyer du Pont")
    with pytest.raises(failures.NamesThePlace), database.attempt():
        drive(world, need, meeting_point=words)
    drive(world, need, meeting_point="devant la gare, quai 4")


def test_an_answer_to_the_question_of_who_drives_names_no_shelter_either(world: Any) -> None:
    referral = drive(world, sheltered(world), meeting_point=PLACE)
    services.answer(
        world.amina.actor,
        referral,
        to=ReferralState.INFO_NEEDED,
        source=Source.PARTNER_CONFIRMED,
        details={"note": "Où va-t-elle?"},
    )
    with pytest.raises(failures.NamesThePlace), database.attempt():
        services.answer_question(world.amina.actor, referral, text="À la maison Rivage")


def test_the_page_keeps_what_was_typed_and_says_what_is_wrong(world: Any, visitor: Any) -> None:
    first = drive(world, sheltered(world), meeting_point=PLACE)
    services.recall(world.amina.actor, first, reason=Reason.OTHER)
    case, need_id = first.case, first.need_id
    database.commit()
    url = f"/cases/{case.ref}/referrals/new?need={need_id}"
    fields = {
        "organization": str(world.organization(DRIVER).id),
        "urgency": "urgent",
        "meeting_point": "Maison Rivage, porte bleue",
        "booster_seats": "3",
    }
    answer = visitor(world.amina).submit(url, fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "This names the shelter" in page
    assert "Maison Rivage, porte bleue" in page
    assert '<option selected value="3">' in page


def test_food_tells_diet_formula_delivery_and_who_collects(world: Any, visitor: Any) -> None:
    case = scenes.case_for(world.amina.actor)
    database.commit()
    url = f"/cases/{case.ref}/referrals/new"
    bank = world.organization("Moisson du Quartier")
    fields = {
        "organization": str(bank.id),
        "urgency": "routine",
        "diet": "sans noix",
        "formula": "étape 1",
        "delivery": "y",
        "other_collects": "y",
        "booster_seats": "2",
    }
    navigator = visitor(world.amina)
    page = navigator.get(url).get_data(as_text=True)
    assert "Car seats" not in page
    assert navigator.post(url, fields).status_code == 303
    database.enter_service(world.north.id)
    [referral] = queries.for_case(world.amina.actor, case)
    assert told(world, referral) == {
        "diet": "sans noix", "formula": "étape 1", "delivery": "yes", "other_collects": "yes",
    }  # fmt: skip
    link, agency = scenes.linked(world, referral), visitor()
    agency.get(link)
    shown = agency.post(f"{link}/details").get_data(as_text=True)
    for word in ("sans noix", "étape 1", "Une autre personne vient chercher", "Oui"):
        assert word in shown, word
    database.enter_service(world.north.id)
    revealed = navigator.post(f"/referrals/{referral.id}/reveal").get_data(as_text=True)
    assert "Somebody else picks it up" in revealed


@pytest.mark.parametrize("code", list(NeedCode))
def test_each_kind_of_help_is_told_only_what_it_needs(code: NeedCode) -> None:
    """R28, R38."""
    only = {name for need, names in telling.ONLY_FOR.items() if need is not code for name in names}
    assert not only & set(telling.fields_for(code))


def test_every_line_that_may_be_told_has_a_label_and_stands_in_the_form() -> None:
    names = {name for code in NeedCode for name in telling.fields_for(code)}
    assert names | {"reply"} == set(telling.LABELS)
    assert all(hasattr(SendForm, name) for name in names)
