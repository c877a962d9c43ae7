"""The supervisor's pages: numbers that identify nobody, and who did what."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from casework import database
from casework.audit import EntryFilter, entries
from casework.cases import services as cases
from casework.cases.models import ClosureCode, NeedOutcome, Reason, Source
from casework.directory.needs import NeedCode, NeedGroup
from casework.oversight import queries
from casework.oversight.counting import Ending, make_report
from casework.oversight.policy import Span, period_of
from casework.people import services as people
from casework.people.models import Channel
from tests.desk.contacts import NOW, open_case

TORONTO = ZoneInfo("America/Toronto")


def many(world: Any, number: int, outcome: NeedOutcome, reason: Reason | None = None) -> None:
    for place in range(number):
        case = open_case(
            world.amina, phone=f"+1514555{1000 + place + 100 * len(outcome):04d}", calls=False
        )
        cases.record_outcome(
            world.amina.actor,
            case,
            case.needs[0],
            outcome=outcome,
            reason=reason,
            source=Source.PERSON_REPORTED,
        )
    database.commit()


def test_periods_are_whole_days_of_the_readers_calendar() -> None:
    """Seven days are today and the six before it, from midnight to midnight."""
    at = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # still the 24th in Toronto
    period = period_of(Span.WEEK, at, TORONTO)
    assert (period.first, period.last) == (date(2026, 11, 18), date(2026, 11, 24))
    assert period.starts_at.isoformat() == "2026-11-18T00:00:00-05:00"
    assert period.ends_at.isoformat() == "2026-11-25T00:00:00-05:00"


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 11, 1), date(2026, 11, 10), (date(2026, 11, 1), date(2026, 11, 10))),
        (date(2026, 11, 20), date(2026, 11, 10), (date(2026, 11, 10), date(2026, 11, 10))),
        (date(2026, 11, 1), date(2030, 1, 1), (date(2026, 11, 1), date(2026, 11, 24))),
        (None, None, (date(2026, 11, 24), date(2026, 11, 24))),
    ],
)
def test_dates_of_ones_own_are_put_in_order(
    first: date | None, last: date | None, expected: tuple[date, date]
) -> None:
    """An end before its beginning, or in the future, is brought back."""
    period = period_of(Span.DATES, NOW, TORONTO, first=first, last=last)
    assert (period.first, period.last) == expected


def test_few_cases_show_no_number_at_all(visitor: Any, world: Any, clock: Any) -> None:
    """Under the minimum the page says so, and prints nothing (R25)."""
    clock.freeze(NOW)
    many(world, 10, NeedOutcome.MET)
    page = visitor(world.sophie).get("/outcomes").get_data(as_text=True)
    assert "Too few cases to show" in page
    # No bar of a chart: those carry their share as a width in percent.
    assert not re.search(r'<rect width="[\d.]+%', page)


def test_enough_cases_show_numbers_and_a_finding(visitor: Any, world: Any, clock: Any) -> None:
    """Picture and table come from one count; there is no total (R25, screens.md 8)."""
    clock.freeze(NOW)
    many(world, 21, NeedOutcome.MET)
    page = visitor(world.sophie).get("/outcomes").get_data(as_text=True)
    assert page.count(">21<") == 2  # beside the bar, and in its table
    assert "hidden" in page
    assert "Total" not in page
    assert "Read with care" in page


def test_cases_opened_in_error_are_not_counted(world: Any, clock: Any) -> None:
    """What never was a case says nothing about needs."""
    clock.freeze(NOW)
    many(world, 2, NeedOutcome.MET)
    wrong = open_case(world.amina, phone="+15145559999", calls=False)
    cases.close_case(world.amina.actor, wrong, closure=ClosureCode.OPENED_IN_ERROR)
    database.commit()
    period = period_of(Span.WEEK, NOW, TORONTO)
    counted = queries.needs_counted(world.sophie.actor, period)
    assert sum(tally.n for tally in counted) == 2


def test_needs_outside_the_period_are_not_counted(world: Any, clock: Any) -> None:
    """A need counts in the days in which it was raised."""
    clock.freeze(NOW - timedelta(days=40))
    open_case(world.amina, calls=False)
    clock.freeze(NOW)
    wide, narrow = (period_of(span, NOW, TORONTO) for span in (Span.QUARTER, Span.MONTH))
    assert len(queries.needs_counted(world.sophie.actor, wide)) == 1
    assert queries.needs_counted(world.sophie.actor, narrow) == []


def test_another_services_needs_are_not_counted(world: Any, clock: Any) -> None:
    """Two services, two reports."""
    clock.freeze(NOW)
    open_case(world.amina, needs=(NeedCode.FOOD,), calls=False)
    database.enter_service(world.south.id)
    assert queries.needs_counted(world.outsider.actor, period_of(Span.WEEK, NOW, TORONTO)) == []


def test_contacts_without_a_record_are_counted_too(world: Any, clock: Any) -> None:
    """R1's counter reaches the report, under the same minimum (R25)."""
    clock.freeze(NOW)
    for _ in range(11):
        people.count_anonymous(
            world.amina.actor, channel=Channel.PHONE, language="en", needs=[NeedCode.FOOD]
        )
    database.commit()
    counted = queries.anonymous_counted(world.sophie.actor, period_of(Span.WEEK, NOW, TORONTO))
    assert make_report([], counted).anonymous[NeedGroup.FOOD] == 11


