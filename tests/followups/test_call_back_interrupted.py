"""A call that is broken off, taken twice, left or met by a colleague; and who finds no page."""

from typing import Any

from casework import cases
from casework.followups import queries
from casework.followups.models import FollowUpState
from tests.followups import lanes
from tests.followups.call_pages import dialled, identified, planned, text, url
from tests.followups.scenes import at, call_at


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
