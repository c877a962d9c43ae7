"""Hours as an agency says them: they stand above what is published, in the same table, until taken back."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework import database, directory
from casework.database import StaleVersion
from casework.directory import filter_queries
from casework.directory.filter_policy import Filters
from casework.directory.hours_policy import is_holiday, is_open
from casework.directory.hours_services import BadClosing, NoHours, Overlapping
from casework.directory.listing_models import Schedule
from casework.directory.models import DirectoryService
from casework.directory.weekly import Rule, Span, Weekly, overlapping, rules_of, spans_of
from casework.extensions import db
from casework.referrals import phone_first
from casework.referrals.services import patience
from tests.importing.conftest import bring_in, service
from tests.referrals import scenes

ZONES = ("America/St_Johns", "America/Toronto", "America/Regina", "America/Whitehorse")
NINE_TO_FIVE = Weekly(tuple(Span(day, time(9), time(17)) for day in range(5)))
NIGHTS = Weekly((Span(1, time(20), time(8)), Span(5, time(22, 30), time(0))))
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
moments = st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
# Around the nights on which clocks change.
CHANGES = [datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)]
nights = st.tuples(st.sampled_from(CHANGES), st.integers(0, 36 * 60)).map(
    lambda drawn: drawn[0] + timedelta(minutes=drawn[1])
)
times = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
days = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@st.composite
def weeks(draw: Any) -> Weekly:
    """Draw anything that may be said."""
    first = draw(st.none() | days)
    last = None
    if first is not None and draw(st.booleans()):
        last = first + timedelta(days=draw(st.integers(0, 60)))
    if draw(st.integers(0, 9)) == 0:
        return Weekly((), True, first, last)
    found: list[Span] = []
    for _ in range(draw(st.integers(1, 8))):
        span = Span(draw(st.integers(0, 6)), draw(times), draw(times))
        if span.opens != span.closes and not overlapping([*found, span]):
            found.append(span)
    return Weekly(tuple(sorted(found)), False, first, last)


class Kept(NamedTuple):
    """A rule as it stands in the table, with its zone."""

    rule: Rule
    time_zone: str
    starts_on: date | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rule, name)


def kept(said: Weekly, zone: str) -> list[Any]:
    return [Kept(rule, zone) for rule in rules_of(said)]


def slow_oracle(said: Weekly, at: datetime, zone: str) -> list[date]:
    """Read the wall as somebody at the door does; give the days by whose hours it is open."""
    wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    spans = [(day, time(0), time(0)) for day in range(7)] if said.is_all_hours else said.spans
    found = []
    for begun in (wall.date(), wall.date() - timedelta(days=1)):
        is_away = said.closed_from is not None and begun >= said.closed_from
        is_away = is_away and (said.closed_until is None or begun <= said.closed_until)
        for day, opens, closes in spans:
            ends = begun if closes > opens else begun + timedelta(days=1)
            is_within = datetime.combine(begun, opens) <= wall < datetime.combine(ends, closes)
            if begun.weekday() == day and is_within and not is_away:
                found.append(begun)
    return found


@given(weeks(), moments | nights, st.sampled_from(ZONES), st.integers(-36 * 60, 36 * 60))
def test_open_at_a_moment_agrees_with_the_wall(
    said: Weekly, at: datetime, zone: str, minutes: int
) -> None:
    """Also past midnight, while it is closed for a time, and on both nights of a change of clocks."""
    if not said.spans and not said.is_all_hours:
        return
    # Around the first and the last closed day, where a day too many would show.
    for day in (said.closed_from, said.closed_until):
        if day is not None:
            near = datetime.combine(day, time(12), UTC) + timedelta(minutes=minutes)
            agrees(said, near, zone)
    agrees(said, at, zone)


def agrees(said: Weekly, at: datetime, zone: str) -> None:
    """Hold what the hours say of a moment beside what somebody at the door sees."""
    by = slow_oracle(said, at, zone)
    answer = is_open(kept(said, zone), at, "ON")
    if answer is None:
        # Of a holiday hours say nothing.
        assert by
        assert all(is_holiday("ON", day) for day in by)
    else:
        assert answer is any(not is_holiday("ON", day) for day in by)


@given(weeks())
def test_what_is_written_down_is_read_back(said: Weekly) -> None:
    rules = rules_of(said)
    if said.closed_from != date(2025, 1, 1) and not said.is_all_hours:
        assert spans_of(rules) == said.spans


def offer_of(world: Any, name: str = "Foyer du Pont") -> DirectoryService:
    [offer] = directory.capacity_queries.services_of(world.amina.actor, world.organization(name).id)
    return offer


def say(world: Any, offer: DirectoryService, said: Weekly, **more: Any) -> Any:
    return directory.hours_services.say_hours(world.agency.actor, offer, said=said, **more)


def publish(world: Any, offer: DirectoryService, opens: time, closes: time) -> None:
    row = Schedule(
        service_id=world.north.id,
        directory_service_id=offer.id,
        rrule="FREQ=DAILY",
        opens_at=opens,
        closes_at=closes,
        time_zone="America/Toronto",
    )
    db.session.add(row)
    db.session.flush()


# A Tuesday, 10 h 30 in Toronto, and 21 h.
MORNING = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
EVENING = datetime(2026, 11, 25, 2, tzinfo=UTC)


def opening(world: Any, offer: DirectoryService, at: datetime) -> bool | None:
    return phone_first.openings_of(world.amina.actor, [offer], at)[offer.id].is_open


def test_its_own_word_stands_above_what_is_published_until_it_is_taken_back(world: Any) -> None:
    offer = offer_of(world)
    publish(world, offer, time(18), time(23))
    offer.is_open_all_hours = True
    say(world, offer, NINE_TO_FIVE)
    assert (opening(world, offer, MORNING), opening(world, offer, EVENING)) == (True, False)
    actor, open_now = world.amina.actor, Filters(is_open=True)
    found = [filter_queries.find(actor, open_now, at).fits for at in (MORNING, EVENING)]
    assert [offer.id in fits for fits in found] == [True, False]
    directory.hours_services.take_back_hours(world.agency.actor, offer)
    # The source had said “day and night”.
    assert (opening(world, offer, MORNING), offer.is_open_all_hours) == (True, True)
    offer.is_open_all_hours = False
    assert (opening(world, offer, MORNING), opening(world, offer, EVENING)) == (False, True)


def test_day_and_night_and_a_time_of_closing(world: Any) -> None:
    offer = offer_of(world)
    say(world, offer, Weekly(is_all_hours=True))
    assert offer.is_open_all_hours
    away = Weekly(
        is_all_hours=True, closed_from=date(2026, 11, 24), closed_until=date(2026, 11, 30)
    )
    say(world, offer, away)
    # Whoever reads only “day and night” is not told so while it is closed for a time.
    assert not offer.is_open_all_hours
    assert opening(world, offer, MORNING) is False
    assert opening(world, offer, MORNING - timedelta(days=1)) is True
    assert opening(world, offer, MORNING + timedelta(days=7)) is True
    say(world, offer, replace(away, closed_until=None))
    assert opening(world, offer, MORNING + timedelta(days=300)) is False


def test_a_routine_clock_goes_by_what_the_agency_says(world: Any, clock: Any) -> None:
    """domain.md section 3: opening hours are respected; a closing makes nobody wait unheard."""
    clock.freeze(MORNING)
    bank = offer_of(world, "Moisson du Quartier")
    referral = scenes.ask(world)
    usual = patience.steps_of(referral)
    evenings = Weekly(tuple(Span(day, time(18), time(22)) for day in range(5)))
    say(world, bank, evenings)
    zone = ZoneInfo("America/Toronto")
    assert {moment.astimezone(zone).hour for _rung, moment in patience.steps_of(referral)} == {18}
    assert patience.steps_of(referral) != usual
    say(world, bank, replace(evenings, closed_from=date(2026, 11, 20)))
    assert {moment.astimezone(zone).hour for _rung, moment in patience.steps_of(referral)} == {18}
    say(world, bank, Weekly(is_all_hours=True))
    assert patience.steps_of(referral)[0][1] == MORNING + timedelta(days=1)
    directory.hours_services.take_back_hours(world.agency.actor, bank)
    assert patience.steps_of(referral) == usual


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        (Weekly(), NoHours),
        (Weekly((Span(0, time(9), time(12)), Span(0, time(11), time(17)))), Overlapping),
        (Weekly((Span(0, time(20), time(2)), Span(0, time(22), time(23)))), Overlapping),
        (replace(NIGHTS, closed_until=date(2026, 1, 1)), BadClosing),
        (replace(NIGHTS, closed_from=date(2026, 1, 2), closed_until=date(2026, 1, 1)), BadClosing),
    ],
)
def test_what_nobody_can_go_by_is_refused(world: Any, said: Weekly, refusal: Any) -> None:
    offer = offer_of(world)
    with pytest.raises(refusal), database.attempt():
        say(world, offer, said)
    assert directory.hours_queries.words_on(world.amina.actor, [offer.id]) == {}


def test_the_second_of_two_is_told_also_after_it_was_taken_back(world: Any) -> None:
    offer = offer_of(world)
    assert say(world, offer, NINE_TO_FIVE, version=0).version == 1
    with pytest.raises(StaleVersion), database.attempt():
        say(world, offer, NIGHTS, version=0)
    directory.hours_services.take_back_hours(world.agency.actor, offer, version=1)
    with pytest.raises(StaleVersion), database.attempt():
        say(world, offer, NIGHTS, version=1)
    assert say(world, offer, NIGHTS, version=2).version == 3


def test_a_second_import_leaves_the_word_alone_and_remembers_what_it_publishes(
    world: Any, tmp_path: Path
) -> None:
    source = tmp_path / "directory.json"

    def publish_from(opens: str, closes: str) -> DirectoryService:
        row = {
            "id": "s1",
            "name": "Halte",
            "organization": {"id": "o1", "name": "Halte du Nord"},
            "schedules": [{"freq": "DAILY", "opens_at": opens, "closes_at": closes}],
        }
        source.write_text(json.dumps([row]), encoding="utf-8")
        bring_in(world, "hsds-json", source, source="here")
        database.enter_service(world.north.id)
        return service("s1")

    offer = publish_from("09:00", "12:00")
    say(world, offer, NIGHTS)
    database.commit()
    offer = publish_from("00:00", "00:00")
    [word] = directory.hours_queries.words_on(world.amina.actor, [offer.id]).values()
    assert word.said.spans == NIGHTS.spans
    assert not offer.is_open_all_hours
    assert opening(world, offer, MORNING) is False
    # Tuesday, 21 h.
    assert opening(world, offer, EVENING) is True
    directory.hours_services.take_back_hours(world.agency.actor, offer)
    assert offer.is_open_all_hours


def test_another_service_has_no_part_in_it(world: Any) -> None:
    offer = offer_of(world)
    say(world, offer, NINE_TO_FIVE)
    assert directory.hours_queries.words_on(world.outsider.actor, [offer.id]) == {}