def test_the_reason_and_the_kind_of_unmet_reach_the_report(world: Any, clock: Any) -> None:
    """Unmet comes with its kind and its reason (domain.md 5)."""
    clock.freeze(NOW)
    many(world, 20, NeedOutcome.UNMET, Reason.NO_FUNDS)
    period = period_of(Span.WEEK, NOW, TORONTO)
    report = make_report(queries.needs_counted(world.sophie.actor, period), {})
    shown = {end: row for end, row in report.reasons.items() if row}
    assert list(shown.values()) == [{Reason.NO_FUNDS: 20}]
    assert report.endings[next(iter(shown))] == 20
    assert report.endings[Ending.MET] is None


@pytest.mark.parametrize("url", ["/outcomes", "/audit"])
@pytest.mark.parametrize("who", ["amina", "marc", "agency", "outsider"])
def test_only_supervisors_find_these_pages(visitor: Any, world: Any, url: str, who: str) -> None:
    """Everybody else gets 404."""
    assert visitor(getattr(world, who)).get(url).status_code == 404


@pytest.mark.parametrize(
    "query", ["span=never", "span=dates&first=x", "span=dates&first=2026-13-40", "span=7&last="]
)
def test_an_unreadable_period_is_the_last_thirty_days(visitor: Any, world: Any, query: str) -> None:
    """An address typed wrong never crashes the page."""
    assert visitor(world.sophie).get(f"/outcomes?{query}").status_code in (200, 422)


def test_the_audit_says_who_what_why_and_which_case(visitor: Any, world: Any, clock: Any) -> None:
    """Words for codes, the case by its reference, never a value (R21)."""
    clock.freeze(NOW)
    case = open_case(world.amina, name="Quetzalcoatl")
    visitor(world.amina).get(f"/cases/{case.ref}")
    page = visitor(world.sophie).get("/audit").get_data(as_text=True)
    assert "Read a case" in page
    assert "Amina R." in page
    assert "The case page" in page
    assert case.ref in page
    assert "Quetzalcoatl" not in page
    assert "0142" not in page


def test_reading_the_audit_is_in_the_audit(visitor: Any, world: Any) -> None:
    """Whoever watches is watched too (R21)."""
    visitor(world.sophie).get("/audit?action=case:read")
    entry = entries(world.sophie.actor, EntryFilter(action="audit:read"))[0]
    assert entry.actor_id == world.sophie.account_id
    assert entry.detail == {"action": "case:read"}


def test_the_audit_narrows_to_a_case_a_person_and_a_day(
    visitor: Any, world: Any, clock: Any
) -> None:
    """Filters combine; a reference nobody has says so."""
    clock.freeze(NOW)
    one = open_case(world.amina, phone="+15145550101")
    other = open_case(world.amina, phone="+15145550102")
    browser = visitor(world.sophie)
    page = browser.get(f"/audit?case={one.ref.lower()}").get_data(as_text=True)
    assert one.ref in page
    assert f">{other.ref}<" not in page
    assert "No entry fits" in browser.get("/audit?day=2020-01-01").get_data(as_text=True)
    nobody = browser.get("/audit?case=C-222222")
    assert "No case has this reference." in nobody.get_data(as_text=True)
    assert "Opened a case</td>" not in nobody.get_data(as_text=True)
    by_louis = f"/audit?actor={world.louis.account_id}"
    assert "No entry fits" in browser.get(by_louis).get_data(as_text=True)


def test_the_audits_pages_follow_one_another(
    visitor: Any, world: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keyset paging: older entries, and back to the newest."""
    clock.freeze(NOW)
    open_case(world.amina)
    monkeypatch.setattr(queries, "PAGE", 3)
    browser = visitor(world.sophie)
    page = browser.get("/audit").get_data(as_text=True)
    assert "before=" in page
    older = page.split('rel="next" href="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    assert 'rel="prev"' in browser.get(older).get_data(as_text=True)


def test_another_services_entries_are_not_listed(visitor: Any, world: Any, clock: Any) -> None:
    """A supervisor reads one service only."""
    clock.freeze(NOW)
    visitor(world.outsider).get("/my-day")
    assert "Owen S." not in visitor(world.sophie).get("/audit").get_data(as_text=True)
