"""After an answer: what its link still shows and opens for five minutes, and what can no longer be undone."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from casework import cases, database, people
from casework.cases.models import ClosureCode, Reason, Source
from casework.extensions import limiter
from casework.people.models import Purpose
from casework.referrals import failures, services
from casework.referrals.models import LinkPurpose, Referral, ReferralState
from casework.referrals.services.links import make_link
from casework.referrals.services.watch import watch
from tests.agencies import scenes as here
from tests.referrals import scenes
from tests.referrals.test_agency_link import press

S = ReferralState
OPENED = text("SELECT count(*) FROM audit_entry WHERE purpose = 'agency_link'")


def declined_by_link(world: Any, visitor: Any) -> tuple[Referral, str, Any]:
    """Let an agency decline through its link; give the request, the link and the browser."""
    referral = scenes.ask(world)
    link, agency = scenes.linked(world, referral), visitor()
    assert press(agency, link, reply="decline", reason="no_capacity").status_code == 303
    database.enter_service(world.north.id)
    return referral, link, agency


def test_a_recall_shows_its_reason_to_nobody_who_has_just_answered(
    world: Any, visitor: Any
) -> None:
    """R5: the agency is told “withdrawn” and no more, also in the browser in which it said yes."""
    referral = scenes.ask(world)
    link, agency = scenes.linked(world, referral), visitor()
    press(agency, link, reply="hold", hold="2h")
    assert agency.get(link).status_code == 200
    database.enter_service(world.north.id)
    services.recall(world.amina.actor, referral, reason=Reason.SAFETY)
    database.commit()
    gone = agency.get(link)
    assert gone.status_code == 404
    assert str(referral.ref) not in gone.get_data(as_text=True)


def test_why_the_desk_corrects_an_arrival_is_not_said_to_the_agency(
    world: Any, visitor: Any
) -> None:
    """The person tells the navigator that it was not safe there: not for the agency’s eyes (R28)."""
    referral = scenes.ask(world)
    services.answer(world.amina.actor, referral, to=S.ACCEPTED, source=Source.PARTNER_CONFIRMED)
    agency_row = world.organization("Moisson du Quartier")
    link = f"/r/{make_link(world.amina.actor, referral, LinkPurpose.ARRIVAL, agency_row)}"
    database.commit()
    agency = visitor()
    press(agency, link, reply="did_not_come")
    assert "Ne s’est pas présentée" in agency.get(link).get_data(as_text=True)
    database.enter_service(world.north.id)
    referral.state, referral.reason = S.CONFIRMED, None
    services.answer(
        world.amina.actor,
        referral,
        to=S.NOT_FULFILLED,
        source=Source.PERSON_REPORTED,
        reason=Reason.SAFETY,
    )
    database.commit()
    page = agency.get(link)
    assert page.status_code == 200
    assert "Non sécuritaire" not in page.get_data(as_text=True)


def test_a_link_that_has_answered_opens_nothing_sealed(world: Any, visitor: Any, db: Any) -> None:
    """domain.md section 3: the short session allows undo, and nothing else (R21, R28)."""
    _referral, link, agency = declined_by_link(world, visitor)
    assert agency.post(f"{link}/details").status_code == 404
    database.enter_service(world.north.id)
    assert db.session.scalar(OPENED) == 0


def test_a_request_that_has_expired_opens_nothing_sealed(
    world: Any, visitor: Any, clock: Any, db: Any
) -> None:
    """A late yes is still welcome; what the person told is no longer needed for it, as in the inbox."""
    clock.freeze(database.now())
    referral = scenes.ask(world, "Foyer du Pont")
    link = scenes.linked(world, referral)
    clock.advance(timedelta(hours=3))
    watch(world.north.id)
    database.commit()
    agency = visitor()
    assert f"{link}/details" not in agency.get(link).get_data(as_text=True)
    assert agency.post(f"{link}/details").status_code == 404
    database.enter_service(world.north.id)
    assert db.session.scalar(OPENED) == 0


def test_an_answer_is_not_taken_back_once_the_case_is_closed(world: Any, visitor: Any) -> None:
    """A case cannot be closed over an open request, so none is opened behind its back."""
    referral, link, agency = declined_by_link(world, visitor)
    cases.services.close_case(world.amina.actor, referral.case, closure=ClosureCode.UNMET_NO_OPTION)
    database.commit()
    assert agency.post(f"{link}/undo").status_code == 422
    database.enter_service(world.north.id)
    assert referral.state is S.DECLINED


def test_a_refusal_is_not_taken_back_once_the_person_no_longer_shares(world: Any) -> None:
    """R4, R5: what is asked again after the withdrawal would be asked without consent."""
    amina = world.amina.actor
    referral = scenes.ask(world)
    services.answer(
        amina, referral, to=S.DECLINED, source=Source.PARTNER_CONFIRMED, reason=Reason.OTHER
    )
    people.services.withdraw(amina, referral.case.person, Purpose.SHARE_WITH_PARTNER)
    with pytest.raises(failures.TooLateToUndo), database.attempt():
        services.undo(amina, referral)
    assert referral.state is S.DECLINED


def test_the_inbox_calls_a_recall_withdrawn(app: Any, world: Any) -> None:
    """R5: whether it was the person’s wish or the desk’s is not for the agency."""
    referral = here.ask(world)
    services.recall(world.amina.actor, referral, reason=Reason.PERSON_DECLINED)
    database.commit()
    page = here.at_desk(app, here.colleague(world, "Nadia")).inbox()
    row = page[page.index("Ended in the last 7 days") :]
    assert "Withdrawn" in row
    assert "Recalled" not in row


@pytest.mark.throttled
def test_pressing_without_end_is_throttled(world: Any, visitor: Any) -> None:
    """Each press that opens something writes an entry, and a link is good for a month."""
    limiter.reset()
    link, agency = scenes.linked(world, scenes.ask(world)), visitor()
    agency.get(link)
    answers = [agency.post(f"{link}/details").status_code for _ in range(62)]
    assert (answers[0], answers[-1]) == (200, 429)
