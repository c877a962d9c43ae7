"""A case becomes one of violence after agencies were asked: what its requests held in clear is sealed (R16, R19)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from casework import cases, database, vault
from casework.cases.models import Case, ClosureCode, Reason, Source
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.referrals import queries, services
from casework.referrals.failures import NamesThePlace
from casework.referrals.manners import Manner
from casework.referrals.models import Referral, ReferralState, Urgency
from casework.referrals.services import driving, moves, openers
from casework.security import Actor
from tests.referrals import scenes
from tests.referrals.test_agency_link import HIDDEN

S = ReferralState
HOME, OTHER = "Foyer du Pont", "Bridge House"
# Whatever of these tables names an agency, or somebody who acts for it.
NAMING = "SELECT organization_id FROM referral WHERE id = :id"
SIGNED = "SELECT count(*) FROM referral_event WHERE referral_id = :id AND actor_id IS NOT NULL"


def violence_is_said(world: Any, case: Case) -> None:
    """An hour later she says why she left."""
    cases.services.add_needs(world.amina.actor, case, codes=[NeedCode.VIOLENCE_SHELTER])
    database.commit()


def answer(world: Any, referral: Referral, to: S, **more: Any) -> None:
    services.answer(world.amina.actor, referral, to=to, source=Source.PARTNER_CONFIRMED, **more)


def in_clear(referral: Referral) -> tuple[Any, int]:
    """Give what the tables themselves say of the agency, and how many events name somebody."""
    about = {"id": referral.id}
    named = db.session.execute(text(NAMING), about).scalar_one()
    return named, int(db.session.execute(text(SIGNED), about).scalar_one())


def is_sealed(world: Any, referral: Referral, name: str = HOME) -> bool:
    """Tell whether nothing names the agency in clear, and whoever may open it still learns it."""
    agency = openers.open_agency(world.amina.actor, referral, purpose="ask")
    assert agency.id == world.organization(name).id
    return (
        referral.is_sensitive and referral.organization is None and in_clear(referral) == (None, 0)
    )


def routed(world: Any, name: str = HOME) -> list[UUID]:
    """Give what the keyed term of an agency leads to."""
    agency_id = str(world.organization(name).id)
    return vault.index_candidates(world.north.id, vault.IndexKind.PARTNER_ROUTE, agency_id)


ENDED: dict[S, dict[str, Any]] = {
    S.DECLINED: {"reason": Reason.NO_CAPACITY},
    S.CONFIRMED: {},
    S.NOT_FULFILLED: {"reason": Reason.NO_SHOW},
}


def brought_to(world: Any, state: S) -> Referral:
    """Ask an agency, and bring its request to a state."""
    referral = scenes.ask(world, HOME)
    if state in (S.ACCEPTED, S.CONFIRMED, S.NOT_FULFILLED):
        answer(world, referral, S.ACCEPTED)
    if state is S.WITHDRAWN:
        services.withdraw(world.amina.actor, referral)
    elif state is S.RECALLED:
        services.recall(world.amina.actor, referral, reason=Reason.OTHER)
    elif state is S.EXPIRED:
        change = moves.Change(to=S.EXPIRED, source=Source.SYSTEM)
        moves.move(Actor.system(world.north.id), referral, change)
    elif state is not referral.state:
        answer(world, referral, state, **ENDED.get(state, {}))
    assert referral.state is state
    return referral


@pytest.mark.parametrize("state", [state for state in S if state not in (S.DRAFT, S.IN_PROGRESS)])
def test_whatever_became_of_a_request_its_agency_is_sealed(world: Any, state: S) -> None:
    """R16: one that has ended names in clear no more than a sensitive one would."""
    referral = brought_to(world, state)
    violence_is_said(world, referral.case)
    assert is_sealed(world, referral)
    # Only what an agency is still asked is found by it (R16).
    is_asked = state in (S.REQUESTED, S.INFO_NEEDED, S.WAITLISTED, S.ACCEPTED)
    assert routed(world) == ([referral.id] if is_asked else [])
    assert referral.state is state


def test_the_route_ends_with_the_request(world: Any) -> None:
    referral = scenes.ask(world, HOME)
    violence_is_said(world, referral.case)
    answer(world, referral, S.DECLINED, reason=Reason.NO_CAPACITY)
    assert routed(world) == []
    assert is_sealed(world, referral)


def test_who_waits_a_turn_is_sealed_and_found_only_once_asked(world: Any) -> None:
    """A draft is in nobody's inbox: its agency knows nothing yet."""
    amina = world.amina.actor
    case = scenes.case_for(amina, NeedCode.SHELTER)
    first, second = services.ask_several(
        amina,
        case,
        case.needs[0],
        organization_ids=[world.organization(name).id for name in (HOME, OTHER)],
        urgency=Urgency.URGENT,
        manner=Manner.IN_ORDER,
    )
    violence_is_said(world, case)
    assert second.state is S.DRAFT
    assert is_sealed(world, second, OTHER)
    assert routed(world, OTHER) == []
    answer(world, first, S.DECLINED, reason=Reason.NO_CAPACITY)
    assert second.state is S.REQUESTED
    assert routed(world, OTHER) == [second.id]


