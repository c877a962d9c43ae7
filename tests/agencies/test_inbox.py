"""The inbox of an agency: its own requests, one tap, undo, and no more than was agreed."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from casework import database, people
from casework.cases.models import Reason
from casework.people.models import Purpose
from casework.referrals import queries, services
from casework.referrals.models import ReferralState, Urgency
from casework.security import Role
from tests.agencies import scenes as here
from tests.referrals import scenes

SHELTER = "Maison Rivage"
HIDDEN_WORDS = (scenes.MARKED, "Zyxwvut", "514-555-0142", "Mado", "fauteuil")


def test_a_member_lands_in_the_inbox_and_sees_what_waits_urgent_first(app: Any, world: Any) -> None:
    routine, first = here.ask(world), here.ask(world)
    routine.urgency, first.urgency = Urgency.ROUTINE, Urgency.URGENT
    database.commit()
    second = here.ask(world)
    assert first.requested_at is not None
    # All of a test is one transaction, with one time.
    second.requested_at = first.requested_at + timedelta(minutes=1)
    desk = here.at_desk(app, world.agency)
    assert desk.visitor.get("/").headers["Location"] == "/inbox"
    page = desk.inbox()
    assert page.index(first.ref) < page.index(second.ref) < page.index(routine.ref)
    assert not [word for word in (*HIDDEN_WORDS, first.case.ref) if word in page]


@pytest.mark.parametrize("name", ["Bridge House", "Moisson du Quartier", SHELTER])
def test_another_agencys_request_is_no_page(app: Any, world: Any, name: str) -> None:
    """404, so that not even existence leaks; whether the agency is in clear or sealed."""
    other = here.ask(world, name)
    desk = here.at_desk(app, world.agency)
    assert other.ref not in desk.inbox()
    assert desk.visitor.get(here.path(other)).status_code == 404
    for what in ("", "/details", "/undo"):
        assert desk.visitor.post(here.path(other) + what, {"reply": "hold"}).status_code == 404
    assert other.state is ReferralState.REQUESTED


def test_a_member_without_an_agency_sees_nothing(app: Any, world: Any) -> None:
    """Deny by default: an account that names no organisation has none."""
    referral = here.ask(world)
    member = here.colleague(world, "Nadia")
    membership = services.inbox.accounts.queries.membership_of(world.north.id, member.account_id)
    assert membership is not None
    membership.organization_id = None
    desk = here.at_desk(app, member)
    assert referral.ref not in desk.inbox()
    assert desk.visitor.get(here.path(referral)).status_code == 404
    assert desk.visitor.get("/inbox/colleagues").status_code == 404


def test_one_tap_in_the_list_holds_a_place_and_undo_gives_it_back(app: Any, world: Any) -> None:
    referral = here.ask(world)
    desk = here.at_desk(app, world.agency)
    fields = dict(here.HIDDEN.findall(desk.inbox()))
    answered = desk.visitor.post(here.path(referral), fields | {"reply": "hold"})
    assert answered.status_code == 303
    assert referral.state is ReferralState.ACCEPTED
    page = desk.visitor.follow(answered).get_data(as_text=True)
    assert "/undo" in page
    assert desk.visitor.post(here.path(referral) + "/undo").status_code == 303
    assert referral.state is ReferralState.REQUESTED
    assert scenes.unseen(world.amina) == ["agency_answered", "place_lost"]


def test_every_answer_of_the_link_can_be_given_here(app: Any, world: Any) -> None:
    """The link page and the inbox have one sheet: the same answers, the same refusals."""
    desk = here.at_desk(app, world.agency)
    for fields, state in (
        ({"reply": "hold", "hold": "2h"}, ReferralState.ACCEPTED),
        ({"reply": "waitlist"}, ReferralState.WAITLISTED),
        ({"reply": "decline", "reason": "no_capacity"}, ReferralState.DECLINED),
        ({"reply": "ask", "note": "age of the children?"}, ReferralState.INFO_NEEDED),
        ({"reply": "withhold"}, ReferralState.REQUESTED),
    ):
        referral = here.ask(world)
        assert desk.press(referral, **fields).status_code in (200, 303), fields
        assert referral.state is state
    refused = here.ask(world)
    assert desk.press(refused, reply="decline").status_code == 422
    assert desk.press(refused, reply="arrived").status_code == 422
    assert refused.state is ReferralState.REQUESTED


def test_the_arrival_is_told_from_the_inbox(app: Any, world: Any) -> None:
    referral = here.ask(world)
    desk = here.at_desk(app, world.agency)
    desk.press(referral, reply="hold")
    assert desk.press(referral, reply="arrived").status_code == 303
    assert referral.state is ReferralState.CONFIRMED


def test_a_double_tap_is_one_answer(app: Any, world: Any) -> None:
    referral = here.ask(world)
    desk = here.at_desk(app, world.agency)
    fields = dict(here.HIDDEN.findall(desk.page(referral))) | {"reply": "waitlist"}
    answers = [desk.visitor.post(here.path(referral), fields).status_code for _ in range(2)]
    assert answers == [303, 303]
    events = queries.events_of(world.amina.actor, referral)
    assert [event.to_state for event in events] == ["waitlisted", "requested"]


def test_two_colleagues_answer_and_the_second_sees_who_was_first(app: Any, world: Any) -> None:
    """Issue 5: several staff in one organisation; “answered by Louise”."""
    referral = here.ask(world)
    denis = here.at_desk(app, here.colleague(world, "Denis"))
    louise = here.at_desk(app, world.agency)
    fields = dict(here.HIDDEN.findall(denis.page(referral)))
    louise.press(referral, reply="hold")
    second = denis.visitor.post(
        here.path(referral), fields | {"reply": "decline", "reason": "no_capacity"}
    )
    assert second.status_code in (409, 422)
    assert referral.state is ReferralState.ACCEPTED
    page = denis.page(referral)
    assert "Answered by Louise B." in page
    assert "/undo" not in page
    assert denis.visitor.post(here.path(referral) + "/undo").status_code == 422
    assert referral.state is ReferralState.ACCEPTED


def test_an_answer_in_the_inbox_ends_the_link(app: Any, world: Any, visitor: Any) -> None:
    referral = here.ask(world)
    link = scenes.linked(world, referral)
    here.at_desk(app, world.agency).press(referral, reply="decline", reason="no_capacity")
    assert visitor().get(link).status_code == 404


def test_undo_ends_after_five_minutes(app: Any, world: Any, clock: Any) -> None:
    clock.freeze(database.now())
    referral = here.ask(world)
    desk = here.at_desk(app, world.agency)
    desk.press(referral, reply="hold")
    clock.advance(timedelta(minutes=5, seconds=1))
    assert "/undo" not in desk.page(referral)
    assert desk.visitor.post(here.path(referral) + "/undo").status_code == 422
    assert referral.state is ReferralState.ACCEPTED


def test_the_alias_is_told_after_the_yes_only_and_by_a_press(app: Any, world: Any, db: Any) -> None:
    """R28, R21: opened on purpose, recorded, and before acceptance without the alias."""
    referral = here.ask(world)
    desk = here.at_desk(app, world.agency)
    desk.page(referral)
    opened = text(
        "SELECT actor_id FROM audit_entry WHERE action = 'referral:open' AND purpose = 'inbox'"
    )
    assert db.session.scalars(opened).all() == []
    before = desk.visitor.post(here.path(referral) + "/details").get_data(as_text=True)
    assert "fauteuil roulant" in before
    assert "Mado" not in before
    desk.press(referral, reply="hold")
    assert "Mado" not in desk.page(referral)
    after = desk.visitor.post(here.path(referral) + "/details").get_data(as_text=True)
    assert "Mado" in after
    database.enter_service(world.north.id)
    assert set(db.session.scalars(opened)) == {world.agency.account_id}


def test_consent_is_asked_again_at_every_view(app: Any, world: Any, clock: Any) -> None:
    """R4: withdrawn or run out between two views, nothing is shown; a held place stays held (R31)."""
    clock.freeze(database.now())
    waiting, held = here.ask(world), here.ask(world)
    desk = here.at_desk(app, world.agency)
    desk.press(held, reply="hold")
    database.enter_service(world.north.id)
    people.services.withdraw(world.amina.actor, waiting.case.person, Purpose.SHARE_WITH_PARTNER)
    assert desk.visitor.get(here.path(waiting)).status_code == 404
    clock.advance(timedelta(days=31))
    desk = here.at_desk(app, world.agency)
    for what in ("", "/details"):
        ask = desk.visitor.post if what else desk.visitor.get
        assert ask(here.path(held) + what).status_code == 404
    page = desk.inbox()
    assert held.ref in page
    assert "1 adult + 3 children" not in page
    assert held.state is ReferralState.ACCEPTED


def test_a_recalled_request_is_told_by_its_reference_only(app: Any, world: Any) -> None:
    """R5: the agency is told only “withdrawn”."""
    referral = here.ask(world)
    desk = here.at_desk(app, world.agency)
    services.recall(world.amina.actor, referral, reason=Reason.SAFETY)
    page = desk.inbox()
    assert referral.ref in page
    assert "1 adult" not in page
    assert desk.visitor.get(here.path(referral)).status_code == 404


# --- where she goes stays sealed -------------------------------------------------------------------


@pytest.fixture
def shelter(app: Any, world: Any) -> here.Desk:
    """Give a worker of a shelter for victims of violence at a browser."""
    return here.at_desk(app, here.colleague(world, "Rosa", SHELTER, Role.PARTNER_LEAD))


def test_a_shelter_finds_and_answers_what_only_its_keyed_term_leads_to(
    world: Any, shelter: here.Desk
) -> None:
    """R16: the agency of the request is sealed, and its own worker still sees it."""
    referral = here.ask(world, SHELTER)
    assert referral.organization_id is None
    assert referral.ref in shelter.inbox()
    answered = shelter.press(referral, reply="hold", hold="2h")
    page = shelter.visitor.follow(answered).get_data(as_text=True)
    assert "Answered by Rosa" in page
    assert shelter.visitor.post(here.path(referral) + "/undo").status_code == 303
    assert referral.state is ReferralState.REQUESTED
    shelter.press(referral, reply="decline", reason="no_capacity")
    assert referral.ref not in shelter.inbox()
    assert "/undo" in shelter.page(referral)


def test_no_row_says_which_shelter_a_request_went_to(
    world: Any, shelter: here.Desk, db: Any
) -> None:
    """R16: an account names its agency, so in a sensitive case none stands beside the request."""
    referral = here.ask(world, SHELTER)
    rosa = services.inbox.accounts.queries.members_of(
        world.amina.actor, world.organization(SHELTER).id
    )[0].account_id
    shelter.inbox()
    shelter.visitor.post(here.path(referral) + "/details")
    shelter.press(referral, reply="hold")
    database.enter_service(world.north.id)
    subject = referral.case.person_id
    beside = text(
        "SELECT count(*) FROM audit_entry e LEFT JOIN audit_subject s ON s.seq = e.seq "
        "WHERE e.actor_id = :rosa AND (e.object_id = :request OR s.person_id = :subject "
        "OR e.action LIKE 'referral:%')"
    )
    found = {"rosa": rosa, "request": str(referral.id), "subject": subject}
    assert db.session.scalar(beside, found) == 0
    named = text("SELECT count(*) FROM referral_event t WHERE t::text LIKE :rosa")
    assert db.session.scalar(named, {"rosa": f"%{rosa}%"}) == 0
    hands = text(
        "SELECT count(DISTINCT actor_id) FROM audit_entry "
        "WHERE actor_kind = 'agency' AND object_id = :request"
    )
    assert db.session.scalar(hands, {"request": str(referral.id)}) == 1
