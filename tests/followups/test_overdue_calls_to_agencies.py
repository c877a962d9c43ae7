"""A call that keeps a place on a waiting list: who hears that it is due, and that it was missed."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework import background, cases, database, notices, people
from casework.accounts.shift_services import change_week
from casework.background import Job
from casework.cases.models import Source
from casework.extensions import db
from casework.followups import queries, services
from casework.followups.list_models import ListCall
from casework.followups.refusals import NoLongerPlanned
from casework.followups.services import Handed
from casework.notices.models import Notice, NoticeKind
from casework.people.models import Consent, Purpose
from casework.referrals import services as referrals
from casework.referrals.listing import Listing
from casework.referrals.models import CallEvery, Referral, ReferralState
from tests.agencies import scenes as agencies
from tests.referrals import scenes

# A Tuesday, 10 h in Toronto; the call is for Wednesday between 9 h and 17 h.
TUESDAY = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
OPENS, CLOSES = TUESDAY.replace(day=25, hour=14), TUESDAY.replace(day=25, hour=22)
DUE, OVERDUE = NoticeKind.LIST_CALL_DUE, NoticeKind.LIST_CALL_OVERDUE
EVENING = dict.fromkeys(range(7), (time(19), time(23)))
BY_DAY = dict.fromkeys(range(7), (time(8), time(18)))


def listed(world: Any, clock: Any, name: str = "Moisson du Quartier") -> ListCall:
    """Let an agency put somebody of amina's on its list, which is kept by a call each day."""
    clock.freeze(TUESDAY)
    return plan(world, scenes.ask(world, name))


def plan(world: Any, referral: Referral) -> ListCall:
    """Note the waiting list and its daily call, and give that call."""
    referrals.answer(
        world.amina.actor,
        referral,
        to=ReferralState.WAITLISTED,
        source=Source.PARTNER_CONFIRMED,
        listing=Listing(rank=3, call_every=CallEvery.DAY),
    )
    call = queries.planned_list_call(world.north.id, referral.id)
    assert call is not None
    assert (call.due_at, call.latest_at) == (OPENS, CLOSES)
    return call


def called(world: Any, call: ListCall) -> None:
    """Make the call: the person is still on the list."""
    referrals.say_listed(world.amina.actor, call.referral, listing=Listing(rank=2))


def sweep(world: Any) -> None:
    """Let the sweep come twice: it tells nothing twice."""
    for _ in range(2):
        services.prompt_list_calls(world.north.id)


def told(call: ListCall, kind: NoticeKind) -> list[Any]:
    """Name who was told of this call so far, in the order in which they were."""
    lines = select(Notice).where(Notice.subject_id == call.id, Notice.kind == kind)
    return [notice.account_id for notice in db.session.scalars(lines.order_by(Notice.at))]


def test_nobody_hears_of_it_before_the_agency_is_there(world: Any, clock: Any) -> None:
    call = listed(world, clock)
    clock.freeze(OPENS - timedelta(minutes=1))
    sweep(world)
    assert told(call, DUE) == []


def test_a_missed_call_is_told_to_its_navigator_the_team_and_the_supervisors(
    world: Any, clock: Any
) -> None:
    """A missed call loses the place: a family without a bed."""
    amina, louis, sophie = (
        member.account_id for member in (world.amina, world.louis, world.sophie)
    )
    call = listed(world, clock)
    clock.freeze(OPENS)
    sweep(world)
    assert told(call, DUE) == [amina]
    # While it can still be made.
    clock.freeze(CLOSES - timedelta(hours=1))
    sweep(world)
    assert told(call, DUE) == [amina, louis]
    clock.freeze(CLOSES - timedelta(minutes=1))
    sweep(world)
    assert told(call, OVERDUE) == []
    clock.freeze(CLOSES)
    sweep(world)
    assert set(told(call, OVERDUE)) == {amina, sophie}
    clock.advance(timedelta(days=2))
    sweep(world)
    assert len(told(call, OVERDUE)) == 2


def test_after_an_outage_all_hear_at_once_that_it_is_overdue(world: Any, clock: Any) -> None:
    call = listed(world, clock)
    clock.freeze(CLOSES + timedelta(hours=3))
    sweep(world)
    everybody = {world.amina.account_id, world.louis.account_id, world.sophie.account_id}
    assert set(told(call, OVERDUE)) == everybody
    assert len(told(call, OVERDUE)) == 3, "each hears it once"
    assert told(call, DUE) == []


def test_the_timetable_brings_it_by_itself(world: Any, clock: Any) -> None:
    call = listed(world, clock)
    database.commit()
    clock.freeze(OPENS)
    background.sweeps[str(Job.PROMPT_LIST_CALLS)]()
    database.enter_service(world.north.id)
    assert told(call, DUE) == [world.amina.account_id]


