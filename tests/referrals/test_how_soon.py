"""How soon an agency is asked to answer: beside something urgent nothing is routine unasked."""

import re
from typing import Any

import pytest

from casework import cases, database
from casework.cases.models import Case, NeedOutcome, Source
from casework.directory.needs import NeedCode
from casework.referrals import queries
from casework.referrals.models import Urgency
from tests.referrals import scenes

CHOSEN = re.compile(r'name="urgency" value="(\w+)"[^>]* checked')


def proposed(world: Any, visitor: Any, case: Case, need: NeedCode) -> list[str]:
    """Add a need to a case and read what its page proposes."""
    if need not in {each.code for each in case.needs}:
        cases.services.add_need(world.amina.actor, case, code=need)
    wanted = next(each for each in case.needs if each.code is need)
    database.commit()
    url = f"/cases/{case.ref}/referrals/new?need={wanted.id}"
    page = visitor(world.amina).get(url).get_data(as_text=True)
    database.enter_service(world.north.id)
    return CHOSEN.findall(page)


@pytest.mark.parametrize("shelter", [NeedCode.SHELTER, NeedCode.VIOLENCE_SHELTER])
def test_a_drive_beside_a_shelter_is_proposed_as_urgent(
    world: Any, visitor: Any, shelter: NeedCode
) -> None:
    """Domain.md section 3: a bed for tonight is of no use to whom a driver answers in weeks."""
    case = scenes.case_for(world.amina.actor, shelter)
    assert proposed(world, visitor, case, NeedCode.TRANSPORT) == ["urgent"]


def test_a_drive_is_as_urgent_as_the_most_urgent_open_request(world: Any, visitor: Any) -> None:
    case = scenes.case_for(world.amina.actor)
    assert proposed(world, visitor, case, NeedCode.TRANSPORT) == ["routine"]
    scenes.ask(world, case=case).urgency = Urgency.URGENT
    assert proposed(world, visitor, case, NeedCode.TRANSPORT) == ["urgent"]


@pytest.mark.parametrize("shelter", [NeedCode.SHELTER, NeedCode.VIOLENCE_SHELTER])
def test_anything_else_beside_a_shelter_must_be_chosen(
    world: Any, visitor: Any, shelter: NeedCode
) -> None:
    both = scenes.answers(shelter, NeedCode.FOOD)
    case = scenes.case_for(world.amina.actor, shelter, consents=both)
    assert proposed(world, visitor, case, NeedCode.FOOD) == []
    food = next(each for each in case.needs if each.code is NeedCode.FOOD)
    refused = visitor(world.amina).post(
        f"/cases/{case.ref}/referrals/new?need={food.id}",
        {"organization": str(world.organization("Moisson du Quartier").id)},
    )
    assert refused.status_code == 422
    assert 'id="urgency-error"' in refused.get_data(as_text=True)
    database.enter_service(world.north.id)
    assert queries.for_case(world.amina.actor, case) == []


@pytest.mark.parametrize(
    ("shelter", "then"), [(NeedCode.SHELTER, ["routine"]), (NeedCode.VIOLENCE_SHELTER, [])]
)
def test_once_the_shelter_is_found_only_a_case_of_violence_is_asked_about(
    world: Any, visitor: Any, shelter: NeedCode, then: list[str]
) -> None:
    """R19: such a case stays what it is when its first need is met."""
    case = scenes.case_for(world.amina.actor, shelter)
    cases.services.record_outcome(
        world.amina.actor,
        case,
        case.needs[0],
        outcome=NeedOutcome.MET,
        source=Source.PERSON_REPORTED,
    )
    assert proposed(world, visitor, case, NeedCode.TRANSPORT) == then
