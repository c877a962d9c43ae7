"""When a request goes on: a late yes, a question answered, a place lost, siblings, an entry in error."""

import re
from datetime import timedelta
from typing import Any

import pytest

from casework import database
from casework.cases.models import Reason, Source
from casework.database import StaleVersion
from casework.directory.needs import NeedCode
from casework.notices.models import LetterKind
from casework.referrals import failures, queries, services
from casework.referrals.models import Referral, ReferralState, Remark
from tests.referrals import scenes

S = ReferralState


HIDDEN = re.compile(r'name="(version|key)"[^>]*value="([^"]*)"')


def say(world: Any, referral: Referral, to: S, **more: Any) -> Any:
    return services.answer(
        world.amina.actor, referral, to=to, source=Source.PARTNER_CONFIRMED, **more
    )


def press(visitor: Any, url: str, **fields: str) -> Any:
    page = visitor.get(url).get_data(as_text=True)
    return visitor.post(url, dict(HIDDEN.findall(page)) | fields)


def test_a_question_is_answered_and_the_agency_asked_again(world: Any, visitor: Any) -> None:
    """info_needed -> requested; the agency reads our answer after a press, and never the alias."""
    referral = scenes.ask(world, "Foyer du Pont")
    scenes.post(world.north.id)
    say(world, referral, S.INFO_NEEDED, details={"note": "quel âge?"})
    database.commit()
    navigator = visitor(world.amina)
    url = f"/referrals/{referral.id}"
    assert f"{url}/question" in navigator.get(url).get_data(as_text=True)
    fields = {"version": referral.version, "answer": "quatre, six et neuf ans"}
    assert navigator.post(f"{url}/question", fields).status_code == 303
    database.enter_service(world.north.id)
    assert referral.state is S.REQUESTED
    link = scenes.linked(world, referral)
    agency = visitor()
    assert "quatre, six" not in agency.get(link).get_data(as_text=True)
    told = agency.post(f"{link}/details").get_data(as_text=True)
    assert "quatre, six et neuf ans" in told
    assert "fauteuil roulant" in told
    assert "Mado" not in told


def test_an_empty_answer_is_refused_in_words_and_nothing_is_lost(world: Any, visitor: Any) -> None:
    referral = scenes.ask(world, "Foyer du Pont")
    say(world, referral, S.INFO_NEEDED)
    database.commit()
    navigator = visitor(world.amina)
    url = f"/referrals/{referral.id}"
    navigator.get(url)
    answer = navigator.post(f"{url}/question", {"version": referral.version, "answer": " "})
    assert answer.status_code == 422
    assert referral.state is S.INFO_NEEDED


def test_a_question_is_not_answered_once_sharing_has_ended(world: Any) -> None:
    """R4, R28: and what an answer to one agency says is not told to the next."""
    referral = scenes.ask(world, "Foyer du Pont")
    say(world, referral, S.INFO_NEEDED)
    old = referral.version
    services.answer_question(world.amina.actor, referral, text="oui", version=old)
    with pytest.raises(StaleVersion):
        services.answer_question(world.amina.actor, referral, text="oui", version=old)
    say(world, referral, S.DECLINED, reason=Reason.NO_CAPACITY)
    told = services.open_request_details(world.amina.actor, referral, purpose="test")
    second = services.send(
        world.amina.actor,
        referral.case,
        referral.need,
        organization_id=world.organization("Bridge House").id,
        urgency=referral.urgency,
        details=told,
        supersedes=referral,
    )
    next_told = services.open_request_details(world.amina.actor, second, purpose="test")
    assert "reply" in told
    assert "reply" not in next_told


def test_an_agency_gives_a_place_back_by_its_link_and_the_navigator_hears_at_once(
    world: Any, visitor: Any
) -> None:
    """accepted -> requested: un-accept, with a reason."""
    referral = scenes.ask(world, "Foyer du Pont")
    scenes.post(world.north.id)
    say(world, referral, S.ACCEPTED)
    services.ask_again(world.amina.actor, referral)
    link = scenes.linked(world, referral)
    assert press(visitor(), link, reply="release").status_code == 422, "a reason is due"
    assert press(visitor(), link, reply="release", reason="no_capacity").status_code == 303
    database.enter_service(world.north.id)
    assert (referral.state, referral.reason) == (S.REQUESTED, Reason.NO_CAPACITY)
    assert scenes.unseen(world.amina) == ["place_lost"]


