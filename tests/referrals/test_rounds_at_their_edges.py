"""Agencies asked in order, where something else happens meanwhile: an arrival, an expiry, a closed case."""

from datetime import timedelta
from typing import Any

import pytest

from casework import database, people
from casework.cases.models import CaseStatus, Reason, Source
from casework.database import StaleVersion
from casework.directory.needs import NeedCode
from casework.people.models import Purpose
from casework.people.services import ConsentAnswer
from casework.referrals import failures, services
from casework.referrals.manners import Manner, Scope
from casework.referrals.models import ReferralState
from casework.referrals.services import sharing
from tests.agencies import scenes as here
from tests.referrals import scenes
from tests.referrals.test_agency_link import press
from tests.referrals.test_several import asked, refuse, shelters, states
from tests.world import HOME

S = ReferralState


def test_once_somebody_arrived_a_refusal_asks_nobody_else(world: Any) -> None:
    """The desk asked another one all the same: its refusal does not go on through the list."""
    line = asked(world)
    services.report_arrival(
        world.amina.actor, line[0], has_arrived=True, source=Source.PERSON_REPORTED
    )
    services.ask_in_turn(world.amina.actor, line[1])
    refuse(world, line[1])
    assert states(line) == ["confirmed", "declined", "draft"]


def test_a_press_asks_nobody_without_consent_or_from_an_old_page(world: Any, clock: Any) -> None:
    """R4: run out, and no sweep has seen it yet."""
    clock.freeze(database.now())
    line = asked(world)
    services.recall(world.amina.actor, line[0], reason=Reason.OTHER)
    with pytest.raises(StaleVersion), database.attempt():
        services.ask_in_turn(world.amina.actor, line[1], version=line[1].version + 1)
    clock.advance(timedelta(days=31))
    with pytest.raises(failures.ConsentMissing), database.attempt():
        services.ask_in_turn(world.amina.actor, line[1])
    assert states(line) == ["recalled", "draft", "draft"]


def test_a_case_that_has_closed_asks_nobody(world: Any, db: Any) -> None:
    line = asked(world)
    line[0].case.status = CaseStatus.CLOSED
    db.session.flush()
    refuse(world, line[0])
    assert states(line) == ["declined", "withdrawn", "withdrawn"]


@pytest.mark.parametrize("manner", list(Manner))
def test_a_yes_to_these_agencies_names_each_of_them(world: Any, manner: Manner) -> None:
    """R2, R4: one consent for each, so that each can be withdrawn by itself."""
    ids = shelters(world, 3)
    case = scenes.case_for(world.amina.actor, NeedCode.SHELTER, consents=scenes.answers())
    line = asked(world, ids=ids, case=case, manner=manner, agreed=Scope.NAMED)
    consents = people.queries.sharing_consents(world.amina.actor, case.person_id, database.now())
    named = people.services.open_named_partners(world.amina.actor, consents, purpose="test")
    assert sorted(map(str, named.values())) == sorted(map(str, ids))
    assert len({referral.consent_id for referral in line}) == 3


def test_an_answer_by_link_is_not_taken_back_once_the_next_one_is_asked(
    world: Any, visitor: Any
) -> None:
    """domain.md section 3: undone only if nothing followed; the page does not offer it."""
    line = asked(world)
    link, agency = scenes.linked(world, line[0]), visitor()
    answered = press(agency, link, reply="decline", reason="no_capacity")
    page = agency.follow(answered).get_data(as_text=True)
    assert states(line) == ["declined", "requested", "draft"]
    assert "/undo" not in page
    assert agency.post(f"{link}/undo").status_code == 422


def test_nor_is_one_from_the_inbox(app: Any, world: Any) -> None:
    line = asked(world, ids=[world.organization(name).id for name in (HOME, "Bridge House")])
    desk = here.at_desk(app, world.agency)
    desk.press(line[0], reply="decline", reason="no_capacity")
    assert states(line) == ["declined", "requested"]
    assert "/undo" not in desk.page(line[0])
    assert desk.visitor.post(here.path(line[0]) + "/undo").status_code == 422


def test_a_yes_given_again_holds_whatever_becomes_of_another_kind_of_help(
    world: Any, clock: Any
) -> None:
    """R4, R31: both were said in one breath; withdrawing one is not withdrawing the other."""
    clock.freeze(database.now())
    referral = scenes.ask(world)
    first = referral.consent_id

    def say(**answers: bool) -> None:
        clock.advance(timedelta(minutes=1))
        said = [
            ConsentAnswer(Purpose.SHARE_WITH_PARTNER, yes, category=NeedCode(code))
            for code, yes in answers.items()
        ]
        people.services.record_consents(world.amina.actor, referral.case.person, said)

    say(food=True, shelter=True)
    say(shelter=False)
    assert sharing.still_holds(world.amina.actor, first)
    say(food=False)
    assert not sharing.still_holds(world.amina.actor, first)
    assert referral.state is S.WITHDRAWN


def test_of_two_answers_that_cannot_be_told_apart_both_must_hold(world: Any, clock: Any) -> None:
    """R4: which agency each names is sealed; opening them finds the one that covers this request."""
    clock.freeze(database.now())
    home, bridge = shelters(world, 2)
    case = scenes.case_for(
        world.amina.actor, NeedCode.SHELTER, consents=scenes.answers(partner_id=home)
    )
    referral = scenes.ask(world, HOME, case)
    first = referral.consent_id

    def say(**answers: bool) -> None:
        clock.advance(timedelta(minutes=1))
        ids = {"home": home, "bridge": bridge}
        people.services.record_consents(
            world.amina.actor,
            case.person,
            [
                ConsentAnswer(Purpose.SHARE_WITH_PARTNER, yes, partner_id=ids[name])
                for name, yes in answers.items()
            ],
        )

    say(home=True, bridge=True)
    say(bridge=False)
    assert not sharing.still_holds(world.amina.actor, first)
    assert referral.state is S.REQUESTED
    assert sharing.still_holds(world.amina.actor, referral.consent_id)