def test_what_was_entered_in_error_is_sealed_too(world: Any) -> None:
    referral = scenes.ask(world, HOME)
    services.mark_entered_in_error(world.amina.actor, referral)
    violence_is_said(world, referral.case)
    assert is_sealed(world, referral)


def test_every_case_of_the_person_becomes_sensitive(world: Any) -> None:
    """R16, R19: also one that is closed says where she went."""
    amina = world.amina.actor
    closed = scenes.ask(world, HOME)
    person = closed.case.person
    answer(world, closed, S.DECLINED, reason=Reason.NO_CAPACITY)
    cases.services.close_case(amina, closed.case, closure=ClosureCode.UNMET_NO_OPTION)
    beside = cases.services.open_case(
        amina, person, needs=[NeedCode.SHELTER], adults=1, children=3, language="fr"
    )
    open_one = scenes.ask(world, OTHER, beside)
    third = cases.services.open_case(
        amina, person, needs=[NeedCode.FOOD], adults=1, children=3, language="fr"
    )
    stranger = scenes.ask(world, HOME)
    violence_is_said(world, third)
    assert [each.is_sensitive for each in (closed.case, beside, third)] == [True] * 3
    assert is_sealed(world, closed)
    assert is_sealed(world, open_one, OTHER)
    # R33: nobody else is touched, not even somebody on the same number.
    assert not stranger.is_sensitive
    assert not stranger.case.is_sensitive


def test_a_case_of_violence_opened_beside_seals_the_others(world: Any) -> None:
    referral = scenes.ask(world, HOME)
    cases.services.open_case(
        world.amina.actor,
        referral.case.person,
        needs=[NeedCode.VIOLENCE_SHELTER],
        adults=1,
        children=3,
        language="fr",
    )
    assert referral.case.is_sensitive
    assert is_sealed(world, referral)


def test_a_page_opened_before_still_takes_its_answer(world: Any, visitor: Any) -> None:
    """Sealing is no answer: the version stays, and so does the link in the mail."""
    referral = scenes.ask(world, HOME)
    link = scenes.linked(world, referral)
    browser = visitor()
    hidden = dict(HIDDEN.findall(browser.get(link).get_data(as_text=True)))
    version = referral.version
    violence_is_said(world, referral.case)
    assert referral.version == version
    assert browser.post(link, hidden | {"reply": "hold", "hold": "2h"}).status_code == 303
    database.enter_service(world.north.id)
    db.session.refresh(referral)
    assert referral.state is S.ACCEPTED
    assert in_clear(referral) == (None, 0)
    assert browser.post(f"{link}/undo", hidden).status_code == 303
    database.enter_service(world.north.id)
    db.session.refresh(referral)
    assert referral.state is S.REQUESTED