def test_on_the_way_keeps_the_place_and_tells_the_agency(
    world: Any, visitor: Any, clock: Any
) -> None:
    """domain.md section 3: “on the way” extends the hold."""
    at = clock.freeze(database.now())
    referral = scenes.ask(world, "Foyer du Pont")
    say(world, referral, S.ACCEPTED, hold_until=at + timedelta(minutes=20))
    database.commit()
    answer = press(
        visitor(world.amina),
        f"/referrals/{referral.id}/answer",
        reply="on_the_way",
        source="person_reported",
    )
    assert answer.status_code == 303
    database.enter_service(world.north.id)
    assert referral.state is S.IN_PROGRESS
    assert referral.hold_until == at + timedelta(hours=2)
    kinds = {letter.kind for letter in scenes.waiting()}
    assert LetterKind.AGENCY_HOLD in kinds


def test_a_place_without_an_end_needs_no_longer_hold(world: Any) -> None:
    referral = scenes.ask(world, "Foyer du Pont")
    say(world, referral, S.ACCEPTED)
    services.set_out(world.amina.actor, referral, source=Source.PERSON_REPORTED)
    assert (referral.state, referral.hold_until) == (S.IN_PROGRESS, None)


def siblings(world: Any) -> tuple[Referral, Referral]:
    """Ask two shelters for one need; the first says yes."""
    case = scenes.case_for(world.amina.actor, NeedCode.SHELTER)
    first = scenes.ask(world, "Foyer du Pont", case)
    second = scenes.ask(world, "Bridge House", case)
    say(world, first, S.ACCEPTED)
    return first, second


def test_the_first_yes_offers_to_recall_the_others_and_recalls_none_by_itself(
    world: Any, visitor: Any
) -> None:
    first, second = siblings(world)
    database.commit()
    navigator = visitor(world.amina)
    url = f"/referrals/{first.id}"
    assert f"{url}/recall-others" in navigator.get(url).get_data(as_text=True)
    assert second.state is S.REQUESTED
    assert navigator.post(f"{url}/recall-others").status_code == 303
    database.enter_service(world.north.id)
    assert (first.state, second.state) == (S.ACCEPTED, S.RECALLED)


def test_a_sibling_that_holds_a_place_too_is_left_alone(world: Any) -> None:
    first, second = siblings(world)
    say(world, second, S.ACCEPTED)
    assert services.recall_siblings(world.amina.actor, first) == 0
    assert second.state is S.ACCEPTED


def test_nothing_is_recalled_once_the_place_is_lost(world: Any) -> None:
    first, second = siblings(world)
    say(world, first, S.REQUESTED, reason=Reason.NO_CAPACITY)
    with pytest.raises(failures.NotPossible):
        services.recall_siblings(world.amina.actor, first)
    assert second.state is S.REQUESTED


def test_an_entry_in_error_leaves_every_list_and_keeps_its_history(
    world: Any, visitor: Any
) -> None:
    """domain.md section 3: a flag that keeps history; its agency hears “withdrawn”."""
    referral = scenes.ask(world, "Foyer du Pont")
    scenes.post(world.north.id)
    database.commit()
    navigator = visitor(world.amina)
    url = f"/referrals/{referral.id}"
    navigator.get(url)
    assert navigator.post(f"{url}/error", {"version": referral.version}).status_code == 303
    database.enter_service(world.north.id)
    assert referral.is_entered_in_error
    assert queries.for_case(world.amina.actor, referral.case) == []
    remarks = [event.remark for event in queries.events_of(world.amina.actor, referral)]
    assert remarks == [Remark.ENTERED_IN_ERROR, None, None]
    assert len(scenes.post(world.north.id)) == 1
    with pytest.raises(failures.NotPossible):
        services.mark_entered_in_error(world.amina.actor, referral)
    assert navigator.get(url).status_code == 200


def test_the_same_answer_pressed_twice_is_one_and_no_error(world: Any, visitor: Any) -> None:
    """Replies are idempotent, also where the second press finds another state."""
    referral = scenes.ask(world, "Foyer du Pont")
    database.commit()
    navigator = visitor(world.amina)
    url = f"/referrals/{referral.id}/answer"
    fields = dict(HIDDEN.findall(navigator.get(url).get_data(as_text=True))) | {"reply": "hold"}
    assert [navigator.post(url, fields).status_code for _ in range(2)] == [303, 303]
    database.enter_service(world.north.id)
    assert len(queries.events_of(world.amina.actor, referral)) == 2


def test_who_comes_second_reads_what_happened_meanwhile_and_keeps_what_was_typed(
    world: Any, visitor: Any
) -> None:
    referral = scenes.ask(world, "Foyer du Pont")
    database.commit()
    navigator = visitor(world.amina)
    url = f"/referrals/{referral.id}/answer"
    fields = dict(HIDDEN.findall(navigator.get(url).get_data(as_text=True)))
    database.enter_service(world.north.id)
    say(world, referral, S.WAITLISTED)
    database.commit()
    answer = navigator.post(url, fields | {"reply": "ask", "note": "quel étage?"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Meanwhile: On the waiting list · The agency said so" in page
    assert "quel étage?" in page
