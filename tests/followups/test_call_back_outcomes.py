"""The call-back screens after identity: outcomes, the agency’s answer and what is refused."""

import re
from datetime import timedelta
from typing import Any

from casework import cases, people, referrals
from casework.cases.models import NeedOutcome, Source
from casework.directory.needs import NeedCode
from casework.followups import queries
from casework.followups.models import FollowUpKind, FollowUpState
from casework.people.models import Purpose
from casework.people.services import ConsentAnswer
from casework.referrals.models import ReferralState
from tests.followups.call_pages import PHONE, dialled, identified, text, then, url
from tests.followups.scenes import at, call_at, case_of


def test_after_identity_the_needs_show_and_the_outcome_is_saved(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up, amina = identified(world, clock, visitor)
    page = text(amina.get(url(follow_up)))
    assert "Food" in page
    saved = amina.post(
        url(follow_up),
        {
            "step": "finish",
            "still_ok": "yes",
            "are_hours_right": "yes",
            "outcome_0": "met",
            "next_call": "none",
        },
    )
    assert saved.status_code == 303
    assert saved.headers["Location"].endswith("/my-day")
    [need] = cases.queries.needs_of(world.amina.actor, follow_up.case)
    assert need.outcome is NeedOutcome.MET
    assert queries.get(world.amina.actor, follow_up.id).state is FollowUpState.COMPLETED


def test_a_second_agency_is_asked_from_the_same_screen(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up, amina = identified(world, clock, visitor)
    saved = amina.submit(
        url(follow_up),
        {
            "step": "finish",
            "still_ok": "yes",
            "are_hours_right": "yes",
            "next_call": "none",
            "then": "refer",
        },
    )
    assert saved.headers["Location"].endswith(f"/cases/{follow_up.case.ref}/referrals/new")


def test_what_was_typed_stays_when_a_time_is_refused(world: Any, clock: Any, visitor: Any) -> None:
    follow_up, amina = identified(world, clock, visitor)
    form = {
        "step": "finish",
        "still_ok": "yes",
        "are_hours_right": "yes",
        "outcome_0": "unmet",
        "reason_0": "no_funds",
        "note": "They were sent away.",
        "next_call": "custom",
        "local_day": "2026-11-26",
        "local_time": "22:00",
    }
    refused = amina.submit(url(follow_up), form)
    page = text(refused)
    assert refused.status_code == 422
    assert "This is outside the agreed hours." in page
    assert "They were sent away." in page
    assert 'value="22:00"' in page
    [need] = cases.queries.needs_of(world.amina.actor, follow_up.case)
    assert need.outcome is NeedOutcome.PENDING


def test_an_unmet_need_asks_why(world: Any, clock: Any, visitor: Any) -> None:
    follow_up, amina = identified(world, clock, visitor)
    refused = amina.submit(
        url(follow_up),
        {
            "step": "finish",
            "still_ok": "yes",
            "are_hours_right": "yes",
            "outcome_0": "unmet",
            "next_call": "none",
        },
    )
    assert refused.status_code == 422
    assert "Choose why the need was not met." in text(refused)


def test_an_outcome_saved_by_a_colleague_meanwhile_is_not_overwritten(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up, amina = identified(world, clock, visitor)
    page = text(amina.get(url(follow_up)))
    version = re.search(r'name="version_0"[^>]*value="(\d+)"', page)
    assert version is not None
    [need] = cases.queries.needs_of(world.amina.actor, follow_up.case)
    cases.services.record_outcome(
        world.amina.actor,
        follow_up.case,
        need,
        outcome=NeedOutcome.RESOLVED_OTHERWISE,
        source=Source.PERSON_REPORTED,
    )
    form = {
        "step": "finish",
        "still_ok": "yes",
        "are_hours_right": "yes",
        "outcome_0": "met",
        "next_call": "none",
    }
    refused = amina.post(url(follow_up), form | {"version_0": version.group(1)})
    assert refused.status_code == 422
    assert "Somebody else saved changes" in text(refused)


def test_the_agencys_answer_is_told_after_identity_and_ticked_off(
    world: Any, clock: Any, visitor: Any
) -> None:
    # R36.
    clock.freeze(at(24, 9, 30))
    actor = world.amina.actor
    case = case_of(actor, needs=[NeedCode.SHELTER], details={"phone": PHONE})
    share = ConsentAnswer(Purpose.SHARE_WITH_PARTNER, True, category=NeedCode.SHELTER)
    people.services.record_consents(actor, case.person, [share])
    shelter = world.organization("Foyer du Pont")
    referral = referrals.services.send(
        actor, case, case.needs[0], organization_id=shelter.id, urgency="urgent", details={}
    )
    referrals.services.answer(
        actor,
        referral,
        to=ReferralState.ACCEPTED,
        source=Source.PARTNER_CONFIRMED,
        hold_until=at(24, 13),
    )
    [telling] = queries.planned_for(case.id)
    amina = visitor(world.amina)
    amina.submit(url(telling), {"step": "start"})
    assert "Foyer du Pont" not in text(amina.get(url(telling)))
    amina.post(
        url(telling), {"step": "reach", "result": "reached_person", "code_word": "blue heron"}
    )
    page = text(amina.get(url(telling)))
    assert "Foyer du Pont" in page
    assert "The place is held until today, 1\u00a0p.m. on their clock." in page
    amina.post(
        url(telling),
        {
            "step": "finish",
            "told": "told",
            "still_ok": "yes",
            "are_hours_right": "yes",
            "next_call": "none",
        },
    )
    assert queries.planned_for(case.id) == []


def test_no_says_that_the_case_and_a_held_place_stay(world: Any, clock: Any, visitor: Any) -> None:
    # R31.
    follow_up, amina = identified(world, clock, visitor)
    said = then(text(amina.get(url(follow_up))), "still_ok")
    assert "the case stays open" in said["no"]
    assert "A held place stays held." in said["no"]


def test_the_hours_are_asked_again_and_wrong_ones_are_changed_before_anything_is_planned(
    world: Any, clock: Any, visitor: Any
) -> None:
    # R14.
    follow_up, amina = identified(world, clock, visitor)
    page = text(amina.get(url(follow_up)))
    assert "Are these hours still right?" in page
    assert f"/people/{follow_up.case.person_id}/contact-plan" in page
    form = {"step": "finish", "still_ok": "yes", "next_call": "none", "note": "They moved."}
    unasked = amina.post(url(follow_up), form)
    assert "Ask whether the hours are still right." in text(unasked)
    refused = amina.post(url(follow_up), form | {"are_hours_right": "no"})
    assert refused.status_code == 422
    assert "Change the agreed hours first" in text(refused)
    assert "They moved." in text(refused)
    clock.advance(timedelta(minutes=2))
    people.services.change_plan(
        world.amina.actor, follow_up.case.person, plan={"when": "any_time", "windows": []}
    )
    assert amina.post(url(follow_up), form | {"are_hours_right": "no"}).status_code == 303


def test_news_is_never_left_without_saying_whether_it_was_told(
    world: Any, clock: Any, visitor: Any
) -> None:
    # R36.
    follow_up, amina = dialled(world, clock, visitor)
    telling = call_at(world.amina.actor, follow_up.case, at(24, 9, 30))
    telling.kind = FollowUpKind.TELL_PERSON
    page = text(amina.get(url(follow_up)))
    assert "This one call answers all that is due in the case: " in page
    amina.post(
        url(follow_up), {"step": "reach", "result": "reached_person", "code_word": "blue heron"}
    )
    form = {"step": "finish", "still_ok": "yes", "are_hours_right": "yes", "next_call": "none"}
    refused = amina.post(url(follow_up), form)
    assert "Say whether you told them the answer." in text(refused)
    assert amina.post(url(follow_up), form | {"told": "not_yet"}).status_code == 303
    assert queries.get(world.amina.actor, telling.id).state is FollowUpState.SCHEDULED
    assert queries.get(world.amina.actor, telling.id).due_at == at(24, 10)
    assert queries.get(world.amina.actor, follow_up.id).state is FollowUpState.COMPLETED
