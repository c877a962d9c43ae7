"""The page that erases: who asks is certain, the reference is typed, and then nobody is known (R31, R32)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from casework import cases, database, followups, people, referrals
from casework.cases.erasure_models import Erasure
from casework.cases.models import Case, CaseStatus, Source
from casework.extensions import db
from casework.followups.models import AttemptResult
from casework.notices import queries as notices
from casework.notices.models import NoticeKind
from casework.referrals.models import ReferralState
from tests.followups.scenes import CODE_WORD
from tests.keeping import lives
from tests.referrals.scenes import ask, linked, post
from tests.world import World


@pytest.fixture
def case(world: World) -> Case:
    made = lives.open_case(world, lives.keep_person(world))
    database.commit()
    return made


def recognise(browser: Any, case: Case, word: str = CODE_WORD) -> Any:
    return browser.submit(f"/look-up/{case.ref}/identity", {"code_word": word})


def test_a_recognised_person_is_forgotten_and_the_reference_is_nobodys(
    world: World, case: Case, visitor: Any
) -> None:
    amina, ref = visitor(world.amina), case.ref
    recognise(amina, case)
    done = amina.submit(f"/cases/{ref}/erase", {"ref": ref.lower().replace("-", " ")})
    assert done.headers["Location"] == "/erased"
    page = amina.follow(done).get_data(as_text=True)
    assert "The record is erased" in page
    assert ref not in page and lives.NAME not in page
    for path in (f"/cases/{ref}", f"/cases/{ref}/erase", f"/look-up/{ref}/identity"):
        assert amina.get(path).status_code == 404
    found = amina.submit("/look-up", {"find": ref}).get_data(as_text=True)
    unknown = amina.submit("/look-up", {"find": "C-222222"}).get_data(as_text=True)
    assert found.replace(ref, "C-222222").count("<") == unknown.count("<")


def test_a_voice_that_nobody_recognised_erases_nothing(
    world: World, case: Case, visitor: Any
) -> None:
    amina = visitor(world.amina)
    recognise(amina, case, "goose")
    answer = amina.submit(f"/cases/{case.ref}/erase", {"ref": case.ref})
    assert answer.status_code == 422
    assert "Confirm first who is on the line" in answer.get_data(as_text=True)
    assert case.status is CaseStatus.OPEN


def test_an_identity_step_holds_for_an_hour_and_for_whoever_heard_it(
    world: World, case: Case, visitor: Any, clock: Any
) -> None:
    clock.freeze(database.now())
    louis, amina = visitor(world.louis), visitor(world.amina)
    recognise(louis, case)
    assert amina.submit(f"/cases/{case.ref}/erase", {"ref": case.ref}).status_code == 422
    clock.advance(timedelta(minutes=25))
    assert "Confirm who is on the line" not in louis.get(f"/cases/{case.ref}/erase").get_data(
        as_text=True
    )
    clock.advance(timedelta(minutes=25))
    louis.get("/my-day")
    clock.advance(timedelta(minutes=11))
    assert louis.submit(f"/cases/{case.ref}/erase", {"ref": case.ref}).status_code == 422


def test_a_voice_that_fails_later_undoes_what_was_recognised_before(
    world: World, case: Case, visitor: Any, clock: Any
) -> None:
    """R32: the phone may have changed hands; only a new identity step counts then."""
    clock.freeze(database.now())
    amina, louis = visitor(world.amina), visitor(world.louis)
    recognise(amina, case)
    clock.advance(timedelta(minutes=10))
    recognise(louis, case, "goose")
    answer = amina.submit(f"/cases/{case.ref}/erase", {"ref": case.ref})
    assert answer.status_code == 422
    assert "Confirm first who is on the line" in answer.get_data(as_text=True)
    clock.advance(timedelta(minutes=1))
    recognise(amina, case)
    assert amina.submit(f"/cases/{case.ref}/erase", {"ref": case.ref}).status_code == 302


def test_a_failed_identity_counts_for_every_case_of_the_person(
    world: World, case: Case, visitor: Any, clock: Any
) -> None:
    clock.freeze(database.now())
    other = lives.open_case(world, case.person)
    database.commit()
    amina = visitor(world.amina)
    recognise(amina, case)
    clock.advance(timedelta(minutes=1))
    recognise(amina, other, "goose")
    assert amina.submit(f"/cases/{case.ref}/erase", {"ref": case.ref}).status_code == 422


def test_a_failed_identity_on_a_call_undoes_what_was_recognised_before(
    world: World, case: Case, visitor: Any, clock: Any
) -> None:
    clock.freeze(database.now())
    amina = visitor(world.amina)
    recognise(amina, case)
    clock.advance(timedelta(minutes=1))
    coming = followups.queries.next_for(world.amina.actor, case)
    assert coming is not None
    attempt = followups.services.start_call(world.amina.actor, coming)
    followups.services.record_reach(
        world.amina.actor, attempt, result=AttemptResult.CODE_WORD_FAILED
    )
    database.commit()
    assert amina.submit(f"/cases/{case.ref}/erase", {"ref": case.ref}).status_code == 422


def test_the_identity_step_of_a_call_back_counts(world: World, case: Case, visitor: Any) -> None:
    coming = followups.queries.next_for(world.amina.actor, case)
    assert coming is not None
    path = f"/follow-ups/{coming.id}/call"
    attempt = followups.services.start_call(world.amina.actor, coming)
    followups.services.record_reach(
        world.amina.actor, attempt, result=AttemptResult.REACHED_PERSON, code_word=CODE_WORD
    )
    amina = visitor(world.amina)
    assert amina.submit(f"/cases/{case.ref}/erase", {"ref": case.ref}).status_code == 302
    # Whoever still has the page of that call open finds nothing.
    assert amina.get(path).status_code == 404


@pytest.mark.parametrize(
    "change",
    [{"code_word": "mine alone"}, {"agreed_questions": [{"question": "Pet?", "answer": "Rex"}]}],
)
def test_whoever_changed_what_was_agreed_does_not_erase_by_it_and_a_colleague_does(
    world: World, case: Case, visitor: Any, clock: Any, change: dict[str, Any]
) -> None:
    """R32: a word that one chose oneself a moment ago recognises nobody."""
    clock.freeze(database.now())
    amina, louis = visitor(world.amina), visitor(world.louis)
    word = change.get("code_word", CODE_WORD)
    people.services.change_plan(world.amina.actor, case.person, plan=change)
    database.commit()
    clock.advance(timedelta(minutes=1))
    recognise(amina, case, word)
    path = f"/cases/{case.ref}/erase"
    answer = amina.submit(path, {"ref": case.ref})
    assert answer.status_code == 422
    assert "A colleague or a supervisor must confirm who asks" in answer.get_data(as_text=True)
    page = amina.get(path).get_data(as_text=True)
    assert "A colleague or a supervisor" in page and "They said yes: erase" not in page
    assert case.status is CaseStatus.OPEN
    recognise(louis, case, word)
    assert louis.submit(path, {"ref": case.ref}).status_code == 302


def test_another_change_of_the_plan_or_an_older_or_later_one_is_no_own_word(
    world: World, case: Case, visitor: Any, clock: Any
) -> None:
    clock.freeze(database.now())
    people.services.change_plan(world.amina.actor, case.person, plan={"code_word": "last week"})
    database.commit()
    clock.advance(timedelta(hours=24, minutes=1))
    people.services.change_plan(world.amina.actor, case.person, plan={"cover_name": "the bank"})
    database.commit()
    amina = visitor(world.amina)
    recognise(amina, case, "last week")
    clock.advance(timedelta(minutes=5))
    # Whoever is recognised already may choose a new word: that was heard before.
    people.services.change_plan(world.amina.actor, case.person, plan={"code_word": "new one"})
    database.commit()
    assert amina.submit(f"/cases/{case.ref}/erase", {"ref": case.ref}).status_code == 302


def test_supervisors_are_told_of_every_erasure_by_voice_and_of_nobody(
    world: World, case: Case, visitor: Any
) -> None:
    amina, ref, case_id = visitor(world.amina), case.ref, case.id
    recognise(amina, case)
    assert amina.submit(f"/cases/{ref}/erase", {"ref": ref}).status_code == 302
    [told] = notices.unseen(world.sophie.actor)
    assert told.kind is NoticeKind.ERASED_BY_VOICE
    [tombstone] = db.session.scalars(select(Erasure))
    assert (told.subject_type, told.subject_id) == ("erasure", tombstone.id)
    assert str(case_id) not in told.occurrence_key
    assert notices.unseen(world.amina.actor) == []
    page = visitor(world.sophie).get("/notices").get_data(as_text=True)
    assert "A record was erased: its person asked on the phone" in page
    assert ref not in page


@pytest.mark.parametrize("typed", ["", "C-222222", "erase"])
def test_another_reference_erases_nothing(
    world: World, case: Case, visitor: Any, typed: str
) -> None:
    amina = visitor(world.amina)
    recognise(amina, case)
    answer = amina.submit(f"/cases/{case.ref}/erase", {"ref": typed})
    assert answer.status_code == 422
    assert "This is not the reference of this case" in answer.get_data(as_text=True)
    assert case.status is CaseStatus.OPEN


def test_a_supervisor_answers_for_a_request_in_writing_and_a_navigator_cannot(
    world: World, case: Case, visitor: Any
) -> None:
    sent = {"ref": case.ref, "in_writing": "y"}
    amina, sophie = visitor(world.amina), visitor(world.sophie)
    assert "asked in writing" not in amina.get(f"/cases/{case.ref}/erase").get_data(as_text=True)
    assert amina.post(f"/cases/{case.ref}/erase", sent).status_code == 422
    assert sophie.get(f"/cases/{case.ref}/erase").status_code == 404
    sophie.submit(f"/look-up/{case.ref}/open", {"reason": "person_asked"})
    assert "asked in writing" in sophie.get(f"/cases/{case.ref}/erase").get_data(as_text=True)
    assert sophie.post(f"/cases/{case.ref}/erase", sent).status_code == 302


def test_the_page_says_what_agencies_hear_and_warns_of_a_held_place(
    world: World, case: Case, visitor: Any
) -> None:
    referral = ask(world, case=case)
    referrals.services.answer(
        world.amina.actor, referral, to=ReferralState.ACCEPTED, source=Source.PARTNER_CONFIRMED
    )
    page = visitor(world.amina).get(f"/cases/{case.ref}/erase").get_data(as_text=True)
    assert "1 agency is told only that a request was withdrawn." in page
    assert "A place is held for this person" in page
    assert "their only case" in page
    lives.open_case(world, case.person)
    page = visitor(world.amina).get(f"/cases/{case.ref}/erase").get_data(as_text=True)
    assert "they have another case with us" in page


def test_an_agencys_link_shows_the_one_neutral_page_and_its_letter_says_withdrawn(
    world: World, case: Case, visitor: Any
) -> None:
    path = linked(world, ask(world, case=case))
    agency, amina = visitor(), visitor(world.amina)
    assert agency.get(path).status_code == 200
    made_up = agency.get("/r/" + "A" * 43)
    recognise(amina, case)
    amina.submit(f"/cases/{case.ref}/erase", {"ref": case.ref})
    gone = agency.get(path)
    assert gone.status_code == made_up.status_code == 404
    assert "This link no longer works" in gone.get_data(as_text=True)
    assert agency.post(path, {"reply": "hold"}).status_code == 404
    [mail] = post(world.north.id)
    assert mail["To"] == "moisson-du-quartier@agency.example"
    assert mail["Subject"] == "1 demande a été retirée"
    lines = [line.strip() for line in mail.get_content().splitlines() if line.strip()]
    assert lines == [
        "1 demande a été retirée. Son lien ne fonctionne plus, et il n’y a rien d’autre à faire.",
        "Appeler 211 Rivière-du-Nord\u00a0: 211",
    ]


def test_ending_calls_and_sharing_are_two_other_acts(
    world: World, case: Case, visitor: Any
) -> None:
    """R31: the page leads there, and does neither."""
    page = visitor(world.amina).get(f"/cases/{case.ref}/erase").get_data(as_text=True)
    assert f"/people/{case.person_id}/consents" in page
    assert cases.queries.get(world.amina.actor, case.ref).status is CaseStatus.OPEN
