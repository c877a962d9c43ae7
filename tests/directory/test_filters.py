"""Filters keep what says yes, list what does not say, and count what they leave out (issue 5)."""

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from casework.directory import filter_policy, filter_queries
from casework.directory.capacity_policy import Places
from casework.directory.filter_policy import Filters, Ground, Point, Said
from casework.directory.hours_policy import is_open
from tests.importing.conftest import bring_in, service

# A Tuesday, 10 h 30 in Toronto.
TUESDAY = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
GATINEAU, KENORA = (45.48, -75.70), (49.77, -94.49)


class Hours(NamedTuple):
    """Published hours that are in no database."""

    rrule: str = "FREQ=WEEKLY;BYDAY=MO,TU"
    opens_at: time | None = time(9)
    closes_at: time | None = time(17)
    starts_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    time_zone: str = "America/Toronto"


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ([], None),
        ([Hours()], True),
        ([Hours(rrule="FREQ=WEEKLY;BYDAY=WE")], False),
        ([Hours(rrule="FREQ=DAILY")], True),
        ([Hours(rrule="RRULE:FREQ=DAILY;UNTIL=20261123T000000Z")], False),
        ([Hours(rrule="FREQ=WEEKLY", starts_on=date(2026, 11, 3))], True),
        ([Hours(rrule="FREQ=WEEKLY")], None),
        # Rules that a week does not settle, and hours without hours, say nothing.
        ([Hours(rrule="FREQ=MONTHLY;BYDAY=1TU")], None),
        ([Hours(rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU")], None),
        ([Hours(rrule="")], None),
        ([Hours(rrule="FREQ=WEEKLY;BYDAY=XX")], None),
        ([Hours(opens_at=None)], None),
        ([Hours(rrule="FREQ=WEEKLY;BYDAY=SU", opens_at=None)], False),
        # One sure yes is enough; without one, something unknown stays unknown.
        ([Hours(rrule=""), Hours()], True),
        ([Hours(rrule=""), Hours(rrule="FREQ=WEEKLY;BYDAY=WE")], None),
        ([Hours(valid_to=date(2026, 11, 1))], False),
        ([Hours(valid_from=date(2026, 12, 1))], False),
        # The first and the last day of a season, and of a rule, belong to it.
        ([Hours(valid_from=date(2026, 11, 24), valid_to=date(2026, 11, 24))], True),
        ([Hours(rrule="FREQ=DAILY;UNTIL=20261124T000000Z")], True),
        ([Hours(rrule="FREQ=WEEKLY;INTERVAL=1;WKST=SU;BYDAY=TU")], True),
        # It opens at its first minute and has closed at its last; from nine to nine is all day.
        ([Hours(opens_at=time(10, 30))], True),
        ([Hours(closes_at=time(10, 30))], False),
        ([Hours(rrule="FREQ=DAILY", opens_at=time(0), closes_at=time(0))], True),
        ([Hours(rrule="FREQ=DAILY", closes_at=time(9))], True),
        # In its own zone: 8 h 30 in Vancouver is 10 h 30 in Toronto minus three hours: not open yet.
        ([Hours(time_zone="America/Vancouver")], False),
    ],
)
def test_open_now_is_yes_no_or_not_known(hours: list[Hours], expected: bool | None) -> None:
    assert is_open(hours, TUESDAY, "ON") is expected


def test_hours_may_pass_midnight() -> None:
    night = [Hours(rrule="FREQ=WEEKLY;BYDAY=MO", opens_at=time(20), closes_at=time(8))]
    assert is_open(night, datetime(2026, 11, 24, 6, tzinfo=UTC), "ON")
    assert is_open(night, datetime(2026, 11, 25, 6, tzinfo=UTC), "ON") is False


def test_on_a_holiday_nobody_knows() -> None:
    """24 June is kept in Quebec and not in Ontario; where no province is named, nobody knows."""
    daily, noon = [Hours(rrule="FREQ=DAILY")], datetime(2026, 6, 24, 16, tzinfo=UTC)
    assert is_open(daily, noon, "QC") is None
    assert is_open(daily, noon, "ON") is True
    assert is_open(daily, noon, None) is None
    assert is_open(daily, TUESDAY, None) is True


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (filter_policy.speaks(["fr", "en-CA"], [], "en"), Said.YES),
        (filter_policy.speaks(["fr"], [], "en"), Said.NO),
        (filter_policy.speaks(["fr"], [], "fr-CA"), Said.YES),
        (filter_policy.speaks(["fr"], ["interpreter"], "en"), Said.NOTHING),
        (filter_policy.speaks([], [], "en"), Said.NOTHING),
        (filter_policy.takes_age(None, None, 16), Said.NOTHING),
        (filter_policy.takes_age(16, None, 16), Said.YES),
        (filter_policy.takes_age(None, 25, 25), Said.YES),
        (filter_policy.takes_age(None, 25, 26), Said.NO),
        (filter_policy.has_places(None), Said.NOTHING),
        (filter_policy.has_places(Places(free=None, said=5)), Said.NOTHING),
        (filter_policy.has_places(Places(free=0)), Said.NO),
        (filter_policy.has_places(Places(free=1)), Said.YES),
    ],
)
def test_what_is_not_said_is_neither_yes_nor_no(said: Said, expected: Said) -> None:
    """What an agency said of its places too long ago is unknown, never free."""
    assert said is expected


