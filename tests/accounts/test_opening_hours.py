"""A service says when it is open: who may, what is refused, and what is kept."""

from typing import Any

import pytest
from sqlalchemy import select

from casework.accounts import queries
from casework.accounts.opening import Province
from casework.audit import AuditEntry
from casework.public_holidays import PROVINCES

PAGE = "/opening-hours"
ALL_DAY = {"is_limited": "no", "holidays_of": "", "notice": "0"}
MONDAY = {"is_limited": "yes", "day_0-start": "08:00", "day_0-end": "20:00"}


def test_a_service_is_there_day_and_night_until_it_says_otherwise(world: Any, visitor: Any) -> None:
    page = visitor(world.sophie).get(PAGE).get_data(as_text=True)
    assert 'value="no" id="is_limited" checked' in page.replace("\n     ", "")


def test_hours_holidays_and_notice_are_kept_and_audited_as_numbers(
    db: Any, world: Any, visitor: Any
) -> None:
    changes = MONDAY | {"day_5-start": "18:00", "day_5-end": "02:00"}
    answer = visitor(world.marc).submit(
        PAGE, ALL_DAY | changes | {"holidays_of": "QC", "notice": "60"}
    )
    assert answer.status_code == 302
    service = queries.service_of(world.marc.actor)
    db.session.refresh(service)
    assert service.opening_hours == [
        {"days": [0], "start": "08:00", "end": "20:00"},
        {"days": [5], "start": "18:00", "end": "02:00"},
    ]
    assert (service.holidays_of, service.notice_minutes) == ("QC", 60)
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "service:hours:change")
    ).one()
    assert entry.detail == {"days": 2, "notice": 60}
    page = visitor(world.marc).get(PAGE).get_data(as_text=True)
    assert 'value="18:00"' in page


def test_half_a_day_is_refused_and_what_was_typed_stays(db: Any, world: Any, visitor: Any) -> None:
    fields = ALL_DAY | MONDAY | {"day_2-start": "07:45"}
    answer = visitor(world.sophie).submit(PAGE, fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Write two different times, or none." in page
    assert 'value="07:45"' in page
    assert queries.service_of(world.sophie.actor).opening_hours == []


@pytest.mark.parametrize("end", ["20:00Z", "20:00+01", "08:00:30"])
def test_a_time_that_no_wall_clock_shows_is_refused(world: Any, visitor: Any, end: str) -> None:
    answer = visitor(world.sophie).submit(PAGE, ALL_DAY | MONDAY | {"day_0-end": end})
    assert answer.status_code == 422
    assert "Write two different times, or none." in answer.get_data(as_text=True)


def test_no_open_day_at_all_is_refused(world: Any, visitor: Any) -> None:
    answer = visitor(world.sophie).submit(PAGE, ALL_DAY | {"is_limited": "yes"})
    assert answer.status_code == 422
    assert "Write the hours of at least one day" in answer.get_data(as_text=True)


def test_navigators_do_not_change_the_hours(world: Any, visitor: Any) -> None:
    assert visitor(world.amina).get(PAGE).status_code == 404


def test_every_province_whose_holidays_are_known_can_be_chosen() -> None:
    assert {province.value for province in Province} == set(PROVINCES)
