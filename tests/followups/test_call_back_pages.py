"""The call-back screens over HTTP: what each step shows, hides, refuses and keeps."""

import re
from datetime import timedelta
from typing import Any

from casework import cases, people, referrals
from casework.audit import EntryFilter
from casework.audit import queries as audit
from casework.cases.models import NeedOutcome, Source
from casework.directory.needs import NeedCode
from casework.followups import queries, services
from casework.followups.models import FollowUpKind, FollowUpState
from casework.people.models import Purpose
from casework.people.services import ConsentAnswer
from casework.referrals.models import ReferralState
from tests.followups import lanes
from tests.followups.scenes import at, call_at, case_of

PHONE = "514-555-0142"
# Words of the case that must not show before identity (R13, R32).
SECRETS = ("Shelter from violence", "Food", "Foyer du Pont", "Still in process")


def planned(world: Any, clock: Any, **more: Any) -> Any:
    """Plan a call for tomorrow morning and go to its moment."""
    clock.freeze(at(23, 12))
    details = {"phone": PHONE} | more.pop("details", {})
    case = case_of(world.amina.actor, details=details, **more)
    follow_up = call_at(world.amina.actor, case, at(24, 9, 30))
    clock.freeze(at(24, 9, 30))
    return follow_up


def url(follow_up: Any) -> str:
    return f"/follow-ups/{follow_up.id}/call"


def text(response: Any) -> str:
    return str(response.get_data(as_text=True))


def dialled(world: Any, clock: Any, visitor: Any, **more: Any) -> Any:
    """Begin the call in a browser."""
    follow_up = planned(world, clock, **more)
    amina = visitor(world.amina)
    amina.submit(url(follow_up), {"step": "start"})
    return follow_up, amina


def identified(world: Any, clock: Any, visitor: Any, **more: Any) -> Any:
    """Begin the call and take the identity step in a browser."""
    follow_up, amina = dialled(world, clock, visitor, **more)
    answer = amina.submit(
        url(follow_up), {"step": "reach", "result": "reached_person", "code_word": "Blue heron"}
    )
    assert answer.status_code == 303
    return follow_up, amina