def test_a_call_that_was_made_is_nobodys_any_more(world: Any, clock: Any) -> None:
    call = listed(world, clock)
    clock.freeze(OPENS)
    sweep(world)
    called(world, call)
    clock.freeze(CLOSES + timedelta(hours=1))
    sweep(world)
    assert told(call, OVERDUE) == []
    following = queries.planned_list_call(world.north.id, call.referral_id)
    assert following is not None
    clock.freeze(following.due_at)
    sweep(world)
    assert told(following, DUE) == [world.amina.account_id]


def test_an_answer_of_the_agency_ends_it(world: Any, clock: Any) -> None:
    call = listed(world, clock)
    referrals.answer(
        world.amina.actor,
        call.referral,
        to=ReferralState.ACCEPTED,
        source=Source.PARTNER_CONFIRMED,
    )
    clock.freeze(CLOSES)
    sweep(world)
    assert told(call, DUE) == told(call, OVERDUE) == []


def test_the_hours_of_the_person_and_of_the_service_have_no_part_in_it(
    world: Any, clock: Any
) -> None:
    """R10 is about calls to the person; an agency is called when it is there."""
    clock.freeze(TUESDAY)
    case = scenes.case_for(world.amina.actor)
    never = {"when": "will_call_us", "time_zone": "America/Toronto"}
    people.services.change_plan(world.amina.actor, case.person, plan=never)
    call = plan(world, scenes.ask(world, case=case))
    clock.freeze(OPENS)
    sweep(world)
    assert told(call, DUE) == [world.amina.account_id]


def test_who_no_longer_agrees_to_share_is_spoken_of_to_nobody(world: Any, clock: Any) -> None:
    """R4, R5: asked again before anybody is told, also before a sweep has ended the request."""
    call = listed(world, clock)
    [consent] = db.session.scalars(
        select(Consent).where(
            Consent.person_id == call.case.person_id,
            Consent.purpose == Purpose.SHARE_WITH_PARTNER,
        )
    )
    clock.freeze(OPENS)
    consent.expires_at = OPENS
    sweep(world)
    assert told(call, DUE) == []


def test_nobody_answers_and_whoever_has_it_hears_of_the_next_try(world: Any, clock: Any) -> None:
    call = listed(world, clock)
    clock.freeze(OPENS)
    sweep(world)
    services.note_no_answer(world.amina.actor, call)
    clock.freeze(OPENS + timedelta(hours=1))
    sweep(world)
    assert told(call, DUE) == [world.amina.account_id] * 2
    # Too late for another try: the team hears that the agency closes soon, as without it.
    clock.freeze(CLOSES - timedelta(minutes=90))
    services.note_no_answer(world.amina.actor, call)
    clock.freeze(CLOSES - timedelta(minutes=30))
    sweep(world)
    assert told(call, DUE) == [world.amina.account_id] * 2 + [world.louis.account_id]
    clock.freeze(CLOSES)
    sweep(world)
    assert world.sophie.account_id in told(call, OVERDUE)


def test_for_somebody_off_shift_those_on_shift_hear_it(world: Any, clock: Any) -> None:
    call = listed(world, clock)
    change_week(world.sophie.actor, world.amina.account_id, week=EVENING)
    change_week(world.sophie.actor, world.louis.account_id, week=BY_DAY)
    clock.freeze(OPENS)
    sweep(world)
    assert set(told(call, DUE)) == {world.amina.account_id, world.louis.account_id}


def test_of_a_case_of_nobody_the_supervisors_hear_first_and_then_the_team(
    world: Any, clock: Any
) -> None:
    call = listed(world, clock)
    cases.services.assign(world.amina.actor, call.case, owner_id=None)
    clock.freeze(OPENS)
    sweep(world)
    assert told(call, DUE) == [world.sophie.account_id]
    clock.freeze(CLOSES - timedelta(hours=1))
    sweep(world)
    team = {world.amina.account_id, world.louis.account_id}
    assert set(told(call, DUE)) == team | {world.sophie.account_id}


def test_the_line_leads_to_its_case_and_names_nobody(app: Any, world: Any, clock: Any) -> None:
    """R12, R19: fixed words; where she goes stands in no list of notices."""
    call = listed(world, clock, "Maison Rivage")
    clock.freeze(CLOSES)
    sweep(world)
    page = agencies.at_desk(app, world.amina).visitor.get("/notices").get_data(as_text=True)
    line = page[page.index("Overdue: call the agency, to keep the place on its list") - 80 :]
    assert f'href="/cases/{call.case.ref}"' in line
    assert "Maison Rivage" not in page and scenes.MARKED not in page
    assert [n.subject_type for n in notices.queries.unseen(world.amina.actor)] == ["list_call"]
    # A supervisor without access reads the words, and no case opens.
    page = agencies.at_desk(app, world.sophie).visitor.get("/notices").get_data(as_text=True)
    assert "Overdue: call the agency" in page and call.case.ref not in page


