"""One page, one POST: a person, their answers, a case and its first call, or nothing at all."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from casework import vault
from casework.cases.models import Case, CaseNote
from casework.directory.needs import NeedCode, NeedGroup
from casework.followups.models import FollowUp
from casework.people.models import (
    AnonymousContact,
    Channel,
    Consent,
    ContactPlan,
    Person,
    PersonAccess,
    Purpose,
    WhenToCall,
)
from tests.intake.filling import LONG_NOTE, answers

# A Tuesday morning in Toronto.
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


@pytest.fixture
def send(world: Any, visitor: Any, clock: Any) -> Any:
    """Send the New case page as Amina."""
    clock.freeze(NOW)
    browser = visitor(world.amina)

    def post(**changes: Any) -> Any:
        return browser.submit("/cases/new", answers(**changes))

    post.browser = browser  # type: ignore[attr-defined]
    return post


def the_case(db: Any) -> Case:
    return db.session.scalars(select(Case)).one()


def count(db: Any, model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_yes_opens_a_case_with_its_consents_and_calls(send: Any, db: Any, world: Any) -> None:
    """One POST writes person, plan, consents, case, access and calls (R1, R2)."""
    response = send()
    assert response.status_code == 302
    case = the_case(db)
    assert response.headers["Location"] == f"/cases/{case.ref}"
    assert [need.code for need in case.needs] == [NeedCode.FOOD]
    given = {c.purpose: c for c in db.session.scalars(select(Consent))}
    assert {purpose for purpose, c in given.items() if c.is_given} == {
        Purpose.KEEP_CASE,
        Purpose.CALL_BACK,
        Purpose.SHARE_WITH_PARTNER,
    }
    assert given[Purpose.LEAVE_VOICEMAIL].is_given is False
    assert given[Purpose.SHARE_WITH_PARTNER].category is NeedCode.FOOD
    access = db.session.scalars(select(PersonAccess)).one()
    assert access.account_id == world.amina.account_id
    assert count(db, FollowUp) == 2


def test_the_phone_is_sealed_and_found_in_one_form(send: Any, db: Any) -> None:
    """A number is kept under the person's key, in E.164 (R16)."""
    send(phone="(514) 555 0142")
    person = db.session.scalars(select(Person)).one()
    assert vault.open_fields(person, "phone", "safe_name") == {
        "phone": "+15145550142",
        "safe_name": "Maya",
    }


def test_the_first_call_stands_inside_the_agreed_hours(send: Any, db: Any) -> None:
    """Save-and-schedule chooses the first agreed hour in the usual delay (R10)."""
    send(times=["evening"], days="any_day")
    first = min(db.session.scalars(select(FollowUp)), key=lambda follow_up: follow_up.due_at)
    assert first.local_wall == "2026-12-01T17:00"


def test_a_time_the_person_asked_for_comes_first(send: Any, db: Any) -> None:
    """The pre-chosen time can be replaced by one they ask for."""
    send(first_call="chosen", next_on="2026-11-26", next_at="10:30")
    first = min(db.session.scalars(select(FollowUp)), key=lambda follow_up: follow_up.due_at)
    assert first.local_wall == "2026-11-26T10:30"
    assert count(db, FollowUp) == 2


def test_no_to_keeping_counts_one_and_keeps_nothing(send: Any, db: Any) -> None:
    """The contact is one more in the day's counter, whatever was typed (R1)."""
    response = send(keep="no", phone="not a phone", next_on="yesterday", note=LONG_NOTE)
    assert response.status_code == 302
    assert response.headers["Location"] == "/my-day"
    counted = db.session.scalars(select(AnonymousContact)).one()
    assert (counted.need_group, counted.n) == (NeedGroup.FOOD, 1)
    assert (counted.channel, counted.language) == (Channel.PHONE, "en")
    assert count(db, Person) == count(db, Case) == count(db, Consent) == 0


def test_no_to_the_other_questions_blocks_nothing(send: Any, db: Any) -> None:
    """Refusing calls and sharing still opens the case (R3)."""
    send(call_back="no", share="no", phone=None, times=None, days=None)
    given = {c.purpose: c.is_given for c in db.session.scalars(select(Consent))}
    assert given[Purpose.KEEP_CASE] is True
    assert given[Purpose.CALL_BACK] is given[Purpose.SHARE_WITH_PARTNER] is False
    assert count(db, FollowUp) == 0


def test_only_answers_a_voicemail_rule_and_one_need_are_required(send: Any, db: Any) -> None:
    """Everything else may stay empty (screens.md 3)."""
    response = send(
        call_back="no",
        share="no",
        phone=None,
        safe_name=None,
        times=None,
        days=None,
        time_zone=None,
        channel=None,
        adults=None,
        children=None,
        first_call=None,
    )
    assert response.status_code == 302
    plan = db.session.scalars(select(ContactPlan)).one()
    assert plan.when is WhenToCall.ASK_FIRST


def test_sharing_may_name_one_agency_only(send: Any, db: Any, world: Any) -> None:
    """A named agency is sealed in the consent and no category is granted (R2, R16)."""
    agency = world.organization("Moisson du Quartier")
    send(share="agency", share_with=str(agency.id))
    shares = db.session.scalars(
        select(Consent).where(Consent.purpose == Purpose.SHARE_WITH_PARTNER)
    ).all()
    assert [(c.is_given, c.category) for c in shares] == [(True, None)]
    assert shares[0].named_partner is not None


