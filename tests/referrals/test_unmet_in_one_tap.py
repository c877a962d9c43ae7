"""A need that stays unmet is counted where it is learned, in one tap, as kind A or B (domain.md section 5)."""

from datetime import timedelta
from typing import Any

import pytest

from casework import cases, database
from casework.cases.models import CaseNeed, NeedOutcome, Reason, Source, UnmetKind
from casework.cases.policy import UNMET_REASONS, unmet_reasons
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.referrals import services
from casework.referrals.manners import Manner
from casework.referrals.models import Referral
from casework.referrals.proposals import refused_with
from casework.referrals.services.watch import watch
from tests.journeys.pages import Page
from tests.referrals import scenes
from tests.referrals.test_next_place import refused
from tests.referrals.test_several import asked


def tap(world: Any, navigator: Any, url: str, need: CaseNeed, reason: str) -> int:
    """Press one reason on a page, as a browser would; give the status of the answer."""
    need_id = need.id
    page = Page(url, 200, navigator.get(url).get_data(as_text=True))
    [form] = [
        form
        for form in page.forms
        if form.action.endswith(f"needs/{need_id}/outcome")
        and reason in (form.offered.get("reason") or ())
    ]
    answer = navigator.post(form.action, form.answered(reason=reason))
    database.enter_service(world.north.id)
    status: int = answer.status_code
    return status


def now_of(world: Any, need: CaseNeed) -> tuple[Any, ...]:
    """Give how a need stands: outcome, kind, reason and who says so."""
    db.session.expire_all()
    database.enter_service(world.north.id)
    found = db.session.get(CaseNeed, need.id)
    assert found is not None
    return found.outcome, found.unmet_kind, found.reason, found.source


def all_refused(world: Any) -> Referral:
    """Let the last shelter there is refuse too."""
    first = refused(world)
    return refused_by(world, first, "Bridge House")


def refused_by(world: Any, before: Referral, name: str) -> Referral:
    """Let one more agency refuse, for another reason."""
    referral = scenes.ask(world, name, before.case)
    services.answer(
        world.amina.actor,
        referral,
        to=referral.state.DECLINED,
        reason=Reason.HOUSEHOLD_FIT,
        source=Source.PARTNER_CONFIRMED,
    )
    # All that a test does has the time of one transaction.
    referral.answered_at = database.now() + timedelta(minutes=1)
    database.commit()
    return referral


@pytest.mark.parametrize("page", ["", "/again"])
@pytest.mark.parametrize(
    ("reason", "source"),
    [
        (Reason.HOUSEHOLD_FIT, Source.NAVIGATOR_OBSERVED),
        (Reason.PERSON_DECLINED, Source.PERSON_REPORTED),
    ],
)
@pytest.mark.parametrize("make", [refused, all_refused])
def test_one_tap_after_a_refusal_is_an_unmet_need_of_kind_b(
    world: Any, visitor: Any, make: Any, reason: Reason, source: Source, page: str
) -> None:
    """Asked in vain: whether or not there would be another place."""
    referral = make(world)
    url = f"/referrals/{referral.id}{page}"
    assert tap(world, visitor(world.amina), url, referral.need, reason.value) == 302
    assert now_of(world, referral.need) == (
        NeedOutcome.UNMET, UnmetKind.NOT_RECEIVED, reason, source,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("referrals/new", NeedCode.RENT),
        ("referrals/new", NeedCode.SHELTER),
        ("close", NeedCode.FOOD),
    ],
)
def test_one_tap_where_nobody_was_asked_is_of_kind_a(
    world: Any, visitor: Any, page: str, code: NeedCode
) -> None:
    """No referral could be made: nothing was found, or nothing found was wanted; also at closing."""
    case = scenes.case_for(world.amina.actor, code)
    database.commit()
    need, url = case.needs[0], f"/cases/{case.ref}/{page}"
    assert tap(world, visitor(world.amina), url, need, "no_service_exists") == 302
    outcome, kind, _reason, _source = now_of(world, need)
    assert (outcome, kind) == (NeedOutcome.UNMET, UnmetKind.NO_REFERRAL)


def test_the_case_offers_what_the_last_agency_said_as_one_press(world: Any, visitor: Any) -> None:
    referral = all_refused(world)
    navigator = visitor(world.amina)
    url = f"/cases/{referral.case.ref}"
    assert "Record as unmet: Household or pet" in navigator.get(url).get_data(as_text=True)
    assert tap(world, navigator, url, referral.need, "household_fit") == 302
    outcome, kind, _reason, _source = now_of(world, referral.need)
    assert (outcome, kind) == (NeedOutcome.UNMET, UnmetKind.NOT_RECEIVED)


