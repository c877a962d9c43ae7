"""Bugs that other projects shipped (domain.md section 2), each as a test that would have seen it."""

from datetime import UTC, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from casework import cases, database
from casework.cases.models import ClosureCode
from casework.database import NotFound
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.followups import queries, safe_time, services, tasks
from casework.followups.models import FollowUpState, Reminder, ReminderStatus
from casework.notices.models import Letter, Notice, NoticeKind
from tests.followups import lanes
from tests.followups.scenes import at, call_at, case_of, deliver_all, notices_about, reminders_of

VANCOUVER = ZoneInfo("America/Vancouver")
MORNING = [{"days": [0, 1, 2, 3, 4, 5, 6], "start": "09:00", "end": "11:00"}]


@pytest.fixture
def published() -> Any:
    """Collect what would leave for the broker."""
    messages: list[tuple[str, tuple[str, ...]]] = []
    before = database.publish_with(lambda job, ids: messages.append((job, ids)))
    yield messages
    database.publish_with(before)


def test_saraalert_1228_the_window_is_open_when_the_reminder_fires(world: Any, clock: Any) -> None:
    # Eligibility was computed in the server's zone: the window had closed before the reminder came.
    clock.freeze(at(23, 12))
    actor = world.amina.actor
    case = case_of(actor, windows=MORNING, time_zone="America/Vancouver")
    moment = at(24, 9).replace(tzinfo=VANCOUVER)
    follow_up = services.plan_call_back(
        actor, case, local_day=moment.date(), local_time=moment.time()
    )
    [waiting] = reminders_of(follow_up, ReminderStatus.SCHEDULED)
    assert waiting.wake_at == moment
    clock.freeze(at(24, 11, 30))  # nine to eleven is over where the service is, and not yet there
    assert deliver_all(world.amina.service_id) == []
    clock.freeze(moment)
    assert services.read_plan(actor, case).status(moment).is_callable
    assert deliver_all(world.amina.service_id) == [ReminderStatus.SHOWN]
    assert lanes.callable_now(actor, moment) == [follow_up]


