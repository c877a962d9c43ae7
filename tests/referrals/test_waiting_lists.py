"""Waiting lists that somebody watches: rank and its age, and the call that keeps the place."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from casework import database, followups, notices, people
from casework.cases.models import Reason, Source
from casework.database import StaleVersion
from casework.extensions import db
from casework.followups.list_models import ListCall, ListCallEnd, ListCallState
from casework.people.models import Purpose
from casework.referrals import listing, queries, services
from casework.referrals.clocks import Rung
from casework.referrals.failures import NotPossible
from casework.referrals.listing import Listing
from casework.referrals.models import CalledBy, CallEvery, Referral, ReferralState
from casework.referrals.services.patience import steps_of
from casework.referrals.services.watch import watch
from tests.agencies import scenes as agencies
from tests.referrals import scenes

# A Tuesday, 10 h in Toronto.
TUESDAY = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
DAILY = Listing(rank=3, call_every=CallEvery.DAY)
PHONE = Source.PARTNER_CONFIRMED
S = ReferralState


@pytest.fixture(autouse=True)
def tuesday(clock: Any) -> Any:
    """Begin on a Tuesday morning."""
    clock.freeze(TUESDAY)
    return clock


def waitlisted(
    world: Any, said: Listing | None = DAILY, name: str = "Moisson du Quartier"
) -> Referral:
    """Ask an agency, and let it put the person on its waiting list."""
    referral = scenes.ask(world, name)
    services.answer(world.amina.actor, referral, to=S.WAITLISTED, source=PHONE, listing=said)
    return referral


def said_again(world: Any, referral: Referral, rank: int | None = None, **more: Any) -> None:
    """Note what the agency says of the list when it is called."""
    said = more.pop("said", Listing(rank=rank))
    services.say_listed(world.amina.actor, referral, listing=said, **more)


def calls_for(referral: Referral) -> list[ListCall]:
    """List every call there ever was for a request, oldest first."""
    rows = db.session.scalars(select(ListCall).where(ListCall.referral_id == referral.id))
    return sorted(rows, key=lambda call: call.due_at)


def read(app: Any, member: Any, path: str = "/my-day") -> str:
    """Sit somebody down anew, whose session the days between have ended, and give a page."""
    body: str = agencies.at_desk(app, member).visitor.get(path).get_data(as_text=True)
    return body


def states(referral: Referral) -> list[str]:
    return [call.state.value for call in calls_for(referral)]


# --- the rank and its age ------------------------------------------------------------------------


def test_the_rank_is_shown_with_its_age(app: Any, world: Any, clock: Any) -> None:
    referral = waitlisted(world)
    clock.advance(timedelta(days=5))
    amina = agencies.at_desk(app, world.amina).visitor
    for page in (f"/referrals/{referral.id}", f"/cases/{referral.case.ref}", "/my-day"):
        assert "Rank 3 on the list, said 5\u00a0days ago" in amina.get(page).get_data(
            as_text=True
        ), page


def test_an_old_rank_is_not_known_any_more(app: Any, world: Any, clock: Any) -> None:
    """Unknown is never told as the truth: the old number stands nowhere as the rank."""
    referral = waitlisted(world, Listing(rank=37))
    clock.advance(listing.RANK_GOOD_FOR)
    assert listing.rank_now(referral, database.now()) is None
    page = agencies.at_desk(app, world.amina).visitor.get(f"/referrals/{referral.id}")
    body = page.get_data(as_text=True)
    assert "Rank not known any more: it was said 10\u00a0days ago" in body
    assert "Rank 37 on the list" not in body


def test_a_rank_that_nobody_said_is_not_said(world: Any) -> None:
    referral = waitlisted(world, None)
    assert listing.listed_lines(referral) == ["Rank not said"]
    assert listing.listed_lines(scenes.ask(world, "Bridge House")) == []


def test_a_new_saying_corrects_the_rank_as_an_event_with_its_source(world: Any, clock: Any) -> None:
    referral = waitlisted(world)
    clock.advance(timedelta(days=2))
    said_again(world, referral, 2, source=Source.PERSON_REPORTED, version=referral.version)
    assert (referral.list_rank, referral.rank_said_at) == (2, database.now())
    newest, first = queries.events_of(world.amina.actor, referral)[:2]
    assert (newest.list_rank, newest.source.value) == (2, "person_reported")
    assert (first.list_rank, first.source.value) == (3, "partner_confirmed")
    assert referral.state is S.WAITLISTED


def test_a_word_without_a_rank_leaves_the_old_one_at_its_age(world: Any, clock: Any) -> None:
    referral = waitlisted(world)
    clock.advance(timedelta(days=2))
    said_again(world, referral)
    assert (referral.list_rank, referral.rank_said_at) == (3, TUESDAY)


def test_the_same_saying_twice_is_one_and_an_old_page_is_refused(world: Any) -> None:
    referral = waitlisted(world)
    version = referral.version
    said_again(world, referral, 2, idempotency_key="k", version=version)
    said_again(world, referral, 2, idempotency_key="k", version=version)
    assert len(queries.events_of(world.amina.actor, referral)) == 3
    with pytest.raises(StaleVersion):
        said_again(world, referral, 1, version=version)
    assert referral.list_rank == 2


def test_only_who_stands_on_a_list_is_still_on_it(world: Any) -> None:
    referral = scenes.ask(world)
    with pytest.raises(NotPossible):
        said_again(world, referral, 2)


def test_who_comes_back_onto_a_list_brings_no_old_rank(world: Any) -> None:
    referral = waitlisted(world)
    services.undo(world.amina.actor, referral)
    services.answer(world.amina.actor, referral, to=S.WAITLISTED, source=PHONE)
    assert (referral.list_rank, referral.call_every) == (None, None)
    assert states(referral) == ["ended"]


def test_the_agency_says_rank_and_call_by_its_link(world: Any, visitor: Any) -> None:
    referral = scenes.ask(world)
    path, phone = scenes.linked(world, referral), visitor()
    page = phone.get(path).get_data(as_text=True)
    fields = dict(agencies.HIDDEN.findall(page)) | {
        "reply": "waitlist", "rank": "3", "call_every": "week", "called_by": "person",
    }  # fmt: skip
    answered = phone.post(path, fields)
    assert answered.status_code == 303
    assert (referral.list_rank, referral.call_every) == (3, CallEvery.WEEK)
    assert referral.called_by is CalledBy.PERSON
    # What the person does herself is only said: nobody of the service has a task.
    assert calls_for(referral) == []
    page = phone.get(path).get_data(as_text=True)
    # The agency is spoken to in its own language.
    assert "Rang 3 sur la liste" in page
    assert "La personne appelle l’organisme chaque semaine" in page


def test_the_agency_corrects_its_rank_when_signed_in(app: Any, world: Any) -> None:
    referral = agencies.ask(world)
    desk = agencies.at_desk(app, world.agency)
    assert desk.press(referral, reply="waitlist", rank="9", call_every="day").status_code == 303
    assert desk.press(referral, reply="still", rank="4").status_code == 303
    assert (referral.list_rank, referral.call_every) == (4, CallEvery.DAY)
    # The agency’s own word is not our call.
    assert states(referral) == ["planned"]


@pytest.mark.parametrize("typed", ["0", "-1", "third", "2.5", "999999"])
def test_a_rank_that_is_none_is_refused_in_words_and_kept_as_typed(
    app: Any, world: Any, typed: str
) -> None:
    referral = agencies.ask(world)
    desk = agencies.at_desk(app, world.agency)
    refused = desk.press(referral, reply="waitlist", rank=typed, bring="Carte")
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "Écrivez le rang en nombre entier" in page
    assert f'value="{typed}"' in page
    assert 'value="Carte"' in page
    assert referral.state is S.REQUESTED


def test_what_to_bring_can_be_said_with_a_waiting_list_too(app: Any, world: Any) -> None:
    referral = agencies.ask(world)
    desk = agencies.at_desk(app, world.agency)
    desk.press(referral, reply="waitlist", appointment="jeudi 10 h", documents="bail")
    opened = services.open_referral(world.amina.actor, referral, purpose="test")
    assert opened["answer_details"] == {"appointment": "jeudi 10 h", "documents": "bail"}


# --- the call that keeps the place ---------------------------------------------------------------


def test_the_duty_is_a_task_for_the_next_day_on_my_day_and_on_the_case(
    app: Any, world: Any, clock: Any
) -> None:
    referral = waitlisted(world)
    [call] = calls_for(referral)
    assert call.due_at == TUESDAY.replace(day=25, hour=14)
    amina = agencies.at_desk(app, world.amina).visitor
    about = "Next: call the agency, to keep the place on its list"
    assert about in amina.get(f"/cases/{referral.case.ref}").get_data(as_text=True)
    lane = "Call the agency: keep the place on the list"
    assert lane not in amina.get("/my-day").get_data(as_text=True), "it is for tomorrow"
    clock.freeze(TUESDAY.replace(day=25))
    page = read(app, world.amina)
    assert lane in page
    assert "The service calls the agency every day" in page
    assert f"/referrals/{referral.id}/answer" in page
    # A colleague has a day of his own.
    assert lane not in read(app, world.sophie)


def test_when_the_call_is_made_the_next_one_is_planned(world: Any, clock: Any) -> None:
    referral = waitlisted(world)
    clock.freeze(TUESDAY.replace(day=25))
    said_again(world, referral, 2)
    done, following = calls_for(referral)
    assert (done.state, done.done_by) == (ListCallState.DONE, world.amina.account_id)
    assert following.due_at == TUESDAY.replace(day=26, hour=14)
    assert following.state is ListCallState.PLANNED


def test_the_call_is_noted_on_the_page_of_answers(app: Any, world: Any, clock: Any) -> None:
    referral = waitlisted(world)
    clock.freeze(TUESDAY.replace(day=25))
    amina = agencies.at_desk(app, world.amina).visitor
    path = f"/referrals/{referral.id}/answer"
    page = amina.get(path).get_data(as_text=True)
    assert "tel:+15145550100" in page
    fields = {"version": str(referral.version), "key": "k", "reply": "still", "rank": "2"}
    assert [amina.post(path, fields).status_code for _ in range(2)] == [303, 303]
    assert states(referral) == ["done", "planned"]
    assert referral.call_every is CallEvery.DAY, "what was not said again stays"
    story = amina.get(f"/cases/{referral.case.ref}").get_data(as_text=True)
    assert "Rank 2 on the list, said just now" in story
    assert "Rank 3" in story, "the old one stands where it was said"


def test_a_word_long_before_the_call_is_due_does_not_stand_for_it(world: Any, clock: Any) -> None:
    referral = waitlisted(world)
    clock.advance(timedelta(hours=1))
    said_again(world, referral, 2)
    assert states(referral) == ["planned"]


def test_an_overdue_call_stays_until_it_is_made(app: Any, world: Any, clock: Any) -> None:
    referral = waitlisted(world)
    clock.advance(timedelta(days=3))
    assert "Overdue " in read(app, world.amina)
    said_again(world, referral, 1)
    assert states(referral) == ["done", "planned"]
    assert calls_for(referral)[-1].due_at > database.now()


def test_nobody_answers_and_it_is_tried_again_within_their_hours(
    app: Any, world: Any, clock: Any
) -> None:
    referral = waitlisted(world)
    clock.freeze(TUESDAY.replace(day=25))
    [call] = calls_for(referral)
    amina = agencies.at_desk(app, world.amina).visitor
    path = f"/list-calls/{call.id}/no-answer"
    assert amina.post(path, {"version": "1", "day": "1"}).headers["Location"] == "/my-day"
    assert (call.tries, call.due_at) == (1, TUESDAY.replace(day=25, hour=16))
    # Pressed twice: the page stood otherwise.
    assert amina.post(path, {"version": "1"}).headers["Location"].endswith(referral.case.ref)
    assert call.tries == 1
    clock.freeze(TUESDAY.replace(day=25, hour=21, minute=30))
    agencies.at_desk(app, world.amina).visitor.post(path, {"version": "2"})
    assert call.due_at == TUESDAY.replace(day=25, hour=16), "nobody is there after five"
    assert "2 tries, no answer" in read(app, world.amina)


@pytest.mark.parametrize(
    ("to", "reason", "why"),
    [
        (S.ACCEPTED, None, ListCallEnd.PLACE_HELD),
        (S.DECLINED, Reason.NO_CAPACITY, ListCallEnd.DECLINED),
    ],
)
def test_an_answer_ends_it(
    world: Any, to: ReferralState, reason: Reason | None, why: ListCallEnd
) -> None:
    referral = waitlisted(world)
    services.answer(world.amina.actor, referral, to=to, source=PHONE, reason=reason)
    [call] = calls_for(referral)
    assert (call.state, call.end_reason) == (ListCallState.ENDED, why)


def test_recalling_withdrawing_and_an_error_end_it(world: Any) -> None:
    recalled, withdrawn, error = (waitlisted(world) for _ in range(3))
    services.recall(world.amina.actor, recalled, reason=Reason.OTHER)
    services.withdraw(world.amina.actor, withdrawn)
    services.mark_entered_in_error(world.amina.actor, error)
    ends = [calls_for(each)[0].end_reason for each in (recalled, withdrawn, error)]
    assert ends == [ListCallEnd.RECALLED, ListCallEnd.WITHDRAWN, ListCallEnd.RECALLED]


def test_consent_that_ends_ends_it_in_the_same_transaction(world: Any) -> None:
    """R5: sharing withdrawn, the request withdrawn, and nobody calls the agency any more."""
    referral = waitlisted(world)
    people.services.withdraw(world.amina.actor, referral.case.person, Purpose.SHARE_WITH_PARTNER)
    assert referral.state is S.WITHDRAWN
    assert states(referral) == ["ended"]


def test_the_clock_ends_it_and_no_sooner_than_the_list(world: Any, clock: Any) -> None:
    """An urgent list ends after a day, but not one that is kept by calls."""
    kept = waitlisted(world, DAILY, "Foyer du Pont")
    left = waitlisted(world, Listing(rank=3), "Bridge House")
    clock.advance(timedelta(days=2))
    watch(world.north.id)
    assert (kept.state, left.state) == (S.WAITLISTED, S.EXPIRED)
    assert states(kept) == ["planned"]
    clock.advance(timedelta(days=40))
    watch(world.north.id)
    assert kept.state is S.EXPIRED
    assert [call.end_reason for call in calls_for(kept)] == [ListCallEnd.EXPIRED]


def test_each_word_begins_the_clock_of_the_list_anew(world: Any, clock: Any) -> None:
    referral = waitlisted(world, Listing(rank=3), "Foyer du Pont")
    clock.advance(timedelta(hours=20))
    said_again(world, referral, 2)
    # Read anew from what happened, the clock says the same.
    assert dict(steps_of(referral)) == {Rung.EXPIRE: database.now() + timedelta(hours=24)}
    clock.advance(timedelta(hours=20))
    watch(world.north.id)
    assert referral.state is S.WAITLISTED
    clock.advance(timedelta(hours=5))
    watch(world.north.id)
    assert referral.state is S.EXPIRED


def test_a_yes_taken_back_puts_rank_and_call_back(world: Any) -> None:
    referral = waitlisted(world)
    services.answer(world.amina.actor, referral, to=S.ACCEPTED, source=PHONE)
    services.undo(world.amina.actor, referral)
    assert (referral.state, referral.list_rank) == (S.WAITLISTED, 3)
    assert sorted(states(referral)) == ["ended", "planned"]


def test_an_agency_that_asks_otherwise_is_called_otherwise(world: Any) -> None:
    referral = waitlisted(world)
    said_again(world, referral, said=Listing(call_every=CallEvery.WEEK))
    ended, planned = calls_for(referral)
    assert (ended.end_reason, planned.call_every) == (ListCallEnd.CHANGED, CallEvery.WEEK)
    said_again(world, referral, said=Listing(call_every=CallEvery.NEVER))
    assert states(referral) == ["ended", "ended"]


def test_it_never_reaches_the_person(world: Any, clock: Any) -> None:
    """R10: a call to an agency is no call-back; nothing of it is a reminder, a letter or a call."""
    referral = waitlisted(world)
    before = len(scenes.waiting())
    planned = followups.queries.planned_for(referral.case_id)
    clock.advance(timedelta(days=4))
    said_again(world, referral, 2)
    assert len(scenes.waiting()) == before
    assert followups.queries.planned_for(referral.case_id) == planned
    assert scenes.unseen(world.amina) == []


def test_a_sensitive_case_names_no_agency_on_my_day(app: Any, world: Any, clock: Any) -> None:
    """R16, R19: where she goes stands on the case alone, and behind a press."""
    referral = waitlisted(world, DAILY, "Maison Rivage")
    clock.freeze(TUESDAY.replace(day=25))
    amina = agencies.at_desk(app, world.amina).visitor
    for page in ("/my-day", f"/cases/{referral.case.ref}", f"/referrals/{referral.id}/answer"):
        body = amina.get(page).get_data(as_text=True)
        assert "Rank 3 on the list" in body
        assert "Maison Rivage" not in body, page
        assert "+15145550100" not in body, page


def test_the_database_holds_one_planned_call_for_a_request(world: Any) -> None:
    referral = waitlisted(world)
    [call] = calls_for(referral)
    columns = ", ".join(column.name for column in ListCall.__table__.columns if column.name != "id")
    again = text(
        f"INSERT INTO list_call (id, {columns}) "
        f"SELECT gen_random_uuid(), {columns} FROM list_call WHERE id = :id"
    )
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(again, {"id": call.id})


def test_what_stands_in_the_log_names_no_agency_and_no_rank(world: Any, clock: Any) -> None:
    """R21: each step is recorded by ids and codes."""
    referral = waitlisted(world)
    clock.freeze(TUESDAY.replace(day=25))
    said_again(world, referral, 2)
    services.withdraw(world.amina.actor, referral)
    database.commit()
    written = db.session.scalars(
        text("SELECT action FROM audit_entry WHERE action LIKE 'case:list_call:%' ORDER BY seq")
    )
    kinds = ["planned", "done", "planned", "ended"]
    assert list(written) == [f"case:list_call:{kind}" for kind in kinds]
    assert notices.queries.unseen(world.amina.actor) == []
