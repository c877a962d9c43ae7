"""Each wall of a no-login link by itself: time, state, one answer, and the throttle at every door."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from casework import database
from casework.cases.models import Reason, Source
from casework.extensions import limiter
from casework.referrals import failures, policy, queries, services
from casework.referrals.models import LinkPurpose, Referral, ReferralState
from casework.referrals.policy import Reply
from casework.referrals.services import links, replies
from casework.referrals.services.replies import Given
from casework.referrals.services.watch import watch
from tests.referrals import scenes

S = ReferralState
# Where something can be sent through a link, behind its address.
DOORS = ("", "/details", "/undo", "/places")


def made(world: Any, referral: Referral, purpose: LinkPurpose) -> str:
    """Make a link as a letter does that leaves now, and give its token."""
    agency = services.open_agency(world.amina.actor, referral, purpose="letter")
    return links.make_link(world.amina.actor, referral, purpose, agency)


def held(world: Any) -> Referral:
    referral = scenes.ask(world, "Foyer du Pont")
    services.answer(world.amina.actor, referral, to=S.ACCEPTED, source=Source.PARTNER_CONFIRMED)
    return referral


@pytest.mark.parametrize("purpose", [LinkPurpose.ARRIVAL, LinkPurpose.WITHDRAWN])
def test_a_link_ends_at_its_own_time_while_the_person_still_agrees(
    world: Any, visitor: Any, clock: Any, purpose: LinkPurpose
) -> None:
    """domain.md section 3: expired is neutral; here neither consent nor state ends it sooner."""
    clock.freeze(database.now())
    referral = held(world)
    if purpose is LinkPurpose.WITHDRAWN:
        services.recall(world.amina.actor, referral, reason=Reason.OTHER)
    url = f"/r/{made(world, referral, purpose)}"
    clock.advance(links.GOOD_FOR[purpose] - timedelta(seconds=1))
    assert visitor().get(url).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert visitor().get(url).status_code == 404


def test_a_link_is_dead_in_every_state_it_does_not_ask_about(world: Any) -> None:
    """Also where nothing has revoked it: what it shows has moved on."""
    referral = held(world)
    tokens = {
        purpose: made(world, referral, purpose)
        for purpose in (LinkPurpose.ANSWER, LinkPurpose.ARRIVAL, LinkPurpose.WITHDRAWN)
    }
    for state in S:
        referral.state = state
        database.flush()
        alive = {purpose for purpose, token in tokens.items() if links.visit(token, "")}
        assert alive == {purpose for purpose in tokens if state in links.FITS[purpose]}, state


def test_of_two_browsers_that_proved_one_link_only_the_first_answers(world: Any) -> None:
    """Both opened it before either answered; “we may not say” would fit any state."""
    referral = scenes.ask(world, "Foyer du Pont")
    token = made(world, referral, LinkPurpose.ANSWER)
    first, second = links.visit(token, "one"), links.visit(token, "two")
    assert first is not None
    assert second is not None
    replies.reply(first, "one", given=Given(reply=Reply.CALL_US, key="a"))
    with pytest.raises(failures.NotPossible), database.attempt():
        replies.reply(second, "two", given=Given(reply=Reply.WITHHOLD, key="b"))
    assert not referral.is_outcome_withheld


@pytest.mark.parametrize("purpose", [LinkPurpose.ANSWER, LinkPurpose.ARRIVAL])
def test_a_link_takes_only_the_answers_it_asks_for(world: Any, purpose: LinkPurpose) -> None:
    """Whatever a form offers: “arrived” comes by a link of its own."""
    referral = held(world) if purpose is LinkPurpose.ARRIVAL else scenes.ask(world, "Foyer du Pont")
    before = len(queries.events_of(world.amina.actor, referral))
    visited = links.visit(made(world, referral, purpose), "one")
    assert visited is not None
    for reply in set(Reply) - set(policy.REPLIES[purpose]):
        with pytest.raises(failures.NotPossible), database.attempt():
            replies.reply(visited, "one", given=Given(reply=reply, reason=Reason.OTHER, key="a"))
    assert len(queries.events_of(world.amina.actor, referral)) == before


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.throttled
def test_guessing_is_throttled_at_every_door(world: Any, visitor: Any, door: str) -> None:
    limiter.reset()
    stranger = visitor()
    answers = [stranger.post(f"/r/guess{number}{door}").status_code for number in range(31)]
    assert answers == [404] * 30 + [429]


@pytest.mark.throttled
def test_guesses_at_different_doors_are_counted_together(world: Any, visitor: Any) -> None:
    limiter.reset()
    stranger = visitor()
    for door in DOORS * 8:
        stranger.post(f"/r/guess{door}")
    assert stranger.get("/r/guess").status_code == 429


def test_every_door_of_a_link_that_does_not_work_gives_the_same_bytes(
    world: Any, visitor: Any
) -> None:
    """A door that answered otherwise would tell that there once was such a link."""
    referral = scenes.ask(world)
    used = scenes.linked(world, referral)
    services.recall(world.amina.actor, referral, reason=Reason.OTHER)
    stranger = visitor()
    pages = [stranger.get("/r/guessed")]
    pages += [stranger.post(f"{link}{door}") for link in (used, "/r/guessed") for door in DOORS]
    assert {page.status_code for page in pages} == {404}
    assert len({page.get_data() for page in pages}) == 1


def test_the_link_that_tells_of_a_withdrawal_opens_nothing(
    world: Any, visitor: Any, db: Any
) -> None:
    """R4, R5: the agency is told only “withdrawn”, however it asks."""
    referral = scenes.ask(world, "Foyer du Pont")
    services.recall(world.amina.actor, referral, reason=Reason.OTHER)
    url = f"/r/{made(world, referral, LinkPurpose.WITHDRAWN)}"
    agency = visitor()
    assert agency.get(url).status_code == 200
    for door in ("/details", "/undo", "/places"):
        assert agency.post(url + door).status_code == 404, door
    opened = text("SELECT count(*) FROM audit_entry WHERE purpose = 'agency_link'")
    assert db.session.scalar(opened) == 0


def test_a_request_entered_in_error_is_told_as_withdrawn_and_its_letter_works(
    world: Any, visitor: Any
) -> None:
    """domain.md section 3: its agency hears “withdrawn”; a letter never leads to a dead link."""
    referral = scenes.ask(world, "Foyer du Pont")
    scenes.post(world.north.id)
    services.mark_entered_in_error(world.amina.actor, referral)
    page = visitor().get(scenes.linked(world, referral))
    assert page.status_code == 200
    assert referral.ref in page.get_data(as_text=True)


def test_an_entry_in_error_takes_no_late_yes(world: Any, visitor: Any, clock: Any) -> None:
    clock.freeze(database.now())
    referral = scenes.ask(world, "Foyer du Pont")
    link = scenes.linked(world, referral)
    clock.advance(timedelta(hours=3))
    watch(world.north.id)
    database.commit()
    assert visitor().get(link).status_code == 200
    database.enter_service(world.north.id)
    services.mark_entered_in_error(world.amina.actor, referral)
    assert visitor().get(link).status_code == 404
