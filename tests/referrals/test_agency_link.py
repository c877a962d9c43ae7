"""The no-login link: clear fields only, safe for prefetching, good for one answer, then neutral."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from casework import database, people
from casework.cases.models import Reason
from casework.extensions import limiter
from casework.people.models import Purpose
from casework.referrals import queries, services
from casework.referrals.models import ReferralState
from tests.referrals import scenes

TOKEN = re.compile(r'name="csrf_token" value="[^"]+"')


HIDDEN = re.compile(r'name="(version|key)" value="([^"]*)"')


def press(visitor: Any, link: str, **fields: str) -> Any:
    """Open the page and press one of its buttons."""
    page = visitor.get(link).get_data(as_text=True)
    hidden = dict(HIDDEN.findall(page))
    return visitor.post(link, hidden | fields)


def whole_digest(db: Any) -> dict[str, str]:
    """Give a digest of every table there is, the links and the audit among them."""
    names = db.session.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ).scalars()
    return {
        name: db.session.execute(
            text(
                f"SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM \"{name}\" t"
            )
        ).scalar_one()
        for name in names
    }


def test_the_page_shows_household_need_and_language_and_nothing_sealed(
    world: Any, visitor: Any
) -> None:
    """R28: no name, no phone, no alias, no agency; what was told only after a press."""
    referral = scenes.ask(world)
    link = scenes.linked(world, referral)
    page = visitor().get(link).get_data(as_text=True)
    assert 'lang="fr-CA"' in page
    assert referral.ref in page
    for word in (scenes.MARKED, "Mado", "514-555-0142", "fauteuil", "Moisson", referral.case.ref):
        assert word not in page


def test_a_client_that_gets_every_link_five_times_changes_nothing_and_opens_nothing(
    world: Any, visitor: Any, db: Any
) -> None:
    """domain.md section 3: mail scanners prefetch; to the last byte, all is as before they came."""
    answering, arriving, withdrawn = (scenes.ask(world, "Foyer du Pont") for _ in range(3))
    urls = [scenes.link_in(mail) for mail in scenes.post(world.north.id)]
    press(visitor(), scenes.link_to(urls, answering, visitor), reply="hold", hold="2h")
    database.enter_service(world.north.id)
    services.ask_again(world.amina.actor, answering)
    services.recall(world.amina.actor, withdrawn, reason=Reason.OTHER)
    urls = [scenes.link_to(urls, arriving, visitor)]
    urls += [scenes.link_in(mail) for mail in scenes.post(world.north.id)]
    assert len(urls) == 3
    database.enter_service(world.north.id)
    before = whole_digest(db)
    for url in urls:
        assert visitor().client.head(url).status_code == 200
        for _ in range(5):
            assert visitor().get(url).status_code == 200
    database.enter_service(world.north.id)
    assert whole_digest(db) == before


def test_a_link_counts_as_seen_once_somebody_presses(world: Any, visitor: Any, db: Any) -> None:
    """The entry tells of a person, so what a scanner fetches leaves none."""
    referral = scenes.ask(world)
    link = scenes.linked(world, referral)
    agency = visitor()
    seen = text("SELECT count(*) FROM audit_entry WHERE action = 'referral:link:seen'")
    agency.get(link)
    database.enter_service(world.north.id)
    assert (queries.live_links(referral)[0].seen_at, db.session.scalar(seen)) == (None, 0)
    for _ in range(2):
        agency.post(f"{link}/details")
    database.enter_service(world.north.id)
    assert queries.live_links(referral)[0].seen_at is not None
    assert db.session.scalar(seen) == 1


def test_what_was_told_opens_with_a_press_and_an_audit_entry(
    world: Any, visitor: Any, db: Any
) -> None:
    """R21, R28: access and diet words are opened on purpose, and never the alias."""
    link = scenes.linked(world, scenes.ask(world))
    agency = visitor()
    agency.get(link)
    page = agency.post(f"{link}/details").get_data(as_text=True)
    assert "fauteuil roulant" in page
    assert "Mado" not in page
    opened = text("SELECT count(*) FROM audit_entry WHERE purpose = 'agency_link'")
    assert db.session.scalar(opened) == 1


def test_one_tap_holds_a_place_until_the_chosen_time(world: Any, visitor: Any) -> None:
    referral = scenes.ask(world, "Foyer du Pont")
    link = scenes.linked(world, referral)
    agency = visitor()
    answered = press(agency, link, reply="hold", hold="2h", bring="carte soleil")
    assert answered.status_code == 200
    assert "carte soleil" in answered.get_data(as_text=True)
    page = agency.get(link).get_data(as_text=True)
    assert "/undo" in page
    assert "carte soleil" not in page
    assert referral.state is ReferralState.ACCEPTED
    assert referral.hold_until is not None
    database.enter_service(world.north.id)
    opened = services.open_referral(world.amina.actor, referral, purpose="test")
    assert opened["answer_details"] == {"bring": "carte soleil"}
    assert scenes.unseen(world.amina) == ["agency_answered"]


def test_a_refusal_takes_one_tap_with_its_reason(world: Any, visitor: Any) -> None:
    referral = scenes.ask(world)
    link = scenes.linked(world, referral)
    assert press(visitor(), link, reply="decline", reason="no_capacity").status_code == 303
    assert (referral.state, referral.reason) == (ReferralState.DECLINED, Reason.NO_CAPACITY)


def test_a_refusal_without_a_reason_keeps_the_link(world: Any, visitor: Any) -> None:
    referral = scenes.ask(world)
    link = scenes.linked(world, referral)
    assert press(visitor(), link, reply="decline").status_code == 422
    assert referral.state is ReferralState.REQUESTED
    assert visitor().get(link).status_code == 200


def test_we_may_not_say_leaves_the_state_and_stops_the_clock(world: Any, visitor: Any) -> None:
    """domain.md section 3: outcome not disclosed is an answer."""
    referral = scenes.ask(world)
    link = scenes.linked(world, referral)
    press(visitor(), link, reply="withhold")
    assert referral.state is ReferralState.REQUESTED
    assert referral.is_outcome_withheld
    assert referral.wake_at is None


def test_have_her_call_us_is_kept_for_the_navigator(world: Any, visitor: Any) -> None:
    referral = scenes.ask(world)
    press(visitor(), scenes.linked(world, referral), reply="call_us")
    assert referral.wants_person_to_call
    assert scenes.unseen(world.amina) == ["agency_answered"]


def neutral_pages(world: Any, visitor: Any, clock: Any) -> dict[str, bytes]:
    """Make a link fail in every way there is, and give what a stranger then sees."""
    clock.freeze(database.now())
    links, urls = {}, {}
    for name in ("used", "revoked", "unconsented", "expired"):
        links[name] = scenes.ask(world)
        urls[name] = scenes.linked(world, links[name])
    press(visitor(), urls["used"], reply="waitlist")
    database.enter_service(world.north.id)
    services.recall(world.amina.actor, links["revoked"], reason=Reason.OTHER)
    people.services.withdraw(
        world.amina.actor, links["unconsented"].case.person, Purpose.SHARE_WITH_PARTNER
    )
    database.commit()
    pages = {name: visitor().get(urls[name]) for name in ("used", "revoked", "unconsented")}
    clock.advance(timedelta(days=31))
    pages["expired"] = visitor().get(urls["expired"])
    pages["guessed"] = visitor().get("/r/" + "A" * 43)
    pages["mangled"] = visitor().get("/r/%C3%A9%F0%9F%98%80")
    assert {page.status_code for page in pages.values()} == {404}
    return {name: page.get_data() for name, page in pages.items()}


def test_every_link_that_does_not_work_gives_the_same_bytes(
    world: Any, visitor: Any, clock: Any
) -> None:
    """Used, expired, revoked, unconsented (R4) and guessed are one neutral page."""
    pages = neutral_pages(world, visitor, clock)
    assert len(set(pages.values())) == 1, {name: len(page) for name, page in pages.items()}
    assert b"csrf" not in pages["guessed"]
    # What a colleague needs who opens a link that was just used, said of all of them alike.
    assert b"may have been answered already" in pages["guessed"]


def test_pages_of_links_are_stored_nowhere_and_leak_no_address(world: Any, visitor: Any) -> None:
    link = scenes.linked(world, scenes.ask(world))
    for url in (link, "/r/unknown"):
        headers = visitor().get(url).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.throttled
def test_guessing_is_throttled_and_answering_is_not(world: Any, visitor: Any) -> None:
    limiter.reset()
    link = scenes.linked(world, scenes.ask(world))
    assert [visitor().get(link).status_code for _ in range(35)] == [200] * 35
    stranger = visitor()
    answers = [stranger.get(f"/r/guess{number}").status_code for number in range(40)]
    assert answers[0] == 404
    assert answers[-1] == 429


def test_only_a_hash_of_the_token_is_kept(world: Any, db: Any) -> None:
    link = scenes.linked(world, scenes.ask(world))
    token = link.rsplit("/", 1)[1]
    assert len(token) == 43  # 256 bits
    rows = db.session.execute(text("SELECT t::text FROM referral_link t")).scalars().all()
    assert rows
    assert not [row for row in rows if token in row]


def test_a_newer_letter_stops_the_older_link(world: Any, visitor: Any) -> None:
    referral = scenes.ask(world)
    old = scenes.linked(world, referral)
    services.ask_again(world.amina.actor, referral)
    new = scenes.linked(world, referral)
    assert visitor().get(old).status_code == 404
    assert visitor().get(new).status_code == 200


def test_the_arrival_comes_by_a_link_of_its_own(world: Any, visitor: Any) -> None:
    """domain.md section 3: Arrived, Did not come, We may not say."""
    referral = scenes.ask(world, "Foyer du Pont")
    press(visitor(), scenes.linked(world, referral), reply="hold", hold="1h")
    database.enter_service(world.north.id)
    services.ask_again(world.amina.actor, referral)
    link = scenes.linked(world, referral)
    assert press(visitor(), link, reply="hold").status_code == 422
    assert press(visitor(), link, reply="arrived").status_code == 303
    assert referral.state is ReferralState.CONFIRMED


def test_a_withdrawn_request_is_told_with_its_reference_only(world: Any, visitor: Any) -> None:
    """R5: the agency is told only “withdrawn”."""
    referral = scenes.ask(world)
    scenes.linked(world, referral)
    services.recall(world.amina.actor, referral, reason=Reason.SAFETY)
    page = visitor().get(scenes.linked(world, referral)).get_data(as_text=True)
    assert referral.ref in page
    for word in ("Non s", "Alimentation", "Food", "adulte", "adult"):
        assert word not in page