def test_what_was_tapped_is_not_asked_again_and_is_changed_like_any_outcome(
    world: Any, visitor: Any
) -> None:
    referral = all_refused(world)
    navigator = visitor(world.amina)
    url = f"/referrals/{referral.id}"
    tap(world, navigator, url, referral.need, "no_capacity")
    page = Page(url, 200, navigator.get(url).get_data(as_text=True))
    assert not [form for form in page.forms if form.action.endswith("/outcome")]
    change = next(link for link in page.links if link.endswith("/outcome"))
    version = db.session.get(CaseNeed, referral.need_id).version
    fields = {"outcome": "met", "source": "person_reported", "version": version}
    navigator.get(change)
    assert navigator.post(change, fields).status_code == 302
    outcome, kind, reason, _source = now_of(world, referral.need)
    assert (outcome, kind, reason) == (NeedOutcome.MET, None, None)


def test_a_tap_on_an_old_page_overwrites_nothing(world: Any, visitor: Any) -> None:
    """Both versions are shown, as for any outcome that two record at once."""
    referral = all_refused(world)
    navigator = visitor(world.amina)
    url = f"/referrals/{referral.id}"
    page = Page(url, 200, navigator.get(url).get_data(as_text=True))
    form = page.form(offering="reason", value="no_capacity")
    database.enter_service(world.north.id)
    cases.services.record_outcome(
        world.amina.actor,
        referral.case,
        referral.need,
        outcome=NeedOutcome.MET,
        source=Source.PERSON_REPORTED,
    )
    database.commit()
    answer = navigator.post(form.action, form.answered(reason="no_capacity"))
    assert "A colleague saved an outcome" in answer.get_data(as_text=True)
    assert now_of(world, referral.need)[0] is NeedOutcome.MET


def test_what_only_waited_its_turn_was_never_a_referral(world: Any) -> None:
    """Kind A: a draft that is called off told nobody."""
    line = asked(world, count=2)
    case, need = line[0].case, line[0].need
    for each in reversed(line):
        services.recall(world.amina.actor, each, reason=Reason.OTHER)
    kinds = []
    for nobody in (False, True):
        if nobody:
            line[0].requested_at = None
            db.session.flush()
        cases.services.record_outcome(
            world.amina.actor,
            case,
            need,
            outcome=NeedOutcome.UNMET,
            reason=Reason.NO_CAPACITY,
            source=Source.NAVIGATOR_OBSERVED,
        )
        kinds.append(need.unmet_kind)
    assert kinds == [UnmetKind.NOT_RECEIVED, UnmetKind.NO_REFERRAL]


def test_silence_until_the_end_is_an_agency_that_could_not_be_reached(world: Any) -> None:
    referral = refused(world)
    need = referral.need
    assert refused_with(need, [referral]) is Reason.NO_CAPACITY
    assert refused_with(need, []) is None
    referral.state = referral.state.EXPIRED
    assert refused_with(need, [referral]) is Reason.PARTNER_UNREACHABLE
    referral.state = referral.state.REQUESTED
    assert refused_with(need, [referral]) is None


def test_an_agency_that_is_silent_longer_than_another_refuses_was_heard_last(
    world: Any, clock: Any
) -> None:
    """Two were asked at once: one refuses after a minute, and the other is waited for in vain."""
    clock.freeze(database.now())
    silent, other = asked(world, count=2, manner=Manner.AT_ONCE)
    clock.advance(timedelta(minutes=1))
    services.answer(
        world.amina.actor,
        other,
        to=other.state.DECLINED,
        reason=Reason.HOUSEHOLD_FIT,
        source=Source.PARTNER_CONFIRMED,
    )
    clock.advance(timedelta(hours=2))
    watch(world.north.id)
    assert refused_with(silent.need, [silent, other]) is Reason.PARTNER_UNREACHABLE
    assert refused_with(silent.need, [other, silent]) is Reason.PARTNER_UNREACHABLE


def test_a_need_that_was_asked_for_in_error_was_never_referred(world: Any) -> None:
    """Kind A: what should never have been made is no referral."""
    referral = scenes.ask(world)
    services.mark_entered_in_error(world.amina.actor, referral)
    need = cases.services.record_outcome(
        world.amina.actor,
        referral.case,
        referral.need,
        outcome=NeedOutcome.UNMET,
        reason=Reason.NO_CAPACITY,
        source=Source.NAVIGATOR_OBSERVED,
    )
    assert need.unmet_kind is UnmetKind.NO_REFERRAL


def test_the_likeliest_reason_stands_first_and_once() -> None:
    assert unmet_reasons() == UNMET_REASONS
    assert unmet_reasons(Reason.HOUSEHOLD_FIT)[0] is Reason.HOUSEHOLD_FIT
    assert set(unmet_reasons(Reason.HOURS)) == {Reason.HOURS, *UNMET_REASONS}
    assert len(unmet_reasons(Reason.HOUSEHOLD_FIT)) == len(UNMET_REASONS)
