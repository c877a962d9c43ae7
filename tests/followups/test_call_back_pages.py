"""The call-back screens over HTTP: what each step shows, hides, refuses and keeps."""

import re
from datetime import timedelta
from typing import Any

from casework import people
from casework.audit import EntryFilter
from casework.audit import queries as audit
from casework.followups import queries, services
from tests.followups.call_pages import PHONE, SECRETS, dialled, planned, text, then, url
from tests.followups.scenes import at, case_of


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
