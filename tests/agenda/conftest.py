"""What the tests of calendars and digests share: a navigator’s planned call, and their calendar."""

from collections.abc import Callable
from typing import Any

import pytest
from icalendar import Calendar

from casework import database
from casework.agenda import services
from tests.visitors import Visitor


@pytest.fixture
def fetch(app: Any, db: Any) -> Callable[[str], Calendar]:
    """Fetch a calendar as a program does: signed in nowhere, with the address alone."""

    def get(token: str) -> Calendar:
        answer = Visitor(app).get(f"/calendar/{token}.ics")
        assert answer.status_code == 200
        return Calendar.from_ical(answer.get_data())

    return get


@pytest.fixture
def token_of(db: Any) -> Callable[[Any], str]:
    """Make a member’s calendar address and give its token."""

    def make(member: Any) -> str:
        database.enter_service(member.service_id)
        return services.make_calendar_link(member.actor)

    return make