# --- the end of a shift --------------------------------------------------------------------------


def test_a_shift_that_ends_hands_it_over_with_the_case_and_a_note(
    app: Any, world: Any, clock: Any
) -> None:
    call = listed(world, clock)
    clock.freeze(OPENS - timedelta(hours=10))
    desk = agencies.at_desk(app, world.amina).visitor
    page = desk.get("/hand-over").get_data(as_text=True)
    # With the one that tells the person of the list.
    assert "You still have 2 calls to make in the next 12 hours." in page
    assert "Call the agency: keep the place on the list" in page
    fields = {
        "chosen": str(call.id), "to": str(world.louis.account_id),
        f"note_{call.id}": "Ask for Louise.",
    }  # fmt: skip
    assert desk.post("/hand-over", fields).headers["Location"].endswith("/my-day")
    assert call.case.owner_id == world.louis.account_id
    [(_note, body)] = cases.services.open_notes(world.louis.actor, call.case, purpose="case_page")
    assert body == "Ask for Louise."
    clock.freeze(OPENS)
    sweep(world)
    assert told(call, DUE) == [world.louis.account_id]


def test_an_overdue_one_stands_there_until_it_is_made(app: Any, world: Any, clock: Any) -> None:
    call = listed(world, clock)
    clock.freeze(CLOSES + timedelta(hours=2))
    page = agencies.at_desk(app, world.amina).visitor.get("/hand-over").get_data(as_text=True)
    assert "Overdue since " in page
    called(world, call)
    page = agencies.at_desk(app, world.amina).visitor.get("/hand-over").get_data(as_text=True)
    assert str(call.id) not in page


def test_both_calls_of_one_case_go_together(world: Any, clock: Any) -> None:
    """A call-back takes its case along; the call to the agency has gone with it by then."""
    call = listed(world, clock)
    follow_up = services.plan_call_back(
        world.amina.actor, call.case, local_day=OPENS.date(), local_time=time(12)
    )
    handed = [Handed(follow_up), Handed(call)]
    assert services.hand_over(world.amina.actor, handed, to=world.louis.account_id) == 1
    assert call.case.owner_id == world.louis.account_id


def test_one_that_was_made_meanwhile_hands_nothing_over(world: Any, clock: Any) -> None:
    call = listed(world, clock)
    clock.freeze(OPENS)
    called(world, call)
    with pytest.raises(NoLongerPlanned):
        services.hand_over(world.amina.actor, [Handed(call)], to=world.louis.account_id)
    assert call.case.owner_id == world.amina.account_id


def test_a_colleague_takes_over_what_is_due_for_somebody_off_shift(
    app: Any, world: Any, clock: Any
) -> None:
    call = listed(world, clock, "Maison Rivage")
    change_week(world.sophie.actor, world.amina.account_id, week=EVENING)
    path = f"/list-calls/{call.id}/take-over"
    clock.freeze(OPENS - timedelta(minutes=1))
    assert agencies.at_desk(app, world.louis).visitor.post(path).status_code == 404
    clock.freeze(CLOSES + timedelta(minutes=5))
    louis = agencies.at_desk(app, world.louis).visitor
    page = louis.get("/hand-over").get_data(as_text=True)
    assert call.case.ref in page and "En retard depuis" in page and path in page
    assert scenes.MARKED not in page and "Maison Rivage" not in page
    assert agencies.at_desk(app, world.outsider).visitor.post(path).status_code == 404
    assert call.case.owner_id == world.amina.account_id
    assert louis.post(path).headers["Location"].endswith(f"/cases/{call.case.ref}")
    assert call.case.owner_id == world.louis.account_id
    assert louis.post(path).status_code == 404, "it is theirs by now"


def test_nobody_takes_over_from_somebody_who_is_there(app: Any, world: Any, clock: Any) -> None:
    call = listed(world, clock)
    clock.freeze(OPENS)
    louis = agencies.at_desk(app, world.louis).visitor
    assert louis.post(f"/list-calls/{call.id}/take-over").status_code == 404
    assert call.case.owner_id == world.amina.account_id


def test_another_service_hears_nothing(world: Any, clock: Any) -> None:
    call = listed(world, clock)
    clock.freeze(CLOSES)
    assert services.prompt_list_calls(world.south.id) == 0
    assert told(call, OVERDUE) == []
