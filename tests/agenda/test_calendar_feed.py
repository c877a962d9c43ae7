"""The calendar counts call-backs in agreed hours and says nothing else (screens.md section 7, R10, R12)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from sqlalchemy import update

from casework import accounts, cases, database, followups, people
from casework.agenda import calendar, policy, services
from casework.agenda.models import CalendarLink
from casework.cases.models import ClosureCode
from casework.followups.safe_time import Span
from casework.people.models import ContactPlan, Purpose
from tests.followups.scenes import at, call_at, case_of
from tests.visitors import Visitor

Fetch = Callable[[str], Calendar]
TokenOf = Callable[[Any], str]


def events(calendar: Calendar) -> list[tuple[datetime, datetime, str]]:
    return [(e.start, e.end, str(e["summary"])) for e in calendar.walk("VEVENT")]


def test_calls_of_the_same_quarter_are_counted_in_one_block(
    world: Any, clock: Any, fetch: Fetch, token_of: TokenOf
) -> None:
    clock.freeze(at(23, 12))
    for _ in range(2):
        call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    call_at(world.amina.actor, case_of(world.amina.actor), at(24, 10))
    assert events(fetch(token_of(world.amina))) == [
        (at(24, 9), at(24, 9, 15), "2 call-backs due"),
        (at(24, 10), at(24, 10, 15), "1 call-back due"),
    ]


def test_it_speaks_the_language_of_its_account_and_knows_its_own_work_only(
    world: Any, clock: Any, fetch: Fetch, token_of: TokenOf
) -> None:
    clock.freeze(at(23, 12))
    call_at(world.louis.actor, case_of(world.louis.actor), at(24, 9))
    call_at(world.louis.actor, case_of(world.louis.actor), at(24, 9))
    assert [words for _, _, words in events(fetch(token_of(world.louis)))] == ["2 rappels prévus"]
    assert events(fetch(token_of(world.amina))) == []
    assert events(fetch(token_of(world.outsider))) == []


def test_what_can_be_called_now_stands_in_the_present_quarter_never_in_the_past(
    world: Any, clock: Any, fetch: Fetch, token_of: TokenOf
) -> None:
    clock.freeze(at(23, 12))
    call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    token = token_of(world.amina)
    clock.freeze(at(24, 11, 7))
    assert [start for start, _, _ in events(fetch(token))] == [at(24, 11)]
    clock.freeze(at(24, 11, 40))
    followups.services.roll_windows(world.north.id)
    assert [start for start, _, _ in events(fetch(token))] == [], "its agreed hours are over (R10)"


def test_what_is_cancelled_not_agreed_or_closed_vanishes(
    world: Any, clock: Any, fetch: Fetch, token_of: TokenOf
) -> None:
    clock.freeze(at(23, 12))
    actor, token = world.amina.actor, token_of(world.amina)
    withdrawn, closed, unsafe = (case_of(actor) for _ in range(3))
    for case in (withdrawn, closed, unsafe):
        call_at(actor, case, at(24, 9))
    assert [words for _, _, words in events(fetch(token))] == ["3 call-backs due"]
    people.services.withdraw(actor, withdrawn.person, Purpose.CALL_BACK)
    assert [words for _, _, words in events(fetch(token))] == ["2 call-backs due"]
    cases.services.close_case(actor, closed, closure=ClosureCode.PERSON_ENDED)
    assert [words for _, _, words in events(fetch(token))] == ["1 call-back due"]


def test_a_number_that_has_just_become_unsafe_is_counted_nowhere(
    world: Any, db: Any, clock: Any, fetch: Fetch, token_of: TokenOf
) -> None:
    """R13: also in the moment before its follow-ups are planned anew."""
    clock.freeze(at(23, 12))
    case = case_of(world.amina.actor)
    call_at(world.amina.actor, case, at(24, 9))
    db.session.execute(
        update(ContactPlan).where(ContactPlan.person_id == case.person_id).values(is_unsafe=True)
    )
    assert events(fetch(token_of(world.amina))) == []


def test_blocks_keep_the_time_on_the_wall_across_a_change_of_clocks(
    world: Any, clock: Any, fetch: Fetch, token_of: TokenOf
) -> None:
    """Clocks go back in Toronto on 1 November 2026: nine o’clock is another UTC hour after it."""
    clock.freeze(at(30, 12, month=10))
    for day, month in ((31, 10), (1, 11)):
        call_at(world.amina.actor, case_of(world.amina.actor), at(day, 9, month=month))
    starts = [start for start, _, _ in events(fetch(token_of(world.amina)))]
    assert [start.astimezone(UTC).hour for start in starts] == [13, 14]
    assert [start.astimezone(ZoneInfo("America/Toronto")).hour for start in starts] == [9, 9]


def test_the_bytes_are_a_calendar_and_hold_no_personal_value(
    app: Any, world: Any, clock: Any, token_of: TokenOf
) -> None:
    clock.freeze(at(23, 12))
    case = case_of(
        world.amina.actor, details={"full_name": "Zyxwvut Qponmlk", "phone": "+15145550142"}
    )
    call = call_at(world.amina.actor, case, at(24, 9))
    token = token_of(world.amina)
    answer = Visitor(app).get(f"/calendar/{token}.ics")
    raw = answer.get_data()
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert b"CLASS:PRIVATE" in raw
    for forbidden in (b"DESCRIPTION", b"LOCATION", b"URL", b"ORGANIZER", b"ATTENDEE", b"COMMENT"):
        assert forbidden not in raw
    ids = [case.id, case.person_id, call.id, world.amina.account_id, world.north.id]
    private = ["Zyxwvut", "Maya", "5550142", "blue heron", case.ref, token, world.amina.email]
    for text in [*private, *(str(i) for i in ids), *(i.hex for i in ids)]:
        assert text.encode() not in raw
    # RFC 5545: lines end with CRLF and hold 75 octets at most.
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    assert Calendar.from_ical(raw)["x-wr-timezone"] == "America/Toronto"


def test_an_empty_calendar_is_still_a_calendar(world: Any, fetch: Fetch, token_of: TokenOf) -> None:
    """RFC 5545 asks for one part at least: the zone is always there."""
    empty = fetch(token_of(world.amina))
    assert [part.name for part in empty.subcomponents] == ["VTIMEZONE"]
    assert empty.errors == []


def test_a_block_keeps_its_name_which_tells_nothing(
    world: Any, clock: Any, fetch: Fetch, token_of: TokenOf
) -> None:
    clock.freeze(at(23, 12))
    call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    token = token_of(world.amina)

    def names() -> list[str]:
        return [str(event["uid"]) for event in fetch(token).walk("VEVENT")]

    first = names()
    clock.freeze(at(23, 13))
    assert names() == first
    assert re.fullmatch(r"[0-9a-f]{32}@casework", first[0])


@pytest.mark.parametrize("begins", [0, 1, 14, 15, 22])
@pytest.mark.parametrize("length", [4, 15, 16, 29, 90])
@pytest.mark.parametrize("waited", [-60, 0, 3])
def test_a_block_lies_within_its_agreed_time_whatever_its_edges(
    begins: int, length: int, waited: int
) -> None:
    """R10, at the edges that quarters of an hour do not meet."""
    opens = datetime(2026, 11, 24, 14, tzinfo=UTC) + timedelta(minutes=begins)
    closes = opens + timedelta(minutes=length)
    block = policy.block_of(opens, closes, opens + timedelta(minutes=waited))
    assert opens <= block.opens_at < block.closes_at <= closes
    assert block.closes_at - block.opens_at <= timedelta(minutes=15)


def test_a_couple_of_calls_to_one_person_are_one(world: Any) -> None:
    person = world.amina.account_id
    span = Span(datetime(2026, 11, 24, 14, tzinfo=UTC), datetime(2026, 11, 24, 15, tzinfo=UTC))
    assert list(policy.counted([(person, span), (person, span)], span.opens_at).values()) == [1]


# --- the address -----------------------------------------------------------------------------------


def status_of(app: Any, token: str) -> int:
    return Visitor(app).get(f"/calendar/{token}.ics").status_code


def test_only_a_hash_of_the_address_is_kept(world: Any, db: Any, token_of: TokenOf) -> None:
    """ASVS 7.2.3: 256 random bits, and nothing that opens anything at rest."""
    token = token_of(world.amina)
    link = db.session.query(CalendarLink).one()
    assert len(token) >= 43
    assert token.encode() not in link.token_hash
    assert len(link.token_hash) == 32


def test_a_replaced_or_ended_address_is_the_same_neutral_page_as_a_guess(
    app: Any, world: Any, token_of: TokenOf
) -> None:
    old = token_of(world.amina)
    new = token_of(world.amina)
    assert (status_of(app, old), status_of(app, new)) == (404, 200)
    services.end_calendar_link(world.amina.actor)
    pages = {
        re.sub(
            r'(nonce|csrf_token|value)="[^"]*"', "", Visitor(app).get(url).get_data(as_text=True)
        )
        for url in (f"/calendar/{old}.ics", f"/calendar/{new}.ics", "/calendar/guess.ics")
    }
    assert len({page.replace(old, "").replace(new, "").replace("guess", "") for page in pages}) == 1


def test_the_calendar_of_a_disabled_member_dies_at_once(
    app: Any, world: Any, token_of: TokenOf
) -> None:
    """ASVS 7.4.2."""
    token = token_of(world.amina)
    member = accounts.queries.membership_of(world.north.id, world.amina.account_id)
    assert member is not None
    accounts.member_services.disable_member(world.marc.actor, member)
    assert status_of(app, token) == 404
    accounts.member_services.enable_member(world.marc.actor, member)
    member.account.is_active = False
    assert status_of(app, token) == 404


@pytest.mark.throttled
def test_guessing_addresses_is_slowed_down(app: Any, db: Any) -> None:
    answers = {status_of(app, f"guess-{number}") for number in range(35)}
    assert answers == {404, 429}


def test_the_page_shows_the_address_once_and_when_it_was_last_used(
    app: Any, world: Any, visitor: Any, clock: Any
) -> None:
    clock.freeze(at(24, 9))
    amina = visitor(world.amina)
    assert "Make a calendar link" in amina.get("/settings/messages").get_data(as_text=True)
    shown = amina.post("/settings/calendar").get_data(as_text=True)
    found = re.search(r"http://localhost(/calendar/[\w-]+\.ics)", shown)
    assert found is not None
    page = amina.get("/settings/messages").get_data(as_text=True)
    assert found[1] not in page
    assert "Not yet" in page
    assert Visitor(app).get(found[1]).status_code == 200
    assert "Last used" in (page := amina.get("/settings/messages").get_data(as_text=True))
    assert "Not yet" not in page
    amina.post("/settings/calendar/end")
    assert Visitor(app).get(found[1]).status_code == 404


def test_no_log_line_holds_the_address(
    app: Any, world: Any, token_of: TokenOf, caplog: Any, capsys: Any
) -> None:
    """Check 48: what opens something never reaches a log, whether it opens or no longer does."""
    caplog.set_level("DEBUG")
    old = token_of(world.amina)
    new = token_of(world.amina)
    status_of(app, old)
    status_of(app, new)
    out = capsys.readouterr()
    for token in (old, new):
        assert token not in caplog.text + out.out + out.err


def test_the_address_is_made_and_ended_on_the_record(
    world: Any, db: Any, token_of: TokenOf
) -> None:
    token_of(world.amina)
    services.end_calendar_link(world.amina.actor)
    database.commit()
    rows = db.session.execute(
        db.text("SELECT action FROM audit_entry WHERE object_type = 'calendar_link' ORDER BY seq")
    )
    assert list(rows.scalars()) == ["calendar:link:make", "calendar:link:end"]


def test_the_zone_in_the_file_knows_both_changes_of_clocks() -> None:
    raw = calendar.write_calendar(
        {}, at=at(24, 9), time_zone="America/St_Johns", locale="fr_CA", secret=b"s"
    )
    [zone] = Calendar.from_ical(raw).walk("VTIMEZONE")
    offsets = {part["tzoffsetto"].to_ical() for part in zone.subcomponents}
    assert offsets == {"-0330", "-0230"}