def test_the_cells_of_a_circle_hold_everything_within_it() -> None:
    middle = Point(*GATINEAU)
    cells = set(filter_policy.cells_around(middle, 25))
    for number in range(-20, 21):
        for other in range(-20, 21):
            there = Point(middle.latitude + number / 80, middle.longitude + other / 50)
            mark = filter_policy.cells_around(there, 0)[0]
            assert mark in cells or filter_policy.distance(middle, there) > 25


def test_a_distance_is_right() -> None:
    """Gatineau to Kenora: about 1,490 km as the crow flies."""
    assert 1_450 < filter_policy.distance(Point(*GATINEAU), Point(*KENORA)) < 1_530


@pytest.fixture
def towns(world: Any, tmp_path: Path) -> Any:
    """Import services in Gatineau, 15 km from it, in Kenora, hidden, with areas, and without a point."""

    def at(id_: str, city: str = "", point: tuple[float, float] | None = None, **more: Any) -> Any:
        place: dict[str, Any] = {"id": f"L{id_}", "location_type": more.pop("kind", "physical")}
        if city:
            address = {"address_1": "1 Long Street", "city": city, "state_province": "ON"}
            place["addresses"] = [address]
        if point:
            place |= {"latitude": point[0], "longitude": point[1]}
        return {
            "id": id_,
            "name": "Wombat care",
            "organization": {"id": f"O{id_}", "name": f"Agency {id_}"},
            "service_at_locations": [{"location": place}],
        } | more

    rows = [
        at("here", "Gatineau", GATINEAU, languages=[{"code": "fr"}], minimum_age=18),
        at("near", "Aylmer", (45.40, -75.85)),
        at("far", "Kenora", KENORA),
        at("hidden", "Gatineau", GATINEAU, kind="redacted"),
        at("area", "Ottawa", KENORA, service_areas=[{"name": "Gatineau"}]),
        at("pointless", "Chelsea"),
    ]
    path = tmp_path / "towns.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    bring_in(world, "hsds-json", path)
    return world


def found(world: Any, **given: Any) -> tuple[set[str], set[str], dict[Ground, int]]:
    """Give the ids in the source of what fits and of what does not say, and what was left out."""
    result = filter_queries.find(world.amina.actor, Filters(words="wombat", **given), TUESDAY)
    names = {service(id_).id: id_ for id_ in ("here", "near", "far", "hidden", "area", "pointless")}
    fits, unsaid = {names[id_] for id_ in result.fits}, {names[id_] for id_ in result.unsaid}
    return fits, unsaid, dict(result.left_out)


def test_a_municipality_finds_what_is_there_and_what_serves_it(towns: Any) -> None:
    """A hidden place is never near anything, and never hidden from the list either (R20)."""
    assert found(towns, near="gâtineau") == ({"here", "area"}, {"hidden"}, {})


def test_a_distance_is_counted_from_the_middle_of_the_municipality(towns: Any) -> None:
    fits, unsaid, left_out = found(towns, near="Gatineau", km=25)
    assert fits == {"here", "near", "area"}
    assert unsaid == {"hidden", "pointless"}
    fits, _unsaid, left_out = found(towns, near="Gatineau", km=5)
    assert fits == {"here", "area"}
    assert left_out.get(Ground.AREA, 0) <= 1


def test_a_distance_from_nowhere_is_refused_in_words(towns: Any, visitor: Any) -> None:
    with pytest.raises(filter_queries.UnknownTown):
        found(towns, near="Atlantis", km=5)
    page = visitor(towns.amina).get("/directory?near=Atlantis&km=5&q=wombat")
    said = page.get_data(as_text=True)
    assert page.status_code == 422
    assert "The directory knows no place there." in said
    assert 'value="Atlantis"' in said


def test_each_filter_keeps_lists_and_leaves_out(towns: Any) -> None:
    fits, unsaid, left_out = found(towns, language="en")
    assert (fits, left_out) == (set(), {Ground.LANGUAGE: 1})
    assert "here" not in unsaid
    fits, unsaid, left_out = found(towns, age=30)
    assert (fits, len(unsaid), left_out) == ({"here"}, 5, {})
    assert found(towns, age=10)[2] == {Ground.AGE: 1}
    fits, unsaid, left_out = found(towns, is_open=True, has_places=True)
    assert (fits, len(unsaid), left_out) == (set(), 6, {})


def test_the_page_says_what_is_not_known_and_how_many_were_left_out(
    towns: Any, visitor: Any
) -> None:
    page = visitor(towns.amina).get("/directory?q=wombat&language=en&near=Gatineau&km=25")
    said = page.get_data(as_text=True)
    assert "They do not say" in said
    assert "Languages not said" in said
    assert "Other languages: 1 left out" in said


@pytest.mark.parametrize("wrong", ["age=old", "age=999", "km=7", "language=xx", "page=x"])
def test_what_cannot_be_asked_is_told_and_breaks_nothing(
    world: Any, visitor: Any, wrong: str
) -> None:
    page = visitor(world.louis).get(f"/directory?{wrong}&near=Laval")
    assert page.status_code in (200, 422)


def test_the_next_page_goes_on_where_the_first_ended(
    world: Any, visitor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casework.directory.views.PAGE", 2)
    navigator = visitor(world.amina)
    first = navigator.get("/directory").get_data(as_text=True)
    assert "page=2" in first
    second = navigator.get("/directory?page=2").get_data(as_text=True)
    assert "3 to 4 of" in second
    last = navigator.get("/directory?page=9999").get_data(as_text=True)
    assert 'rel="next"' not in last