def test_someone_who_will_call_us_needs_no_phone(send: Any, db: Any) -> None:
    """“They will call us” is an answer of its own (R9, R11)."""
    assert send(phone=None, times=["will_call_us"], days=None).status_code == 302
    assert db.session.scalars(select(ContactPlan)).one().when is WhenToCall.WILL_CALL_US


def test_quick_answers_join_into_one_window(send: Any, db: Any) -> None:
    """Morning and afternoon are 9 to 5, in the person's own zone (R9)."""
    send(times=["morning", "afternoon"], time_zone="America/Winnipeg")
    plan = db.session.scalars(select(ContactPlan)).one()
    assert plan.time_zone == "America/Winnipeg"
    assert vault.open_fields(plan, "windows")["windows"] == [
        {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}
    ]


def test_rows_of_the_week_say_exact_hours(send: Any, db: Any) -> None:
    """Up to six rows say what the quick answers cannot (R9)."""
    rows = {
        "hours-0-days": "0",
        "hours-0-start": "09:00",
        "hours-0-end": "11:30",
        "hours-1-days": "weekend",
        "hours-1-start": "20:00",
        "hours-1-end": "21:00",
    }
    assert send(times=None, days=None, **rows).status_code == 302
    plan = db.session.scalars(select(ContactPlan)).one()
    assert vault.open_fields(plan, "windows")["windows"] == [
        {"days": [0], "start": "09:00", "end": "11:30"},
        {"days": [5, 6], "start": "20:00", "end": "21:00"},
    ]


def test_violence_makes_the_case_sensitive_and_the_call_soon(send: Any, db: Any) -> None:
    """A shelter from violence is sensitive at once, and called after a day (R19, domain.md 4)."""
    send(needs=["violence_shelter", "transport"], children_ages="2, 5, 11")
    case = the_case(db)
    assert case.is_sensitive
    assert case.children == 3
    first = min(db.session.scalars(select(FollowUp)), key=lambda follow_up: follow_up.due_at)
    assert NOW + timedelta(hours=24) <= first.due_at <= NOW + timedelta(hours=48)


def test_the_note_is_sealed_under_the_case(send: Any, db: Any) -> None:
    """What a navigator writes is kept under the case's own key (R16)."""
    send(note="Prefers tea to talking.")
    note = db.session.scalars(select(CaseNote)).one()
    assert vault.open_fields(note, "body")["body"] == "Prefers tea to talking."


def test_save_and_refer_goes_on_to_the_first_need(send: Any, db: Any) -> None:
    """The second button opens the referral page of the first need."""
    response = send(needs=["food", "benefits"], then="refer")
    case = the_case(db)
    expected = f"/cases/{case.ref}/referrals/new?need={case.needs[0].id}"
    assert response.headers["Location"] == expected


def test_the_message_after_saving_names_nobody(send: Any, db: Any) -> None:
    """A flash message holds a reference at most, never a name."""
    send(safe_name="Quetzalcoatl")
    with send.browser.client.session_transaction() as session:
        said = str(session.get("_flashes"))
    assert the_case(db).ref in said
    assert "Quetzalcoatl" not in said


def test_a_known_number_offers_a_look_up_and_never_a_name(send: Any, db: Any) -> None:
    """A repeat caller is told that a case may exist, not whose (R33)."""
    send(safe_name="Quetzalcoatl")
    page = send(safe_name="Somebody")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "A case may already exist" in text
    assert "Quetzalcoatl" not in text
    assert the_case(db).ref not in text
    assert count(db, Case) == 1


def test_two_people_on_one_phone_are_never_joined(send: Any, db: Any) -> None:
    """Opening anyway makes a person and a case of their own (R33)."""
    send()
    assert send(again="yes").status_code == 302
    assert count(db, Person) == count(db, Case) == 2


def test_a_number_is_not_searched_before_consent(send: Any, db: Any) -> None:
    """Without a yes to keep, nothing is looked up (R1)."""
    send()
    assert send(keep="no").status_code == 302
    assert count(db, AnonymousContact) == 1


def test_an_outsider_sees_none_of_it(send: Any, visitor: Any, world: Any, db: Any) -> None:
    """Another service's navigator is told nothing of a number known here."""
    send()
    page = visitor(world.outsider).submit("/cases/new", answers())
    assert page.status_code == 302


@pytest.mark.parametrize("who", ["marc", "agency"])
def test_only_those_who_open_cases_find_the_page(visitor: Any, world: Any, who: str) -> None:
    """Administrators and agencies get 404."""
    assert visitor(getattr(world, who)).get("/cases/new").status_code == 404


def test_the_page_says_before_when_no_first_call_is_planned_and_then_when_it_is(
    world: Any, visitor: Any, db: Any, clock: Any
) -> None:
    """988 guidance: 24 to 48 hours after the contact; a page never promises what is not planned."""
    # Thursday, shortly before midnight: the day after is over before 24 hours are.
    clock.freeze(datetime(2026, 11, 27, 4, 48, tzinfo=UTC))
    browser = visitor(world.amina)
    page = browser.get("/cases/new").text
    assert "tomorrow if in danger" not in page
    assert "In danger not before tomorrow, 11:48" in page
    sent = answers(needs=["violence_shelter"], times=["any_time"], days=None)
    response = browser.submit("/cases/new", sent)
    first = db.session.scalars(select(FollowUp).order_by(FollowUp.due_at)).first()
    assert first.due_at == datetime(2026, 11, 28, 14, tzinfo=UTC)
    shown = browser.get(response.headers["Location"]).text
    assert "First call: Saturday, November 28, 9" in shown