def test_an_answer_by_link_is_taken_back_after_it(world: Any, visitor: Any) -> None:
    """Who answered is sealed, and recognised all the same."""
    referral = scenes.ask(world, HOME)
    link = scenes.linked(world, referral)
    browser = visitor()
    hidden = dict(HIDDEN.findall(browser.get(link).get_data(as_text=True)))
    browser.post(link, hidden | {"reply": "hold", "hold": "2h"})
    database.enter_service(world.north.id)
    violence_is_said(world, referral.case)
    assert browser.post(f"{link}/undo", hidden).status_code == 303
    database.enter_service(world.north.id)
    db.session.refresh(referral)
    assert referral.state is S.REQUESTED


def test_the_navigator_takes_back_what_they_recorded_before(world: Any) -> None:
    referral = scenes.ask(world, HOME)
    answer(world, referral, S.ACCEPTED)
    violence_is_said(world, referral.case)
    services.undo(world.amina.actor, referral)
    assert referral.state is S.REQUESTED
    assert in_clear(referral) == (None, 0)


def test_a_letter_that_waits_still_finds_its_agency(world: Any) -> None:
    referral = scenes.ask(world, HOME)
    violence_is_said(world, referral.case)
    [mail] = scenes.post(world.north.id)
    assert world.organization(HOME).email in mail["To"]


def test_a_place_held_in_such_a_case_is_counted_no_more(world: Any) -> None:
    """docs/agencies.md: a number that goes with her request would say where she went."""
    amina, agency_id = world.amina.actor, world.organization(HOME).id
    referral = scenes.ask(world, HOME)
    answer(world, referral, S.ACCEPTED)
    assert len(queries.holds(amina, [agency_id], database.now())) == 1
    violence_is_said(world, referral.case)
    assert queries.holds(amina, [agency_id], database.now()) == []


def test_my_day_and_the_case_name_no_agency(world: Any, visitor: Any) -> None:
    """R19."""
    referral = scenes.ask(world, HOME)
    violence_is_said(world, referral.case)
    browser = visitor(world.amina)
    for page in ("/my-day", f"/cases/{referral.case.ref}"):
        assert HOME not in browser.get(page).get_data(as_text=True)


def test_a_drive_asked_before_is_sealed_and_still_warned_of(world: Any) -> None:
    """R16, R19: who drives, and whom they may be told to meet."""
    amina = world.amina.actor
    consents = scenes.answers(NeedCode.SHELTER, NeedCode.TRANSPORT)
    case = scenes.case_for(amina, NeedCode.SHELTER, consents=consents)
    shelter = scenes.ask(world, HOME, case)
    [need] = cases.services.add_needs(amina, case, codes=[NeedCode.TRANSPORT])
    wheels = world.organization("Volunteer Wheels")
    drive = services.send(
        amina,
        case,
        need,
        organization_id=wheels.id,
        urgency=Urgency.URGENT,
        details={"meeting_point": "arrêt du 12"},
    )
    violence_is_said(world, case)
    assert is_sealed(world, shelter)
    assert is_sealed(world, drive, "Volunteer Wheels")
    told = driving.open_told(amina, drive, purpose="inbox")
    assert told["meeting_point"] == "arrêt du 12"
    with pytest.raises(NamesThePlace):
        driving.check_driver(amina, case, need, {"meeting_point": f"devant le {HOME}"})


def test_a_late_yes_still_becomes_a_place(world: Any) -> None:
    amina = world.amina.actor
    referral = brought_to(world, S.EXPIRED)
    violence_is_said(world, referral.case)
    until = database.now() + timedelta(hours=3)
    services.say_yes_late(amina, referral, hold_until=until)
    taken = services.take_late_place(amina, referral)
    assert taken.state is S.ACCEPTED
    assert is_sealed(world, taken)


def test_the_audit_says_that_it_was_sealed_and_by_whom(world: Any) -> None:
    """R21: one entry for each request, naming no agency."""
    referral = scenes.ask(world, HOME)
    violence_is_said(world, referral.case)
    told = (
        "SELECT actor_id, fields, detail::text FROM audit_entry"
        " WHERE action = 'referral:sealed' AND object_id = :id"
    )
    [entry] = db.session.execute(text(told), {"id": str(referral.id)})
    assert entry.actor_id == world.amina.account_id
    assert set(entry.fields) == {"partner", "actor"}
    assert str(world.organization(HOME).id) not in entry.detail
