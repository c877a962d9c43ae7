"""Ladders of a service: set by an administrator within bounds, and promised to what is asked from then on."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from casework import database
from casework.audit.models import AuditEntry
from casework.cases.models import Reason, Source
from casework.database import StaleVersion
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.notices.models import NoticeKind
from casework.public_holidays import PROVINCES
from casework.referrals import clocks, ladders, queries, services
from casework.referrals.business_days import Office
from casework.referrals.clocks import Rung
from casework.referrals.ladder_models import ReferralLadder
from casework.referrals.ladders import BOUNDS, DEFAULTS, Ladder
from casework.referrals.manners import Manner
from casework.referrals.models import LinkPurpose, ReferralState, Urgency
from casework.referrals.services import patience
from casework.referrals.services.links import GOOD_FOR
from casework.referrals.services.watch import watch
from tests.referrals import scenes
from tests.referrals.test_business_days import ZONES, moments, offices

S, U = ReferralState, Urgency
QUICK = Ladder(nudge=5, navigator=10, supervisor=20, expire=45, warn=15)
SLOW = Ladder(nudge=2, navigator=4, supervisor=6, expire=15, warn=60)


@st.composite
def allowed(draw: Any) -> tuple[Urgency, Ladder]:
    """Draw any ladder that may be set."""
    urgency = draw(st.sampled_from(list(Urgency)))
    values: dict[str, Any] = {}
    least = 0
    for name in ladders.STEPS:
        low, high = BOUNDS[urgency][name]
        if (urgency, name) in ladders.MAY_BE_NONE and draw(st.booleans()):
            values[name] = None
            continue
        if max(low, least) > high:
            values[name] = high
            continue
        values[name] = draw(st.integers(max(low, least), high))
        least = values[name] + 1
    low, high = BOUNDS[urgency]["warn"]
    return urgency, Ladder(**values, warn=draw(st.integers(low, high)))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(allowed(), offices, moments, st.sampled_from([S.REQUESTED, S.INFO_NEEDED]))
def test_every_allowed_ladder_is_climbed_upwards_whatever_days_and_hours(
    drawn: tuple[Urgency, Ladder], office: Office, since: datetime, state: ReferralState
) -> None:
    """Also where an agency opens on Saturdays alone, or nights past midnight, in any province."""
    urgency, ladder = drawn
    if not ladders.is_allowed(urgency, ladder):
        return
    reached = clocks.steps(state, urgency, since=since, office=office, ladder=ladder)
    times = [moment for _rung, moment in reached]
    assert times == sorted(set(times))
    assert times[0] > since
    expected = [rung for rung in Rung if getattr(ladder, rung.value) is not None]
    if state is S.INFO_NEEDED:
        expected.remove(Rung.NUDGE)
    assert [rung for rung, _moment in reached] == expected
    if urgency is U.URGENT:
        assert times[-1] == since + timedelta(minutes=ladder.expire)


def test_the_standard_is_allowed_and_is_that_of_the_domain() -> None:
    """domain.md section 3, defaults."""
    assert DEFAULTS[U.URGENT] == Ladder(15, 30, 60, 120, 30)
    assert DEFAULTS[U.ROUTINE] == Ladder(1, 2, None, 14, 30)
    assert all(ladders.is_allowed(urgency, DEFAULTS[urgency]) for urgency in Urgency)


@pytest.mark.parametrize(
    ("urgency", "change", "wrong"),
    [
        (U.URGENT, {"nudge": 4}, "nudge"),
        (U.URGENT, {"expire": 1441}, "expire"),
        (U.URGENT, {"supervisor": None}, "supervisor"),
        (U.URGENT, {"navigator": None}, "navigator"),
        (U.URGENT, {"warn": 0}, "warn"),
        (U.ROUTINE, {"nudge": 0}, "nudge"),
        (U.ROUTINE, {"expire": 16}, "expire"),
        (U.ROUTINE, {"expire": None}, "expire"),
        # Out of order: each step comes after the one before, also over one that is left out.
        (U.URGENT, {"navigator": 15}, "navigator"),
        (U.URGENT, {"supervisor": 30}, "supervisor"),
        (U.URGENT, {"expire": 60}, "expire"),
        (U.ROUTINE, {"nudge": 2}, "navigator"),
        (U.ROUTINE, {"navigator": 9, "expire": 9}, "expire"),
    ],
)
def test_what_lies_outside_its_bounds_or_out_of_order_is_refused(
    world: Any, urgency: Urgency, change: dict[str, Any], wrong: str
) -> None:
    ladder = replace(DEFAULTS[urgency], **change)
    named = {*ladders.out_of_bounds(urgency, ladder)} or {*ladders.out_of_order(ladder)}
    assert wrong in named
    with pytest.raises(services.BadLadder), database.attempt():
        services.change_ladder(world.marc.actor, urgency=urgency, ladder=ladder)


@given(st.sampled_from((None, *PROVINCES)), st.sampled_from(ZONES), moments)
def test_no_routine_request_outlives_its_link(
    province: str | None, zone: str, since: datetime
) -> None:
    longest = replace(DEFAULTS[U.ROUTINE], expire=BOUNDS[U.ROUTINE]["expire"][1])
    office = Office(zone, province)
    reached = clocks.steps(S.REQUESTED, U.ROUTINE, since=since, office=office, ladder=longest)
    assert reached[-1][1] - since < GOOD_FOR[LinkPurpose.ANSWER]


def test_a_change_holds_for_what_is_asked_from_then_on_and_for_nothing_else(
    world: Any, clock: Any
) -> None:
    """An open request keeps the clock it was promised, also when it is asked once more."""
    clock.freeze(database.now())
    before = scenes.ask(world, "Foyer du Pont")
    services.change_ladder(world.marc.actor, urgency=U.URGENT, ladder=QUICK)
    after = scenes.ask(world, "Bridge House")
    at = database.now()
    assert dict(patience.steps_of(before))[Rung.EXPIRE] == at + timedelta(minutes=120)
    assert dict(patience.steps_of(after))[Rung.EXPIRE] == at + timedelta(minutes=45)
    for referral in (before, after):
        answer(world, referral, S.INFO_NEEDED)
        services.answer_question(world.amina.actor, referral, text="oui")
    assert before.expires_at == database.now() + timedelta(minutes=120)
    assert after.expires_at == database.now() + timedelta(minutes=45)


def answer(world: Any, referral: Any, to: ReferralState, **more: Any) -> None:
    services.answer(world.amina.actor, referral, to=to, source=Source.PARTNER_CONFIRMED, **more)


def test_the_clock_itself_goes_by_it(world: Any, clock: Any) -> None:
    clock.freeze(database.now())
    services.change_ladder(world.marc.actor, urgency=U.URGENT, ladder=QUICK)
    referral = scenes.ask(world, "Foyer du Pont")
    clock.advance(timedelta(minutes=11))
    watch(world.north.id)
    assert NoticeKind.AGENCY_SILENT.value in scenes.unseen(world.amina)
    assert scenes.unseen(world.sophie) == []
    clock.advance(timedelta(minutes=10))
    watch(world.north.id)
    assert NoticeKind.AGENCY_SILENT.value in scenes.unseen(world.sophie)
    clock.advance(timedelta(minutes=25))
    watch(world.north.id)
    assert referral.state is S.EXPIRED


def test_a_held_place_is_warned_of_by_it_and_never_expires(world: Any, clock: Any) -> None:
    """R31."""
    clock.freeze(database.now())
    services.change_ladder(world.marc.actor, urgency=U.URGENT, ladder=QUICK)
    referral = scenes.ask(world, "Foyer du Pont")
    until = database.now() + timedelta(hours=2)
    answer(world, referral, S.ACCEPTED, hold_until=until)
    assert referral.wake_at == until - timedelta(minutes=15)
    assert referral.expires_at is None
    clock.advance(timedelta(days=3))
    watch(world.north.id)
    watch(world.north.id)
    assert referral.state is S.ACCEPTED


def test_a_waiting_list_keeps_its_own_clock(world: Any, clock: Any) -> None:
    clock.freeze(database.now())
    services.change_ladder(world.marc.actor, urgency=U.URGENT, ladder=QUICK)
    referral = scenes.ask(world, "Foyer du Pont")
    answer(world, referral, S.WAITLISTED)
    assert referral.expires_at == database.now() + timedelta(hours=24)


def test_a_need_of_its_own_stands_above_all_needs_and_can_go_back(world: Any) -> None:
    actor = world.marc.actor
    service_id = world.north.id

    def holds(need: NeedCode) -> Ladder | None:
        row = queries.ladder_for(service_id, U.ROUTINE, need)
        return row.ladder if row else None

    assert holds(NeedCode.FOOD) is None
    services.change_ladder(actor, urgency=U.ROUTINE, ladder=SLOW)
    own = replace(SLOW, nudge=1)
    services.change_ladder(actor, urgency=U.ROUTINE, need=NeedCode.FOOD, ladder=own)
    assert (holds(NeedCode.FOOD), holds(NeedCode.LEGAL)) == (own, SLOW)
    assert queries.ladder_for(service_id, U.URGENT, NeedCode.FOOD) is None
    services.change_ladder(actor, urgency=U.ROUTINE, need=NeedCode.FOOD, ladder=None)
    assert holds(NeedCode.FOOD) == SLOW
    services.change_ladder(actor, urgency=U.ROUTINE, ladder=None)
    assert holds(NeedCode.FOOD) is None
    # Nothing was overwritten: what was promised can still be read.
    assert len(db.session.scalars(select(ReferralLadder)).all()) == 4


def test_the_one_in_line_is_promised_what_holds_when_it_is_asked(world: Any) -> None:
    case = scenes.case_for(world.amina.actor, NeedCode.SHELTER)
    ids = [world.organization(name).id for name in ("Foyer du Pont", "Bridge House")]
    first, second = services.ask_several(
        world.amina.actor,
        case,
        case.needs[0],
        organization_ids=ids,
        urgency=U.URGENT,
        manner=Manner.IN_ORDER,
    )
    row = services.change_ladder(world.marc.actor, urgency=U.URGENT, ladder=QUICK)
    answer(world, first, S.DECLINED, reason=Reason.NO_CAPACITY)
    assert second.state is S.REQUESTED
    assert (first.ladder_id, second.ladder_id) == (None, row.id)


def test_a_change_is_written_down_with_the_old_and_the_new_times(world: Any) -> None:
    services.change_ladder(world.marc.actor, urgency=U.URGENT, ladder=QUICK)
    database.commit()
    [entry] = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "referral:ladder:changed")
    )
    assert entry.actor_id == world.marc.account_id
    assert entry.detail["old"] == {
        "nudge": 15, "navigator": 30, "supervisor": 60, "expire": 120, "warn": 30,
    }  # fmt: skip
    assert entry.detail["new"]["expire"] == 45


def test_the_second_of_two_sees_what_the_first_one_saved_and_keeps_what_was_typed(
    world: Any, visitor: Any
) -> None:
    marc = world.marc.actor
    services.change_ladder(marc, urgency=U.URGENT, ladder=QUICK, version=0)
    with pytest.raises(StaleVersion), database.attempt():
        services.change_ladder(marc, urgency=U.URGENT, ladder=DEFAULTS[U.URGENT], version=0)
    database.commit()
    fields = {
        "nudge": "7", "navigator": "14", "supervisor": "28", "expire": "56", "warn": "20",
        "version": "0",
    }  # fmt: skip
    administrator = visitor(world.marc)
    answer = administrator.submit("/request-clocks/urgent/all", fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="56"' in page
    assert "45\u00a0minutes" in page or "45 minutes" in page
    assert 'name="version" type="hidden" value="1"' in page
    assert (
        administrator.post("/request-clocks/urgent/all", fields | {"version": "1"}).status_code
        == 303
    )


def test_the_page_refuses_in_one_sentence_beside_the_field_and_keeps_it(
    world: Any, visitor: Any
) -> None:
    administrator = visitor(world.marc)
    fields = {"nudge": "1", "navigator": "2", "supervisor": "", "expire": "99", "warn": "30",
              "version": "0"}  # fmt: skip
    url = "/request-clocks/routine/food"
    answer = administrator.submit(url, fields)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "5 à 15" in page
    assert 'value="99"' in page
    page = administrator.post(url, fields | {"expire": "mardi"}).get_data(as_text=True)
    assert 'value="mardi"' in page
    page = administrator.post(url, fields | {"nudge": "4", "expire": "12"}).get_data(as_text=True)
    assert "plus long" in page
    assert administrator.post(url, fields | {"expire": "12"}).status_code == 303
    page = administrator.get("/request-clocks").get_data(as_text=True)
    assert "12 jours ouvrables" in page
    answer = administrator.post(url, {"back": "1", "version": "1"})
    assert answer.status_code == 303
    assert "12 jours ouvrables" not in administrator.get("/request-clocks").get_data(as_text=True)
    assert administrator.get("/request-clocks/urgent/nothing").status_code == 404


def test_another_service_has_clocks_of_its_own(world: Any) -> None:
    services.change_ladder(world.marc.actor, urgency=U.URGENT, ladder=QUICK)
    assert queries.current_ladders(world.outsider.actor) == {}
    assert queries.ladder_for(world.south.id, U.URGENT, NeedCode.SHELTER) is None