def test_before_dialling_neither_the_number_nor_anything_of_the_case_shows(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up = planned(world, clock, cover_name="Amina from the survey")
    page = text(visitor(world.amina).get(url(follow_up)))
    assert audit.entries(world.amina.actor, EntryFilter(action="person:open")) == []
    assert "Within agreed hours until 11:30" in page
    assert "Hello, this is Amina from the survey." in page
    assert PHONE not in page
    assert not any(word in page for word in SECRETS)


def test_while_dialling_the_number_shows_and_the_case_does_not(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up, amina = dialled(world, clock, visitor)
    page = text(amina.get(url(follow_up)))
    assert PHONE in page
    assert "Who did you reach?" in page
    assert not any(word in page for word in SECRETS)


def test_a_call_left_open_hides_the_number_when_the_agreed_hours_end(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up, _amina = dialled(world, clock, visitor)
    clock.freeze(at(24, 11, 31))
    page = text(visitor(world.amina).get(url(follow_up)))
    assert PHONE not in page
    assert "You are calling now" not in page
    assert "Not now. The next agreed time is tomorrow, 9" in page
    # Who was reached before the hours ended can still be recorded.
    assert "Who did you reach?" in page


def test_a_call_left_open_hides_the_number_when_the_plan_says_so(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up, amina = dialled(world, clock, visitor)
    people.services.change_plan(
        world.amina.actor, follow_up.case.person, plan={"when": "will_call_us"}
    )
    assert PHONE not in text(amina.get(url(follow_up)))


def test_a_reason_to_call_outside_the_hours_wears_off(world: Any, clock: Any, visitor: Any) -> None:
    follow_up = planned(world, clock)
    clock.freeze(at(24, 20))
    amina = visitor(world.amina)
    amina.submit(url(follow_up), {"step": "start", "override_reason": "danger"})
    clock.freeze(at(24, 20, 20))
    assert PHONE in text(amina.get(url(follow_up)))
    clock.freeze(at(25, 3))
    assert PHONE not in text(visitor(world.amina).get(url(follow_up)))


def test_outside_the_agreed_hours_there_is_text_and_a_reason_to_give(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up = planned(world, clock)
    clock.freeze(at(24, 20))
    amina = visitor(world.amina)
    page = text(amina.get(url(follow_up)))
    assert "Not now. The next agreed time is tomorrow, 9" in page
    assert "data-save" not in page
    refused = amina.post(url(follow_up), {"step": "start"})
    assert refused.status_code == 422
    assert PHONE not in text(refused)
    allowed = amina.post(url(follow_up), {"step": "start", "override_reason": "danger"})
    assert allowed.status_code == 303
    assert PHONE in text(amina.get(url(follow_up)))


def test_who_will_call_us_has_no_button_at_all(world: Any, clock: Any, visitor: Any) -> None:
    follow_up = planned(world, clock, when="will_call_us", windows=[])
    page = text(visitor(world.amina).get(url(follow_up)))
    assert "data-save" not in page
    assert "Call anyway" not in page


def test_no_safety_answer_is_chosen_in_advance(world: Any, clock: Any, visitor: Any) -> None:
    follow_up, amina = dialled(world, clock, visitor)
    assert " checked" not in text(amina.get(url(follow_up)))
    amina.post(
        url(follow_up), {"step": "reach", "result": "reached_person", "code_word": "blue heron"}
    )
    page = text(amina.get(url(follow_up)))
    assert re.findall(r'name="still_ok"[^>]*checked', page) == []
    assert re.findall(r'name="outcome_0"[^>]*checked', page) == []


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


def test_a_failed_code_word_ends_in_a_neutral_page(world: Any, clock: Any, visitor: Any) -> None:
    # R13.
    follow_up, amina = dialled(world, clock, visitor)
    answer = amina.submit(
        url(follow_up), {"step": "reach", "result": "reached_person", "code_word": "grey goose"}
    )
    page = text(amina.follow(answer))
    assert "Sorry, I have the wrong number. Goodbye." in page
    assert PHONE not in page
    assert "Maya" not in page
    assert not any(word in page for word in SECRETS)
    assert people.queries.plan_of(world.amina.actor, follow_up.case.person_id).is_unsafe


def test_no_answer_names_the_next_try_before_and_after_saving(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up, amina = dialled(world, clock, visitor)
    before = text(amina.get(url(follow_up)))
    assert "tomorrow, 9\u00a0a.m." in before
    answer = amina.post(url(follow_up), {"step": "reach", "result": "no_answer"})
    assert "tomorrow, 9\u00a0a.m." in text(amina.follow(answer))


def test_someone_else_asks_only_for_the_rule(world: Any, clock: Any, visitor: Any) -> None:
    follow_up, amina = dialled(world, clock, visitor)
    form = {"step": "reach", "result": "reached_other_nothing_said"}
    refused = amina.submit(url(follow_up), form)
    assert refused.status_code == 422
    assert "Say what changes for the next call." in text(refused)
    assert amina.post(url(follow_up), form | {"rule": "keep"}).status_code == 303


def test_a_voicemail_is_offered_only_where_one_may_be_left(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up, amina = dialled(world, clock, visitor)
    assert 'value="voicemail_left_as_agreed"' not in text(amina.get(url(follow_up)))
    script = {"voicemail_rule": "discreet", "voicemail_script": "It is Amina, nothing urgent."}
    other, _ = dialled(world, clock, visitor, details={"phone": "514-555-0177"}, **script)
    page = text(amina.get(url(other)))
    assert 'value="voicemail_left_as_agreed"' in page
    assert "It is Amina, nothing urgent." in page


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


def test_a_dropped_line_says_what_was_agreed_and_leads_back(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up, amina = dialled(world, clock, visitor)
    amina.get(url(follow_up))
    answer = amina.post(f"{url(follow_up)}/drop")
    page = text(amina.follow(answer))
    assert "This try does not count." in page
    assert "Do not call again at once: wait for the person" in page
    assert lanes.callable_now(world.amina.actor, at(24, 9, 30)) == [
        queries.get(world.amina.actor, follow_up.id)
    ]


def test_a_form_of_an_earlier_step_sent_twice_changes_nothing(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up, amina = dialled(world, clock, visitor)
    again = amina.submit(url(follow_up), {"step": "start"})
    assert again.status_code == 303
    late = amina.submit(url(follow_up), {"step": "finish", "still_ok": "no"})
    assert late.status_code == 303
    assert follow_up.state is FollowUpState.SCHEDULED


def test_drawing_the_page_in_the_other_language_keeps_the_form_and_saves_nothing(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up, amina = identified(world, clock, visitor)
    kept = amina.submit(
        url(follow_up),
        {
            "step": "finish",
            "kept": "1",
            "still_ok": "yes",
            "are_hours_right": "yes",
            "note": "Half a thought",
        },
    )
    assert "Half a thought" in text(kept)
    assert queries.open_attempt(follow_up) is not None


def test_a_colleague_who_may_see_the_case_is_told_who_is_calling(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up, _ = dialled(world, clock, visitor)
    cases.services.assign(world.amina.actor, follow_up.case, owner_id=world.louis.account_id)
    louis = visitor(world.louis)
    assert "Amina" in text(louis.get(url(follow_up)))
    assert louis.post(f"{url(follow_up)}/drop").status_code == 404


def test_the_outsider_and_a_colleague_without_access_get_404(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up = planned(world, clock)
    for member in (world.outsider, world.louis, world.marc):
        browser = visitor(member)
        for page in (url(follow_up), f"{url(follow_up)}/after", f"/follow-ups/{follow_up.id}/move"):
            assert browser.get(page).status_code == 404
        assert browser.post(url(follow_up), {"step": "start"}).status_code == 404
        new = f"/cases/{follow_up.case.ref}/follow-ups/new"
        assert browser.get(new).status_code == 404


def test_a_call_is_planned_on_the_persons_clock(world: Any, clock: Any, visitor: Any) -> None:
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor, time_zone="America/Whitehorse")
    amina = visitor(world.amina)
    page = f"/cases/{case.ref}/follow-ups/new"
    assert "Monday, Tuesday" in text(amina.get(page))
    late = amina.submit(page, {"local_day": "2026-11-24", "local_time": "12:00"})
    assert late.status_code == 422
    assert "This is outside the agreed hours." in text(late)
    past = amina.submit(page, {"local_day": "2026-11-22", "local_time": "10:00"})
    assert "This time is past. Choose a later one." in text(past)
    saved = amina.submit(page, {"local_day": "2026-11-24", "local_time": "10:00"})
    assert saved.status_code == 303
    [follow_up] = queries.planned_for(case.id)
    assert follow_up.due_at == at(24, 12)  # ten in Whitehorse
    moved = amina.submit(
        f"/follow-ups/{follow_up.id}/move", {"local_day": "2026-11-25", "local_time": "09:00"}
    )
    assert moved.status_code == 303
    assert services.next_in_series(case) == follow_up
    assert follow_up.due_at - at(24, 12) == timedelta(hours=23)


# --- what each answer leads to, before it is given -----------------------------------------------


def then(page: str, field: str) -> dict[str, str]:
    """Read what stands beside each answer of a field, by its value."""
    found = re.findall(rf'name="{field}" value="(\w+)".*?</label>', page, flags=re.DOTALL)
    rows = re.findall(rf'name="{field}" value="\w+"(.*?)</label>', page, flags=re.DOTALL)
    return dict(
        zip(found, (re.sub(r"<[^>]+>", " ", row.split(">", 1)[1]) for row in rows), strict=True)
    )


def test_every_result_says_beside_it_what_it_leads_to(world: Any, clock: Any, visitor: Any) -> None:
    follow_up, amina = dialled(world, clock, visitor)
    said = then(text(amina.get(url(follow_up))), "result")
    assert len(said) == 9  # all but the voicemail, which this plan forbids
    assert "tomorrow, 9\u00a0a.m. to 11:30\u00a0a.m. (try 2 of 3)" in said["no_answer"]
    assert "Nobody calls this number again" in said["wrong_number"]
    assert "Nobody calls this number again" in said["code_word_failed"]
    assert "Not counted as a try" in said["asked_later"]
    assert "Nothing of the case opens" in said["reached_other_nothing_said"]
    assert not any(word in text(amina.get(url(follow_up))) for word in SECRETS)


def test_the_last_try_says_so_before_it_is_saved(world: Any, clock: Any, visitor: Any) -> None:
    follow_up, amina = dialled(world, clock, visitor)
    follow_up.attempts = 2
    said = then(text(amina.get(url(follow_up))), "result")
    assert "This was try 3 of 3: we stop" in said["no_answer"]
    assert "try 3 of 3" not in said["asked_later"]


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


def test_another_thing_due_in_the_case_leads_to_the_call_under_way(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up, amina = dialled(world, clock, visitor)
    other = call_at(world.amina.actor, follow_up.case, at(24, 9, 30))
    assert amina.get(url(other)).headers["Location"] == url(follow_up)


def test_after_a_wrong_code_word_the_case_says_not_to_call(
    world: Any, clock: Any, visitor: Any
) -> None:
    # R13.
    follow_up, amina = dialled(world, clock, visitor)
    amina.submit(
        url(follow_up), {"step": "reach", "result": "reached_person", "code_word": "grey goose"}
    )
    page = text(amina.get(f"/cases/{follow_up.case.ref}"))
    assert "Next: do not call" in page
    assert "Next: Call back" not in page
    assert f"/follow-ups/{follow_up.id}/move" not in page


def test_leaving_without_calling_counts_for_nothing_and_the_timeline_tells(
    world: Any, clock: Any, visitor: Any
) -> None:
    follow_up, amina = dialled(world, clock, visitor)
    left = amina.post(f"{url(follow_up)}/leave")
    assert left.headers["Location"] == "/my-day"
    assert "Nobody was called." in text(amina.follow(left))
    assert "Call: Left without calling" in text(amina.get(f"/cases/{follow_up.case.ref}"))
    assert "Start call" in text(amina.get("/my-day"))


def test_signing_out_in_the_middle_of_a_call_frees_it(world: Any, clock: Any, visitor: Any) -> None:
    follow_up, amina = dialled(world, clock, visitor)
    assert queries.is_being_called(follow_up.case.person_id, at(24, 9, 30))
    amina.post("/sign-out")
    assert not queries.is_being_called(follow_up.case.person_id, at(24, 9, 30))


def test_the_poll_tells_nothing_about_anybody_called(world: Any, clock: Any, visitor: Any) -> None:
    follow_up, amina = dialled(world, clock, visitor)
    assert str(follow_up.case_id) not in amina.get("/calls/seen").get_json()
    assert visitor(world.louis).get("/calls/seen").get_json() == {}
    assert visitor(world.outsider).get("/calls/seen").get_json() == {}
