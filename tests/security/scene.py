"""One case with all that hangs on it, and a browser for each visitor of the matrix."""

import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from werkzeug.routing import Rule

from casework import (
    accounts,
    cases,
    database,
    directory,
    followups,
    importing,
    people,
    referrals,
)
from casework.cases.erasure_models import HoldReason
from casework.cases.models import Case, Source
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.followups.models import FollowUp, Reminder, ReminderStatus, Rung
from casework.importing.models import ImportFormat
from casework.keys.models import KeyRun, RunKind
from casework.people.models import Purpose
from casework.people.services import ConsentAnswer
from casework.referrals.listing import Listing
from casework.referrals.models import CallEvery, ReferralState, Urgency
from casework.runs.models import RunState
from casework.security import Actor, Role
from tests.followups.scenes import case_of
from tests.referrals.scenes import ask as ask_agency
from tests.security.doors import DOORS
from tests.visitors import Visitor
from tests.world import HOME

MADE_UP = "made-up-token-" + "A" * 50


@dataclass
class Scene:
    """A case of amina's, and what can be named in an address."""

    case: Case
    arguments: dict[str, Any]

    def urls(self, app: Flask, rule: Rule) -> Iterator[tuple[str, str]]:
        """Give (method, address) of a rule for the things of this scene."""
        values = self.arguments | DOORS[rule.endpoint].arguments
        with app.test_request_context():
            url = app.url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, url


def set_scene(world: Any) -> Scene:
    """Open a case with a referral and a call, and begin one session of amina's own."""
    actor = world.amina.actor
    case = open_case(world)
    referral = referrals.services.send(
        actor,
        case,
        case.needs[0],
        organization_id=world.organization("Moisson du Quartier").id,
        urgency=Urgency.ROUTINE,
        details={},
    )
    tomorrow = database.now().astimezone(ZoneInfo("America/Toronto")).date() + timedelta(days=1)
    follow_up = followups.services.plan_call_back(
        actor, case, local_day=tomorrow, local_time=time(10)
    )
    louis = accounts.queries.membership_of(world.north.id, world.louis.account_id)
    assert louis is not None
    return Scene(
        case,
        {
            "ref": case.ref,
            "person_id": case.person_id,
            "need_id": case.needs[0].id,
            "referral_id": referral.id,
            "follow_up_id": follow_up.id,
            "membership_id": louis.id,
            "session_id": session_of_amina(world),
            "hold_id": hold_of_another_case(world),
            "run_id": begin_run(world),
            "import_id": begin_import(world),
            "reminder_id": park(follow_up),
            "attempt_id": call_of_louis(world),
            "call_id": call_to_an_agency(world),
            "token": MADE_UP,
            **of_an_agency(world),
        },
    )


def open_case(world: Any) -> Case:
    """Open a case that only amina may see."""
    actor = world.amina.actor
    person = people.services.register_person(
        actor,
        details={"full_name": "Zyxwvut Qponmlk", "phone": "+15145550142", "language": "fr"},
        plan={"when": "any_time", "time_zone": "America/Toronto", "code_word": "blue heron"},
    )
    answers = [ConsentAnswer(purpose, True) for purpose in (Purpose.KEEP_CASE, Purpose.CALL_BACK)]
    answers.append(ConsentAnswer(Purpose.SHARE_WITH_PARTNER, True, category=NeedCode.FOOD))
    people.services.record_consents(actor, person, answers)
    return cases.services.open_case(
        actor, person, needs=[NeedCode.FOOD], adults=1, children=0, language="fr"
    )


def hold_of_another_case(world: Any) -> uuid.UUID:
    """Place a legal hold on a case that nobody else asks about, and give its id."""
    held = case_of(world.louis.actor)
    hold = cases.services.place_hold(
        world.sophie.actor, held, reason=HoldReason.COURT_ORDER, note="File 500-05-000000"
    )
    return hold.id


