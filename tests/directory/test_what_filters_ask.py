"""From the box to the list: each filter reaches the search, is kept on the next page, and sorts (issue 5)."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse
from uuid import uuid4

import pytest
from werkzeug.datastructures import MultiDict

from casework import directory
from casework.directory import filter_policy, filter_queries
from casework.directory.capacity_models import Capacity
from casework.directory.capacity_policy import GOOD_FOR
from casework.directory.filter_policy import Filters, Found, Ground, Said
from casework.directory.forms import SearchForm
from casework.directory.listing_models import Schedule
from casework.directory.models import DirectoryService
from casework.directory.needs import NeedCode
from tests.directory.test_filters import GATINEAU, KENORA, TUESDAY
from tests.importing.conftest import bring_in, service
from tests.journeys.pages import Page

AYLMER = (45.40, -75.85)
ASKED = {
    "q": "wombat",
    "need": "food",
    "near": "Gatineau",
    "km": "25",
    "language": "fr",
    "age": "30",
    "open_now": "y",
    "places": "y",
}
Bring = Callable[..., None]


@pytest.fixture
def bring(world: Any, tmp_path: Path) -> Bring:
    """Import services by the towns and points where each is given."""

    def do(**places: list[tuple[str, tuple[float, float]]]) -> None:
        rows = [
            {
                "id": id_,
                "name": "Wombat care",
                "organization": {"id": f"O{id_}", "name": f"Agency {id_}"},
                "service_at_locations": [
                    {
                        "location": {
                            "id": f"L{id_}{number}",
                            "location_type": "physical",
                            "addresses": [{"address_1": "1", "city": city, "state_province": "ON"}],
                            "latitude": point[0],
                            "longitude": point[1],
                        }
                    }
                    for number, (city, point) in enumerate(given)
                ],
            }
            for id_, given in places.items()
        ]
        path = tmp_path / "places.json"
        path.write_text(json.dumps(rows), encoding="utf-8")
        bring_in(world, "hsds-json", path)

    return do


def find(world: Any, at: datetime = TUESDAY, **asked: Any) -> Found:
    return filter_queries.find(world.amina.actor, Filters(words="wombat", **asked), at)


def opening(world: Any, offer: DirectoryService, rrule: str = "FREQ=DAILY") -> Schedule:
    """Publish hours from nine to five, in Toronto."""
    return Schedule(
        service_id=world.north.id,
        directory_service_id=offer.id,
        rrule=rrule,
        opens_at=time(9),
        closes_at=time(17),
        time_zone="America/Toronto",
    )


def test_the_form_asks_for_all_that_was_set_and_nothing_else(app: Any, world: Any) -> None:
    with app.test_request_context():
        form = SearchForm(MultiDict(ASKED))
        form.offer_choices()
        assert form.validate(), form.errors
        assert form.filters() == Filters(
            "wombat", NeedCode.FOOD, "Gatineau", 25, "fr", 30, is_open=True, has_places=True
        )
        nothing = SearchForm(MultiDict({"km": "25"}))
        nothing.offer_choices()
        assert nothing.filters() == Filters()


def test_the_next_page_asks_the_same(
    world: Any, visitor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A filter that is lost there would show what was left out before."""
    monkeypatch.setattr("casework.directory.views.PAGE", 1)
    every = [row.id for row in directory.queries.search(world.amina.actor)]
    monkeypatch.setattr(filter_queries, "find", lambda *_given: Found(every, {}, {}))
    url = "/directory?" + "&".join(f"{name}={said}" for name, said in ASKED.items())
    page = Page(url, 200, visitor(world.amina).get(url).get_data(as_text=True))
    [link] = {link for link in page.links if "page=2" in link}
    given = {name: values[0] for name, values in parse_qs(urlparse(link).query).items()}
    assert given == ASKED | {"page": "2"}