def test_sormas_1710_no_task_goes_on_after_follow_up_has_ended(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    actor = world.amina.actor
    case = case_of(actor)
    planned = services.plan_series(actor, case)
    cases.services.close_case(actor, case, closure=ClosureCode.NEED_MET)
    for days in range(50):
        clock.freeze(at(23, 12) + timedelta(days=days))
        assert tasks.run_once(world.amina.service_id) == 0
    assert {follow_up.state for follow_up in planned} == {FollowUpState.CANCELLED}
    assert [notices_about(follow_up) for follow_up in planned] == [[]] * len(planned)


@pytest.mark.parametrize("hour", [0, 9, 15, 23])
@pytest.mark.parametrize("zone", ["America/St_Johns", "America/Vancouver", "America/Toronto"])
def test_cht_core_3133_nothing_is_due_yesterday_at_registration(
    world: Any, clock: Any, zone: str, hour: int
) -> None:
    first_contact = clock.freeze(at(23, hour, 50))
    for needs in ([NeedCode.FOOD], [NeedCode.SHELTER]):
        case = case_of(world.amina.actor, needs=needs, time_zone=zone)
        planned = services.plan_series(world.amina.actor, case)
        assert planned
        for follow_up in planned:
            assert first_contact < follow_up.due_at < follow_up.latest_at
            said = safe_time.wall_to_utc(follow_up.local_wall, zone)
            assert said == follow_up.due_at


@pytest.mark.parametrize("zone", ["America/Regina", "America/St_Johns", "America/Whitehorse"])
def test_suitecrm_822_a_reminder_comes_at_the_time_on_the_persons_wall(
    world: Any, clock: Any, zone: str
) -> None:
    # Reminders were right only where the wall shows UTC; here also across a change of clocks.
    clock.freeze(at(30, 12, month=10))
    case = case_of(world.amina.actor, windows=MORNING, time_zone=zone)
    for day in (31, 1, 2):
        month = 10 if day == 31 else 11
        local = at(day, 9, 30, month=month).replace(tzinfo=ZoneInfo(zone))
        follow_up = services.plan_call_back(
            world.amina.actor, case, local_day=local.date(), local_time=local.time()
        )
        [waiting] = reminders_of(follow_up, ReminderStatus.SCHEDULED)
        assert waiting.wake_at.astimezone(ZoneInfo(zone)).strftime("%d %H:%M") == f"{day:02d} 09:30"
        assert waiting.wake_at.astimezone(UTC) == local.astimezone(UTC)


def test_civicrm_core_30327_what_a_reminder_leaves_leads_to_its_call_and_its_case(
    world: Any, clock: Any
) -> None:
    # “Reminder sent” was written down without the case it was about.
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    follow_up = call_at(world.amina.actor, case, at(24, 9))
    clock.freeze(at(24, 9))
    deliver_all(world.amina.service_id)
    [notice] = notices_about(follow_up)
    assert (notice.subject_type, notice.subject_id) == ("follow_up", follow_up.id)
    found = queries.get(world.amina.actor, notice.subject_id)
    assert found.case_id == case.id
    database.commit()
    [(reminder_id, person_id)] = db.session.execute(
        select(Reminder.id, cases.models.Case.person_id)
        .join(cases.models.Case, cases.models.Case.id == case.id)
        .where(Reminder.follow_up_id == follow_up.id, Reminder.status == ReminderStatus.SHOWN)
    ).all()
    entries = db.session.execute(
        text(
            "SELECT s.person_id FROM audit_entry e JOIN audit_subject s USING (seq, at_us)"
            " WHERE e.action = 'followup:reminder:shown' AND e.object_id = :id"
        ),
        {"id": str(reminder_id)},
    ).all()
    assert entries == [(person_id,)]


def test_civicrm_core_16360_no_choice_of_display_shows_other_peoples_calls(
    world: Any, clock: Any, visitor: Any
) -> None:
    # A display setting showed the activities of others.
    clock.freeze(at(23, 12))
    theirs = case_of(world.louis.actor)
    call_at(world.louis.actor, theirs, at(24, 9))
    database.commit()
    clock.freeze(at(24, 9, 5))
    browser = visitor(world.amina)
    for choice in (
        "",
        "?rows=100000",
        "?rows=-1",
        "?all=1",
        "?account=" + str(world.louis.account_id),
    ):
        page = browser.get(f"/my-day{choice}")
        assert theirs.ref not in page.get_data(as_text=True)
    browser.post("/settings/hide-names")
    assert theirs.ref not in browser.get("/my-day").get_data(as_text=True)
    assert theirs.ref in visitor(world.louis).get("/my-day").get_data(as_text=True)


def test_primero_r2_3930_a_call_that_stands_in_a_list_opens_no_case_that_was_closed_to_one(
    world: Any, clock: Any, visitor: Any
) -> None:
    # Assigning from a list gave access to records one could not open.
    clock.freeze(at(23, 12))
    theirs = case_of(world.louis.actor)
    follow_up = call_at(world.louis.actor, theirs, at(24, 9))
    follow_up.assigned_to = world.amina.account_id
    database.commit()
    clock.freeze(at(24, 9, 5))
    with pytest.raises(NotFound):
        queries.get(world.amina.actor, follow_up.id)
    assert lanes.callable_now(world.amina.actor, at(24, 9, 5)) == []
    browser = visitor(world.amina)
    assert browser.get(f"/follow-ups/{follow_up.id}/call").status_code == 404
    assert browser.get(f"/cases/{theirs.ref}").status_code == 404


def test_primero_jobs_and_letters_carry_ids_and_no_names(
    world: Any, clock: Any, published: Any
) -> None:
    # A task API returned names.
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor, details={"safe_name": "Zarathustra", "phone": "514-555-0142"})
    call_at(world.amina.actor, case, at(24, 9))
    clock.freeze(at(24, 9))
    tasks.claim_reminders(world.amina.service_id)
    database.commit()
    assert published
    for _job, ids in published:
        assert [str(UUID(id_)) for id_ in ids] == list(ids)
    deliver_all(world.amina.service_id)
    for model in (Notice, Letter, Reminder):
        for row in db.session.execute(select(model.__table__)).all():
            assert "Zarathustra" not in repr(row)
            assert "5550142" not in repr(row)


@pytest.mark.parametrize("member", ["amina", "louis", "sophie", "marc", "agency", "outsider"])
def test_civicase_12995_the_page_and_the_service_allow_the_same(
    world: Any, clock: Any, visitor: Any, member: str
) -> None:
    # What the page refused, the API allowed.
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    follow_up_id = call_at(world.amina.actor, case, at(24, 9)).id
    database.commit()
    clock.freeze(at(24, 9, 5))
    who = getattr(world, member)
    browser = visitor(who)
    page = browser.get(f"/follow-ups/{follow_up_id}/call")
    database.enter_service(who.service_id)
    try:
        queries.get(who.actor, follow_up_id)
        may_see = True
    except NotFound:
        may_see = False
    database.enter_service(world.amina.service_id)
    assert (page.status_code == 200) == may_see
    assert may_see == (member == "amina")


def test_kinds_of_notice_speak_of_nobody() -> None:
    # R12: the words of a notice are fixed, whoever it is about.
    assert all("%" not in str(kind.label) for kind in NoticeKind)