def of_an_agency(world: Any) -> dict[str, Any]:
    """Ask louise's agency for a place, and give her a colleague and something to offer."""
    member = accounts.services.add_member(
        world.north,
        email="denis@foyer.example",
        display_name="Denis C.",
        role=Role.PARTNER,
        password=None,
        locale="fr_CA",
        organization_id=world.agency.organization_id,
    )
    home = world.agency.organization_id
    [offer] = directory.capacity_queries.services_of(world.agency.actor, home)
    directory.services.add_service(
        Actor.command(world.north.id), organization_id=home, need=NeedCode.FOOD
    )
    return {
        "request_id": ask_agency(world, HOME).id,
        "member_id": member.id,
        "agency_id": home,
        "offer_id": offer.id,
    }


def park(follow_up: FollowUp) -> uuid.UUID:
    """Park a reminder of a follow-up, and give its id."""
    reminder = Reminder(
        service_id=follow_up.service_id,
        follow_up_id=follow_up.id,
        rung=Rung.TEAM,
        occurrence_key=f"parked:{follow_up.id}",
        local_wall=follow_up.local_wall,
        time_zone=follow_up.time_zone,
        due_at=follow_up.due_at,
        wake_at=follow_up.due_at,
        status=ReminderStatus.DEAD,
        attempts=10,
    )
    db.session.add(reminder)
    database.flush()
    return reminder.id


def call_of_louis(world: Any) -> uuid.UUID:
    """Let louis begin a call in a case of his own, and give its id."""
    actor = world.louis.actor
    case = case_of(actor, when="any_time", windows=[])
    tomorrow = database.now().astimezone(ZoneInfo("America/Toronto")).date() + timedelta(days=1)
    follow_up = followups.services.plan_call_back(
        actor, case, local_day=tomorrow, local_time=time(10)
    )
    return followups.services.start_call(actor, follow_up).id


def call_to_an_agency(world: Any) -> uuid.UUID:
    """Put another request of amina's on a list that is kept by a call each day; give that call's id."""
    waiting = ask_agency(world)
    referrals.services.answer(
        world.amina.actor,
        waiting,
        to=ReferralState.WAITLISTED,
        source=Source.PARTNER_CONFIRMED,
        listing=Listing(rank=3, call_every=CallEvery.DAY),
    )
    call = followups.queries.planned_list_call(world.north.id, waiting.id)
    assert call is not None
    return call.id


def begin_import(world: Any) -> uuid.UUID:
    """Begin an import that finds no file, and give its id."""
    run = importing.services.start_import(
        world.marc.actor, format_=ImportFormat.HSDS_JSON, source="scene", language="en"
    )
    database.flush()
    return run.id


def begin_run(world: Any) -> uuid.UUID:
    """Begin a run of the service’s keys that stands in the middle, and give its id."""
    at = database.now()
    run = KeyRun(
        service_id=world.north.id,
        kind=RunKind.REWRAP,
        target=2,
        state=RunState.RUNNING,
        total=12_000,
        done=4_200,
        failed=3,
        worked_ms=300_000,
        wake_at=at + timedelta(days=1),
        started_by=world.marc.account_id,
        started_at=at - timedelta(minutes=5),
        updated_at=at,
    )
    db.session.add(run)
    database.flush()
    return run.id


def session_of_amina(world: Any) -> uuid.UUID:
    """Begin a session of amina's on another device and give its id."""
    membership = accounts.queries.membership_of(world.north.id, world.amina.account_id)
    assert membership is not None
    token = accounts.services.begin_session(membership)
    found = accounts.queries.session_of(token)
    assert found is not None
    return found.id


def browser_of(app: Flask, member: Any) -> Visitor:
    """Give a browser that is signed in already, with a CSRF token at hand; None is nobody."""
    browser = Visitor(app)
    secret = secrets.token_hex(20)
    signer = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token")
    browser.page = f'<input name="csrf_token" value="{signer.dumps(secret)}">'
    token = None
    if member is not None:
        entered = database.current_service()
        database.commit()
        database.enter_service(member.service_id)
        membership = accounts.queries.membership_of(member.service_id, member.account_id)
        assert membership is not None
        token = accounts.services.begin_session(membership)
        database.commit()
        database.enter_service(entered)
    with browser.client.session_transaction() as cookie:
        cookie["csrf_token"] = secret
        if token is not None:
            cookie["_user_id"] = token
    return browser
