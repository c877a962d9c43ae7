"""Both stories wait half-way for whoever opens the demo, and somebody can be called at any hour."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from casework import cases, database, people
from casework.accounts.queries import service_by_code
from casework.cases.models import Case, NeedOutcome
from casework.commands.seed import words
from casework.commands.seed.staffing import Staffed, staff
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.followups import queries as followups
from casework.followups.models import FollowUpKind
from casework.notices.models import Letter, LetterKind, LetterStatus
from casework.people.models import VoicemailRule, WhenToCall
from casework.referrals import queries as referrals
from casework.referrals import services as referral_services
from casework.referrals.models import ReferralState
from casework.security import Actor
from tests.followups import lanes
from tests.seed.conftest import PRESENT, seeded_app

S = ReferralState
AMINA, LOUIS = "amina@river.example", "louis@river.example"


def _name(actor: Actor, case: Case) -> str:
    return people.services.open_names(actor, [case.person], purpose="my_day")[case.person_id]


def _story(river: Staffed, email: str, name: str) -> Case:
    actor = river.members[email]
    mine = db.session.scalars(cases.queries.visible_to(actor)).all()
    return next(case for case in mine if _name(actor, case) == name)


def test_the_mother_is_to_be_told_of_a_place_that_is_held(river: Staffed) -> None:
    amina = river.members[AMINA]
    call = lanes.callable_now(amina, PRESENT)[0]
    assert call.kind is FollowUpKind.TELL_PERSON and call.case.is_sensitive
    assert _name(amina, call.case) == words.MOTHER
    held = next(r for r in referrals.for_case(amina, call.case) if r.id == call.referral_id)
    assert held.state is S.ACCEPTED and held.organization_id is None
    assert held.hold_until is not None and held.hold_until > PRESENT + timedelta(hours=24)
    assert held.hold_until > call.window_closes_at


def test_two_shelters_were_full_before_and_a_volunteer_is_being_asked(river: Staffed) -> None:
    amina = river.members[AMINA]
    case = _story(river, AMINA, words.MOTHER)
    states = {}
    for referral in referrals.for_case(amina, case):
        opened = referral_services.open_referral(amina, referral, purpose="test")
        states[opened["partner_name"]] = referral.state
        if referral.need.code is NeedCode.TRANSPORT:
            assert "library" in opened["request_details"]["meeting_point"]
    assert states == {
        "Maison Rivage": S.DECLINED,
        "Cedar Lane House": S.DECLINED,
        "Maison des Érables": S.ACCEPTED,
        "Volunteer Wheels": S.REQUESTED,
    }


def test_the_mother_is_never_called_in_the_evening_and_finds_no_voicemail(river: Staffed) -> None:
    amina = river.members[AMINA]
    case = _story(river, AMINA, words.MOTHER)
    plan = people.services.open_plan(amina, case.person, purpose="test")
    assert plan.when is WhenToCall.WINDOWS and plan.voicemail_rule is VoicemailRule.NEVER
    assert all(window.end.hour < 17 and len(window.days) == 7 for window in plan.windows)
    said = people.services.verify_identity(amina, case.person, code_word="Blue Kettle")
    assert said.ok


def test_the_older_man_waits_for_his_call_and_his_benefits_are_open(river: Staffed) -> None:
    louis = river.members[LOUIS]
    case = _story(river, LOUIS, words.OLDER_MAN)
    assert case.language == "fr"
    assert case.id in {call.case_id for call in lanes.callable_now(louis, PRESENT)}
    assert [r.state for r in referrals.for_case(louis, case)] == [S.CONFIRMED]
    outcomes = {need.code: need.outcome for need in case.needs}
    assert outcomes == dict.fromkeys((NeedCode.FOOD, NeedCode.BENEFITS), NeedOutcome.PENDING)


@pytest.mark.parametrize("email", [AMINA, LOUIS])
def test_each_navigator_can_call_somebody_at_every_hour_of_the_next_day(
    river: Staffed, email: str
) -> None:
    actor = river.members[email]
    for hour in range(24):
        at = PRESENT + timedelta(hours=hour)
        assert lanes.callable_now(actor, at), hour


def test_every_lane_of_my_day_has_somebody(river: Staffed) -> None:
    tonight = datetime(2026, 11, 25, 5, tzinfo=UTC)
    stand: dict[str, int] = dict.fromkeys(("now", "later", "waits", "stuck", "asked"), 0)
    for email in river.navigators:
        actor = river.members[email]
        stand["now"] += len(lanes.callable_now(actor, PRESENT))
        stand["later"] += len(lanes.later_today(actor, PRESENT, tonight))
        stand["waits"] += len(lanes.waiting_for_call(actor, PRESENT, tonight))
        stand["stuck"] += len(lanes.no_window(actor, PRESENT))
        stand["asked"] += len(referrals.open_for(actor, limit=500))
    assert all(stand.values()), stand
    assert cases.queries.unassigned(river.members[AMINA])


def test_the_demo_does_not_begin_with_a_flood_of_mails(river: Staffed) -> None:
    waiting = db.session.scalars(select(Letter).where(Letter.status == LetterStatus.QUEUED)).all()
    assert 0 < len(waiting) <= 8
    assert LetterKind.CALL_BACKS_DUE not in {letter.kind for letter in waiting}
    due = followups.oldest_waiting(river.service_id)
    assert due is None or due > PRESENT


@pytest.mark.parametrize("hour", [1, 10, 21])
def test_both_stories_can_begin_at_any_hour(
    servers: Any, keys: str, template: str, tmp_path: Path, hour: int
) -> None:
    at = PRESENT.replace(hour=hour)
    with seeded_app(servers, keys, template, tmp_path, cases=2, at=at) as app:
        _stories_wait(app, at)


def _stories_wait(app: Flask, at: datetime) -> None:
    with app.app_context():
        database.clock.freeze(at)
        assert service_by_code("river") is not None
        river = staff(words.SERVICES[0])
        soon = at + timedelta(hours=24)
        amina, louis = river.members[AMINA], river.members[LOUIS]
        told = lanes.callable_now(amina, at) + lanes.later_today(amina, at, soon)
        assert FollowUpKind.TELL_PERSON in {call.kind for call in told}
        called = lanes.callable_now(louis, at) + lanes.later_today(louis, at, soon)
        assert {call.case_id for call in called} == {_story(river, LOUIS, words.OLDER_MAN).id}
        database.rollback()
        db.session.remove()
        database.clock.freeze(None)