def test_the_nearest_come_first(world: Any, bring: Bring) -> None:
    """By distance, and not by name or by how they were found."""
    outskirts, centre = ("Gatineau", (45.66, -75.70)), ("Gatineau", GATINEAU)
    bring(a=[outskirts], b=[("Aylmer", AYLMER)], c=[centre], d=[centre])
    found = find(world, near="Gatineau", km=50)
    assert found.fits == [service(id_).id for id_ in "cdab"]
    assert [found.km[id_] for id_ in found.fits] == sorted(found.km.values())


def test_of_several_places_the_nearest_counts_and_only_those_of_the_town_make_its_middle(
    world: Any, bring: Bring
) -> None:
    here, near, far = ("Gatineau", GATINEAU), ("Aylmer", AYLMER), ("Kenora", KENORA)
    given = {id_: [far, near, far] for id_ in "bcdefgh"}
    bring(a=[here, far], **given, i=[far])
    found = find(world, near="Gatineau", km=25)
    assert set(found.fits) == {service(id_).id for id_ in "abcdefgh"}
    assert all(found.km[id_] < 25 for id_ in found.fits)


def test_what_was_never_looked_at_is_said_when_the_first_fill_the_list(
    world: Any, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 5: nothing is hidden without saying so, also where a whole kind was not looked for."""
    bring(a=[("Gatineau", GATINEAU)], b=[("Gatineau", GATINEAU)], c=[("Aylmer", AYLMER)])
    assert not find(world, near="Gatineau", km=25).is_cut
    monkeypatch.setattr(filter_queries, "MOST", 2)
    found = find(world, near="Gatineau", km=25)
    assert (len(found.fits), found.is_cut) == (2, True)


def test_open_now_is_by_day_and_night_by_its_hours_and_by_the_holidays_of_its_province(
    world: Any, bring: Bring, db: Any
) -> None:
    """24 June is a holiday in Quebec, and these stand in Ontario."""
    bring(**{id_: [("Ottawa", GATINEAU)] for id_ in "abcd"})
    service("a").is_open_all_hours = True
    db.session.add(opening(world, service("b")))
    db.session.add(opening(world, service("c"), "FREQ=WEEKLY;BYDAY=SU"))
    db.session.flush()
    for at in (TUESDAY, datetime(2026, 6, 24, 16, tzinfo=UTC)):
        found = find(world, at, is_open=True)
        assert set(found.fits) == {service("a").id, service("b").id}, at
        assert found.unsaid == {service("d").id: [Ground.OPEN]}
        assert found.left_out == {Ground.OPEN: 1}


def test_places_free_full_old_and_never_said(world: Any, bring: Bring, db: Any) -> None:
    """What was said too long ago is unknown, never free."""
    bring(**{id_: [("Ottawa", GATINEAU)] for id_ in "abcd"})
    for id_, available, age in (("a", 2, 1), ("b", 0, 1), ("c", 2, 13)):
        said_at = TUESDAY - timedelta(hours=age)
        capacity = Capacity(
            service_id=world.north.id, directory_service_id=service(id_).id,
            available=available, updated_at=said_at,
        )  # fmt: skip
        db.session.add(capacity)
    db.session.flush()
    assert timedelta(hours=1) < GOOD_FOR < timedelta(hours=13)
    found = find(world, has_places=True)
    assert found.fits == [service("a").id]
    assert set(found.unsaid) == {service("c").id, service("d").id}
    assert found.left_out == {Ground.PLACES: 1}


def test_what_is_left_out_is_counted_once_by_the_first_reason() -> None:
    """The page says how many were left out: their sum is how many there are."""
    both = {Ground.LANGUAGE: Said.NO, Ground.AGE: Said.NO}
    one = {Ground.LANGUAGE: Said.NOTHING, Ground.AGE: Said.NO}
    fits, unsaid, left_out = filter_policy.sort_out([(uuid4(), both), (uuid4(), one)])
    assert (fits, unsaid) == ([], {})
    assert left_out == {Ground.LANGUAGE: 1, Ground.AGE: 1}
