"""An agency that keeps somebody on its list for weeks can say so again, and say yes, without an account."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casework import database
from casework.cases.models import Source
from casework.notices import queries as notices
from casework.notices.models import LetterKind, LetterStatus
from casework.referrals import queries, services
from casework.referrals.listing import Listing
from casework.referrals.models import CallEvery, Referral, ReferralState
from casework.referrals.services.watch import watch
from tests.referrals import scenes
from tests.referrals.test_agency_link import press

# A Tuesday, 10 h in Toronto.
TUESDAY = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
UNDONE_UNTIL = timedelta(minutes=5)
S = ReferralState


@pytest.fixture(autouse=True)
def tuesday(clock: Any) -> None:
    """Begin on a Tuesday morning."""
    clock.freeze(TUESDAY)


def on_list(world: Any, visitor: Any) -> tuple[Referral, str]:
    """Let an agency waitlist somebody by its link; give the link that is used up by it."""
    referral = scenes.ask(world)
    link = scenes.linked(world, referral)
    assert press(visitor(), link, reply="waitlist", rank="9").status_code == 303
    database.enter_service(world.north.id)
    assert referral.state is S.WAITLISTED
    return referral, link


def written(world: Any, clock: Any) -> list[Any]:
    """Let the five minutes pass, and what is due leave."""
    clock.advance(UNDONE_UNTIL)
    database.enter_service(world.north.id)
    return scenes.post(world.north.id)


def kinds(world: Any, referral: Referral, status: LetterStatus) -> list[LetterKind]:
    letters = notices.letters_about(world.amina.actor, [referral.id])
    return [letter.kind for letter in letters if letter.status is status]


def test_a_list_of_three_weeks_is_answered_from_the_letters_alone(
    world: Any, visitor: Any, clock: Any
) -> None:
    """domain.md section 3: an answer uses its link up; the next word comes by a new one."""
    referral, link = on_list(world, visitor)
    for rank in ("6", "4", "2"):
        [mail] = written(world, clock)
        assert visitor().get(link).status_code == 404, "the used link stays used"
        link = scenes.link_in(mail)
        clock.advance(timedelta(days=7))
        assert press(visitor(), link, reply="still", rank=rank).status_code == 303
        database.enter_service(world.north.id)
        watch(world.north.id)
        assert (referral.state, referral.list_rank) == (S.WAITLISTED, int(rank))
    [mail] = written(world, clock)
    assert press(visitor(), scenes.link_in(mail), reply="hold", hold="2h").status_code == 303
    database.enter_service(world.north.id)
    assert referral.state is S.ACCEPTED
    assert written(world, clock) == [], "a place is held: nothing of the list is asked any more"


def test_the_letter_says_a_count_and_a_link_and_nobody(
    world: Any, visitor: Any, clock: Any
) -> None:
    """R12, R18: fixed words in the language of the agency."""
    referral, _link = on_list(world, visitor)
    [mail] = written(world, clock)
    text = mail.get_content()
    assert mail["Subject"] == "1 demande est sur votre liste d’attente"
    for word in (scenes.MARKED, "Mado", "Moisson", referral.ref, referral.case.ref, "faim", "9"):
        assert word not in text.replace(scenes.link_in(mail), "")


def test_it_leaves_only_once_the_answer_cannot_be_taken_back(
    world: Any, visitor: Any, clock: Any
) -> None:
    referral = scenes.ask(world)
    link, phone = scenes.linked(world, referral), visitor()
    press(phone, link, reply="waitlist")
    clock.advance(UNDONE_UNTIL - timedelta(seconds=1))
    database.enter_service(world.north.id)
    assert scenes.post(world.north.id) == []
    undone = undo(phone, link)
    assert undone.status_code == 303
    assert written(world, clock) == []
    assert referral.state is S.REQUESTED
    assert phone.get(link).status_code == 200, "its own link is good again"


def undo(phone: Any, link: str) -> Any:
    """Press Undo on the page that follows an answer."""
    phone.get(link)
    return phone.post(f"{link}/undo", {})


def test_a_yes_that_is_taken_back_gives_its_link_back_and_brings_no_letter(
    world: Any, visitor: Any, clock: Any
) -> None:
    referral, _link = on_list(world, visitor)
    [mail] = written(world, clock)
    link, phone = scenes.link_in(mail), visitor()
    press(phone, link, reply="hold", hold="2h")
    assert undo(phone, link).status_code == 303
    assert written(world, clock) == []
    assert referral.state is S.WAITLISTED
    assert press(phone, link, reply="still", rank="1").status_code == 303


def test_said_on_the_phone_the_link_it_has_stays_good(world: Any, visitor: Any, clock: Any) -> None:
    referral = scenes.ask(world)
    link = scenes.linked(world, referral)
    listing = Listing(rank=3, call_every=CallEvery.DAY)
    services.answer(
        world.amina.actor, referral, to=S.WAITLISTED, source=Source.PARTNER_CONFIRMED,
        listing=listing,
    )  # fmt: skip
    assert written(world, clock) == []
    services.say_listed(world.amina.actor, referral, listing=Listing(rank=2))
    assert written(world, clock) == []
    assert press(visitor(), link, reply="hold", hold="2h").status_code == 303
    database.enter_service(world.north.id)
    assert referral.state is S.ACCEPTED


def test_a_list_that_outlives_its_link_is_given_another(
    world: Any, visitor: Any, clock: Any
) -> None:
    """A link is good for thirty days; each word begins the clock of the list anew."""
    referral = scenes.ask(world)
    link = scenes.linked(world, referral)
    services.answer(world.amina.actor, referral, to=S.WAITLISTED, source=Source.PARTNER_CONFIRMED)
    clock.advance(timedelta(days=14))
    database.enter_service(world.north.id)
    services.say_listed(world.amina.actor, referral)
    assert referral.expires_at is not None
    assert referral.expires_at > TUESDAY + timedelta(days=30)
    [mail] = written(world, clock)
    assert visitor().get(link).status_code == 404, "the newest letter is the one that counts"
    assert visitor().get(scenes.link_in(mail)).status_code == 200


def test_two_words_before_it_leaves_are_one_letter(world: Any, visitor: Any, clock: Any) -> None:
    referral, _link = on_list(world, visitor)
    services.say_listed(world.amina.actor, referral, listing=Listing(rank=2))
    assert kinds(world, referral, LetterStatus.QUEUED) == [LetterKind.AGENCY_LISTED]
    assert len(written(world, clock)) == 1


def test_what_ends_the_list_stops_the_letter_and_its_link(
    world: Any, visitor: Any, clock: Any
) -> None:
    """R5: withdrawn within the five minutes, or after: the agency is told only “withdrawn”."""
    early, _link = on_list(world, visitor)
    services.withdraw(world.amina.actor, early)
    [farewell] = written(world, clock)
    assert farewell["Subject"] == "1 demande a été retirée"
    late, _link = on_list(world, visitor)
    [mail] = written(world, clock)
    services.withdraw(world.amina.actor, late)
    assert queries.live_links(late) == []
    database.commit()
    assert visitor().get(scenes.link_in(mail)).status_code == 404


def test_an_agency_that_may_not_say_is_left_alone(world: Any, visitor: Any, clock: Any) -> None:
    _referral, _link = on_list(world, visitor)
    [mail] = written(world, clock)
    press(visitor(), scenes.link_in(mail), reply="withhold")
    assert written(world, clock) == []


def test_the_page_after_the_answer_says_that_a_link_follows(world: Any, visitor: Any) -> None:
    referral = scenes.ask(world)
    link, phone = scenes.linked(world, referral), visitor()
    press(phone, link, reply="waitlist")
    assert "Nous vous écrirons encore une fois" in phone.get(link).get_data(as_text=True)
