"""What an agency still finds in its inbox, and what has gone from it: asked at every view (R4, R28)."""

from datetime import timedelta
from typing import Any

import pytest

from casework import database
from casework.cases.models import Reason, Source
from casework.directory.needs import NeedCode
from casework.referrals import queries, services
from casework.referrals.manners import Manner
from casework.referrals.models import Referral, ReferralState, Urgency
from tests.agencies import scenes as here
from tests.referrals import scenes
from tests.world import HOME

S = ReferralState


def answered(world: Any, referral: Referral, to: S = S.DECLINED) -> Referral:
    """Let the agency answer by phone."""
    services.answer(
        world.amina.actor,
        referral,
        to=to,
        reason=Reason.NO_CAPACITY if to is S.DECLINED else None,
        source=Source.PARTNER_CONFIRMED,
    )
    return referral


@pytest.fixture(autouse=True)
def stopped(clock: Any, world: Any) -> None:
    clock.freeze(database.now())


def test_what_waits_is_gone_the_moment_its_consent_has_run_out(
    app: Any, world: Any, clock: Any
) -> None:
    """R4: the list asks the clock, and not the sweep that ends the consent later."""
    referral = here.ask(world)
    assert referral.ref in here.at_desk(app, world.agency).inbox()
    clock.advance(timedelta(days=30))
    assert referral.state is S.REQUESTED
    assert referral.ref not in here.at_desk(app, world.agency).inbox()


def test_what_an_agency_ended_itself_is_a_page_for_its_undo_and_no_longer(
    app: Any, world: Any, clock: Any
) -> None:
    """And what was told about the person opens no more, from the first moment on (R28)."""
    referral = here.ask(world)
    desk = here.at_desk(app, world.agency)
    desk.press(referral, reply="decline", reason="no_capacity")
    assert "/undo" in desk.page(referral)
    assert desk.visitor.post(here.path(referral) + "/details").status_code == 404
    clock.advance(timedelta(minutes=5))
    assert desk.visitor.get(here.path(referral)).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert desk.visitor.get(here.path(referral)).status_code == 404


def test_who_waits_their_turn_in_an_order_finds_nothing_yet(app: Any, world: Any) -> None:
    """R4: a draft is told to nobody, in the list or by its address."""
    case = scenes.case_for(world.amina.actor, NeedCode.SHELTER)
    first, draft = services.ask_several(
        world.amina.actor,
        case,
        case.needs[0],
        organization_ids=[world.organization(name).id for name in ("Bridge House", HOME)],
        urgency=Urgency.URGENT,
        manner=Manner.IN_ORDER,
    )
    desk = here.at_desk(app, world.agency)
    assert draft.ref not in desk.inbox()
    assert desk.visitor.get(here.path(draft)).status_code == 404
    answered(world, first)
    assert draft.state is S.REQUESTED
    assert draft.ref in desk.inbox()
    assert desk.visitor.get(here.path(draft)).status_code == 200


def test_an_entry_in_error_is_in_no_list_and_no_page(app: Any, world: Any) -> None:
    desk = here.at_desk(app, world.agency)
    referral = here.ask(world)
    desk.press(referral, reply="decline", reason="no_capacity")
    assert referral.ref in desk.inbox()
    database.enter_service(world.north.id)
    services.mark_entered_in_error(world.amina.actor, referral)
    assert referral.ref not in desk.inbox()
    assert desk.visitor.get(here.path(referral)).status_code == 404


def test_what_was_answered_stands_a_week_and_what_is_open_as_long_as_it_is(
    app: Any, world: Any, clock: Any
) -> None:
    old = answered(world, here.ask(world))
    waiting = here.ask(world)
    clock.advance(timedelta(days=7) - timedelta(minutes=1))
    page = here.at_desk(app, world.agency).inbox()
    assert old.ref in page
    assert waiting.ref in page
    clock.advance(timedelta(minutes=1))
    page = here.at_desk(app, world.agency).inbox()
    assert old.ref not in page
    assert waiting.ref in page


def test_the_newest_answer_is_the_one_that_is_told(world: Any) -> None:
    referral = answered(world, answered(world, here.ask(world), S.WAITLISTED))
    [event] = queries.last_answers(world.amina.actor, [referral]).values()
    assert event.to_state is S.DECLINED


def test_what_was_answered_already_is_not_counted_as_waiting(app: Any, world: Any) -> None:
    """A place on the waiting list is an answer: its card stays, for the next word."""
    desk = here.at_desk(app, world.agency)
    referral = here.ask(world)
    assert "1 demande attend votre réponse" in desk.inbox()
    desk.press(referral, reply="waitlist", rank="4")
    page = desk.inbox()
    assert "Rien n’attend votre réponse." in page
    assert referral.ref in page
    assert "Répondre avant" not in page


def test_how_long_a_number_of_places_counts_is_said_once_and_truly(app: Any, world: Any) -> None:
    """The hours are those of the rule itself."""
    assert "au moins toutes les 12 heures" in here.at_desk(app, world.agency).inbox()
