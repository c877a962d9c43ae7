"""“Have her call us”: the agency’s words are kept, and telling the person is a task (domain.md 3, R36)."""

from typing import Any

from sqlalchemy import text

from casework import database, referrals
from casework.extensions import db
from casework.followups import queries as followups
from casework.followups.models import FollowUpKind
from casework.referrals import services
from tests.referrals import scenes
from tests.referrals.test_agency_link import press

WORDS = "Qu’il demande Ginette, avant 14 h"


def call_us(world: Any, visitor: Any, name: str = "Moisson du Quartier") -> Any:
    referral = scenes.ask(world, name)
    press(visitor(), scenes.linked(world, referral), reply="call_us", note=WORDS)
    database.enter_service(world.north.id)
    return referral


def said(world: Any, referral: Any) -> Any:
    opened = services.open_referral(world.amina.actor, referral, purpose="test")
    return opened["answer_details"]


def test_what_the_agency_says_with_it_is_kept_sealed(world: Any, visitor: Any) -> None:
    """R16: whom to ask for stands in no column in clear."""
    referral = call_us(world, visitor)
    assert said(world, referral) == {"words": WORDS}
    row = db.session.execute(text("SELECT CAST(referral AS text) FROM referral")).scalar_one()
    assert "Ginette" not in row


def test_the_navigator_reads_those_words_on_the_request_and_tells_them(
    world: Any, visitor: Any
) -> None:
    """R36: the agency’s answer is only half."""
    referral = call_us(world, visitor)
    database.commit()
    amina = visitor(world.amina)
    shown = amina.get(f"/referrals/{referral.id}").get_data(as_text=True)
    assert "The agency asks the person to call" in shown
    opened = amina.post(f"/referrals/{referral.id}/reveal").get_data(as_text=True)
    assert "Ginette" in opened


def test_my_day_says_whom_the_person_is_to_call(world: Any, visitor: Any) -> None:
    """R36, also before the agency said yes or no: the request itself stays as it was asked."""
    referral = call_us(world, visitor)
    [telling] = followups.planned_for(referral.case_id, FollowUpKind.TELL_PERSON)
    assert telling.referral_id == referral.id
    database.commit()
    day = visitor(world.amina).get("/my-day").get_data(as_text=True)
    assert "Tell the person: call Moisson du Quartier" in day


def test_my_day_names_no_agency_of_a_sensitive_case(world: Any, visitor: Any) -> None:
    """R16, R19: where a survivor may go is said behind a press only."""
    call_us(world, visitor, "Maison Rivage")
    database.commit()
    day = visitor(world.amina).get("/my-day").get_data(as_text=True)
    assert "An agency answered: tell the person" in day
    assert "Maison Rivage" not in day


def test_taking_it_back_takes_the_words_and_the_task(world: Any, visitor: Any) -> None:
    referral = scenes.ask(world)
    link = scenes.linked(world, referral)
    agency = visitor()
    press(agency, link, reply="call_us", note=WORDS)
    agency.post(f"{link}/undo")
    database.enter_service(world.north.id)
    assert said(world, referral) == {}
    assert followups.planned_for(referral.case_id, FollowUpKind.TELL_PERSON) == []


def test_a_yes_keeps_its_words_when_a_call_asked_for_later_is_taken_back(world: Any) -> None:
    actor, referral = world.amina.actor, scenes.ask(world)
    held = referrals.models.ReferralState.ACCEPTED
    source = referrals.models.Source.PARTNER_CONFIRMED
    services.answer(actor, referral, to=held, source=source, details={"bring": "sac"})
    services.remark(actor, referral, what=referrals.models.Remark.CALL_US, words=WORDS)
    assert said(world, referral) == {"bring": "sac", "words": WORDS}
    services.undo(actor, referral)
    assert said(world, referral) == {"bring": "sac"}


def test_the_agency_reads_once_what_it_wrote(world: Any, visitor: Any) -> None:
    """It can check its words; a page that is fetched again opens nothing (R28)."""
    link = scenes.linked(world, scenes.ask(world))
    agency = visitor()
    assert "Ginette" in press(agency, link, reply="call_us", note=WORDS).get_data(as_text=True)
    again = agency.get(link).get_data(as_text=True)
    assert "La personne est invitée à vous appeler" in again
    assert "Ginette" not in again
