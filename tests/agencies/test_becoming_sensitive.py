"""What an agency's members see, and what names them, once a case they were asked for is one of violence."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from casework import cases, database
from casework.cases.models import Source
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.referrals import services
from casework.referrals.models import Referral, ReferralState, Urgency
from tests.agencies import scenes as here
from tests.agencies.test_day_list import BANK, TUESDAY, expected, listed
from tests.referrals import scenes
from tests.referrals.test_becoming_sensitive import violence_is_said

ENTRIES = "SELECT count(*) FROM audit_entry WHERE actor_id = :account AND object_id = :referral"
EVENTS = "SELECT count(*) FROM referral_event WHERE actor_id = :account AND referral_id = :referral"


def named(world: Any, referral: Referral) -> tuple[int, int]:
    """Count the audit entries and the events of a request that name louise's account."""
    database.enter_service(world.north.id)
    account = world.agency.account_id
    entries = {"account": account, "referral": str(referral.id)}
    events = {"account": account, "referral": referral.id}
    return (
        int(db.session.execute(text(ENTRIES), entries).scalar_one()),
        int(db.session.execute(text(EVENTS), events).scalar_one()),
    )


def test_the_list_of_the_day_prints_no_name_any_more(app: Any, world: Any, clock: Any) -> None:
    """R19: “in a sensitive case never” (docs/agencies.md)."""
    clock.freeze(TUESDAY)
    referral = expected(world)
    desk = here.at_desk(app, here.colleague(world, "Nadia", BANK))
    assert "Mado" in listed(desk)
    violence_is_said(world, referral.case)
    page = listed(desk)
    assert referral.ref in page
    assert "Mado" not in page


def test_a_second_case_of_a_survivor_prints_no_name(app: Any, world: Any, clock: Any) -> None:
    """R19: a food case opened beside her case of violence."""
    clock.freeze(datetime(2026, 11, 24, 15, 0, tzinfo=UTC))
    amina = world.amina.actor
    consents = scenes.answers(NeedCode.VIOLENCE_SHELTER, NeedCode.FOOD)
    first = scenes.case_for(amina, NeedCode.VIOLENCE_SHELTER, consents=consents)
    second = cases.services.open_case(
        amina, first.person, needs=[NeedCode.FOOD], adults=1, children=3, language="fr"
    )
    referral = services.send(
        amina,
        second,
        second.needs[0],
        organization_id=world.organization(BANK).id,
        urgency=Urgency.ROUTINE,
        details={"alias": "Mado"},
    )
    services.answer(amina, referral, to=ReferralState.ACCEPTED, source=Source.PARTNER_CONFIRMED)
    database.commit()
    page = listed(here.at_desk(app, here.colleague(world, "Nadia", BANK)))
    assert referral.ref in page
    assert "Mado" not in page


def test_the_hand_that_answers_is_not_named(app: Any, world: Any) -> None:
    """R16: an account names its agency."""
    referral = here.ask(world)
    violence_is_said(world, referral.case)
    assert (
        here.at_desk(app, world.agency).press(referral, reply="hold", hold="2h").status_code == 303
    )
    assert named(world, referral) == (0, 0)
    db.session.refresh(referral)
    assert referral.state is ReferralState.ACCEPTED


def test_the_hand_that_answered_before_is_sealed_and_takes_it_back(app: Any, world: Any) -> None:
    """R16: what the audit holds by then stays; the event no longer names her, and Undo knows her."""
    referral = here.ask(world)
    louise, denis = (
        here.at_desk(app, world.agency),
        here.at_desk(app, here.colleague(world, "Denis")),
    )
    louise.press(referral, reply="hold", hold="2h")
    entries, events = named(world, referral)
    assert events == 1
    violence_is_said(world, referral.case)
    assert "Answered by Louise B." in denis.page(referral)
    assert "/undo" not in denis.page(referral)
    assert "/undo" in louise.page(referral)
    assert louise.visitor.post(here.path(referral) + "/undo").status_code == 303
    assert named(world, referral) == (entries, 0)
    db.session.refresh(referral)
    assert referral.state is ReferralState.REQUESTED


def test_members_still_find_what_they_are_asked_and_not_what_has_ended(
    app: Any, world: Any
) -> None:
    """R16: as in a case that was sensitive from the start."""
    ended, asked = here.ask(world), here.ask(world)
    louise = here.at_desk(app, world.agency)
    louise.press(ended, reply="decline", reason="no_capacity")
    assert ended.ref in louise.inbox()
    for referral in (ended, asked):
        violence_is_said(world, referral.case)
    assert asked.ref in louise.inbox()
    assert ended.ref not in louise.inbox()
