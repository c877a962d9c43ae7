"""What happens while an agency is silent: it is nudged, its navigator and supervisors hear, it expires."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from casework import database
from casework.cases.models import Source
from casework.notices import queries as notice_queries
from casework.referrals import services
from casework.referrals.models import Referral, ReferralState, Remark
from casework.referrals.services.watch import watch
from tests.referrals import scenes

S = ReferralState
MINUTE = timedelta(minutes=1)
# A Tuesday at ten in Toronto.
TUESDAY = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def pass_time(world: Any, clock: Any, by: timedelta) -> None:
    """Move the clock on and let it do what is due, twice."""
    clock.advance(by)
    watch(world.north.id)
    watch(world.north.id)


def say(world: Any, referral: Referral, to: S, **more: Any) -> None:
    services.answer(world.amina.actor, referral, to=to, source=Source.PARTNER_CONFIRMED, **more)


def letters(world: Any, referral: Referral) -> list[str]:
    """List the letters about a referral, oldest first."""
    found = notice_queries.letters_about(world.amina.actor, [referral.id])
    return [letter.kind.value for letter in reversed(found)]


def test_an_urgent_request_climbs_its_ladder_one_rung_at_a_time(world: Any, clock: Any) -> None:
    """domain.md section 3: nudge 15 min, navigator 30, supervisor 60, expired after 2 h."""
    clock.freeze(TUESDAY)
    referral = scenes.ask(world, "Foyer du Pont")
    assert referral.expires_at == TUESDAY + 120 * MINUTE
    pass_time(world, clock, 14 * MINUTE)
    assert letters(world, referral) == ["agency_request"]
    pass_time(world, clock, MINUTE)
    assert letters(world, referral) == ["agency_request", "agency_nudge"]
    assert scenes.unseen(world.amina) == []
    pass_time(world, clock, 15 * MINUTE)
    assert scenes.unseen(world.amina) == ["agency_silent"]
    assert scenes.unseen(world.sophie) == []
    pass_time(world, clock, 30 * MINUTE)
    assert scenes.unseen(world.sophie) == ["agency_silent"]
    assert referral.state is S.REQUESTED
    pass_time(world, clock, 60 * MINUTE)
    assert referral.state is S.EXPIRED
    assert scenes.unseen(world.amina) == ["agency_silent", "request_expired"]
    assert (referral.wake_at, referral.expires_at) == (None, None)


def test_after_an_outage_what_was_missed_is_done_once_and_the_rest_in_time(
    world: Any, clock: Any
) -> None:
    clock.freeze(TUESDAY)
    referral = scenes.ask(world, "Foyer du Pont")
    pass_time(world, clock, 70 * MINUTE)
    assert letters(world, referral) == ["agency_request", "agency_nudge"]
    assert scenes.unseen(world.amina) == ["agency_silent"]
    assert scenes.unseen(world.sophie) == ["agency_silent"]
    assert referral.wake_at == TUESDAY + 120 * MINUTE


def test_a_request_that_expired_during_an_outage_nudges_nobody_any_more(
    world: Any, clock: Any
) -> None:
    clock.freeze(TUESDAY)
    referral = scenes.ask(world, "Foyer du Pont")
    scenes.post(world.north.id)
    pass_time(world, clock, 300 * MINUTE)
    assert referral.state is S.EXPIRED
    assert letters(world, referral) == ["agency_request"]
    assert scenes.unseen(world.amina) == ["request_expired"]


def test_a_routine_request_of_friday_evening_is_nudged_on_tuesday_morning(
    world: Any, clock: Any
) -> None:
    """Business days and opening hours: asked on Friday at 18 h, read on Monday at 9 h."""
    clock.freeze(datetime(2026, 11, 27, 23, 0, tzinfo=UTC))
    referral = scenes.ask(world)
    assert referral.wake_at == datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
    pass_time(world, clock, timedelta(days=3))
    assert letters(world, referral) == ["agency_request"]
    pass_time(world, clock, timedelta(hours=15))
    assert letters(world, referral) == ["agency_request", "agency_nudge"]
    assert scenes.unseen(world.amina) == []
    pass_time(world, clock, timedelta(days=1))
    assert scenes.unseen(world.amina) == ["agency_silent"]
    assert scenes.unseen(world.sophie) == []


def test_an_agencys_own_holidays_count_and_else_those_of_its_service(
    world: Any, clock: Any
) -> None:
    """2026-06-24 is a holiday in Quebec."""
    clock.freeze(datetime(2026, 6, 23, 15, 0, tzinfo=UTC))
    agency = world.organization("Moisson du Quartier")
    world.north.holidays_of = "QC"
    referral = scenes.ask(world)
    assert referral.wake_at == datetime(2026, 6, 25, 15, 0, tzinfo=UTC)
    agency.holidays_of = "ON"
    assert scenes.ask(world).wake_at == datetime(2026, 6, 24, 15, 0, tzinfo=UTC)


def test_an_agency_that_writes_its_hours_is_reminded_in_them(world: Any, clock: Any) -> None:
    clock.freeze(TUESDAY)
    agency = world.organization("Moisson du Quartier")
    agency.opening_hours = [{"days": [3], "start": "13:00", "end": "15:00"}]
    # Open on Thursdays from 13 h: read on the 26th, a business day later is closed, so a week on.
    assert scenes.ask(world).wake_at == datetime(2026, 12, 3, 18, 0, tzinfo=UTC)


def test_a_sealed_agency_is_opened_for_its_clock_and_that_is_recorded(
    world: Any, clock: Any, db: Any
) -> None:
    """R16, R21: the sweep of an urgent one opens nothing."""
    clock.freeze(TUESDAY)
    scenes.ask(world, "Maison Rivage")
    pass_time(world, clock, 15 * MINUTE)
    database.commit()
    opened = text("SELECT count(*) FROM audit_entry WHERE purpose = 'clock'")
    assert db.session.scalar(opened) == 0


def test_a_nudge_leaves_the_first_link_good(world: Any, clock: Any, visitor: Any) -> None:
    """Nobody who is answering at that moment finds the page closed; the first answer closes both."""
    clock.freeze(TUESDAY)
    referral = scenes.ask(world, "Foyer du Pont")
    first = scenes.linked(world, referral)
    pass_time(world, clock, 15 * MINUTE)
    second = scenes.linked(world, referral)
    assert [visitor().get(link).status_code for link in (first, second)] == [200, 200]
    database.enter_service(world.north.id)
    say(world, referral, S.ACCEPTED)
    database.commit()
    assert [visitor().get(link).status_code for link in (first, second)] == [404, 404]


def test_we_may_not_say_stops_the_ladder_and_taking_it_back_lets_it_go_on(
    world: Any, clock: Any
) -> None:
    clock.freeze(TUESDAY)
    referral = scenes.ask(world, "Foyer du Pont")
    pass_time(world, clock, 10 * MINUTE)
    services.remark(world.amina.actor, referral, what=Remark.WITHHELD)
    assert (referral.wake_at, referral.expires_at) == (None, None)
    pass_time(world, clock, 4 * MINUTE)
    services.undo(world.amina.actor, referral)
    assert referral.wake_at == TUESDAY + 15 * MINUTE
    pass_time(world, clock, MINUTE)
    assert letters(world, referral) == ["agency_request", "agency_nudge"]
    assert referral.state is S.REQUESTED


def test_a_question_of_the_agency_is_ours_to_answer_and_nudges_us(world: Any, clock: Any) -> None:
    clock.freeze(TUESDAY)
    referral = scenes.ask(world, "Foyer du Pont")
    say(world, referral, S.INFO_NEEDED)
    pass_time(world, clock, 60 * MINUTE)
    assert "agency_nudge" not in letters(world, referral)
    assert scenes.unseen(world.amina) == ["agency_asks"]
    assert scenes.unseen(world.sophie) == ["agency_asks"]


def test_both_sides_are_warned_before_a_hold_ends(world: Any, clock: Any) -> None:
    """domain.md section 3, R36: at 90 minutes of a hold of two hours, once, and it stays held."""
    clock.freeze(TUESDAY)
    referral = scenes.ask(world, "Foyer du Pont")
    say(world, referral, S.ACCEPTED, hold_until=TUESDAY + 120 * MINUTE)
    pass_time(world, clock, 89 * MINUTE)
    assert scenes.unseen(world.amina) == []
    pass_time(world, clock, MINUTE)
    assert scenes.unseen(world.amina) == ["hold_ending"]
    assert letters(world, referral)[-1] == "agency_hold"
    pass_time(world, clock, timedelta(days=40))
    assert referral.state is S.ACCEPTED
    assert letters(world, referral)[-1] == "agency_arrival"


def test_the_agency_reads_by_when_it_can_answer_and_not_when_the_clock_next_looks(
    world: Any, clock: Any, visitor: Any
) -> None:
    clock.freeze(TUESDAY)
    referral = scenes.ask(world, "Foyer du Pont")
    page = visitor().get(scenes.linked(world, referral)).get_data(as_text=True)
    assert "12\u00a0h" in page
    assert "10\u00a0h\u00a015" not in page
