"""What happened next: true outcomes, failures too, in controlled words, opened by choice."""

from typing import Any

import pytest

from casework import database
from casework.cases import services as cases
from casework.cases.models import NeedOutcome, Reason, Source
from casework.desk import outcome_feed, queries
from casework.directory.needs import NeedCode
from tests.desk.contacts import due_now


def settle(member: Any, case: Any, outcome: NeedOutcome, reason: Reason | None = None) -> None:
    cases.record_outcome(
        member.actor,
        case,
        case.needs[0],
        outcome=outcome,
        reason=reason,
        source=Source.PERSON_REPORTED,
    )
    database.commit()


@pytest.fixture
def feed(visitor: Any, world: Any) -> Any:
    """Open the page as a member of the cast."""

    def read(member: Any = None, whose: str = "mine") -> str:
        response = visitor(member or world.amina).get(f"/what-happened-next?whose={whose}")
        assert response.status_code == 200
        return str(response.get_data(as_text=True))

    return read


def test_a_good_outcome_is_told(feed: Any, world: Any, clock: Any) -> None:
    """The navigator who took the call learns how it went."""
    case = due_now(world.amina, clock)
    settle(world.amina, case, NeedOutcome.MET)
    page = feed()
    assert "Need met" in page
    assert "Food" in page
    assert case.ref in page
    assert "7 days after the call" in page


def test_a_failure_is_told_too_with_its_reason(feed: Any, world: Any, clock: Any) -> None:
    """Not met, why, and that it is counted."""
    case = due_now(world.amina, clock)
    settle(world.amina, case, NeedOutcome.UNMET, Reason.NO_FUNDS)
    page = feed()
    assert "Unmet" in page
    assert "No funds or stock" in page
    assert "counted" in page


def test_no_name_and_no_note_stands_there(feed: Any, world: Any, clock: Any) -> None:
    """Controlled words only."""
    case = due_now(world.amina, clock, name="Quetzalcoatl", note="Prefers tea.")
    settle(world.amina, case, NeedOutcome.MET)
    page = feed()
    assert "Quetzalcoatl" not in page
    assert "Prefers tea." not in page


def test_a_sensitive_case_does_not_name_its_need(feed: Any, world: Any, clock: Any) -> None:
    """She is safe: not where, not from what (R19)."""
    case = due_now(world.amina, clock, needs=(NeedCode.VIOLENCE_SHELTER,))
    settle(world.amina, case, NeedOutcome.MET)
    page = feed()
    assert "A need of a sensitive case" in page
    assert "violence" not in page.lower()


def test_a_colleagues_cases_are_not_mine(feed: Any, world: Any, clock: Any) -> None:
    """Mine are those I opened or look after."""
    case = due_now(world.amina, clock)
    settle(world.amina, case, NeedOutcome.MET)
    assert case.ref not in feed(world.louis)


def test_the_team_is_told_nothing_without_consent_and_number(
    feed: Any, world: Any, clock: Any
) -> None:
    """One outcome of one case is no story for a team (domain.md 7)."""
    case = due_now(world.amina, clock)
    settle(world.amina, case, NeedOutcome.MET)
    page = feed(world.sophie, "team")
    assert case.ref not in page
    assert "Nothing to tell yet" in page


def test_only_a_supervisor_reads_the_whole_service(feed: Any, world: Any, clock: Any) -> None:
    """A navigator who asks for all gets their own (R29)."""
    case = due_now(world.amina, clock)
    settle(world.amina, case, NeedOutcome.MET)
    assert case.ref in feed(world.sophie, "all")
    assert case.ref not in feed(world.louis, "all")


def test_another_service_reads_nothing(feed: Any, world: Any, clock: Any) -> None:
    """Two services, two stories."""
    case = due_now(world.amina, clock)
    settle(world.amina, case, NeedOutcome.MET)
    assert case.ref not in feed(world.outsider)


def test_pages_follow_one_another_without_gap_or_repeat(
    world: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, app: Any
) -> None:
    """Keyset paging: the place of the last line begins the next page."""
    monkeypatch.setattr(outcome_feed, "PAGE", 2)
    refs = set()
    for number in range(5):
        case = due_now(world.amina, clock, phone=f"+1514555010{number}")
        settle(world.amina, case, NeedOutcome.MET)
        refs.add(case.ref)
    seen: list[str | None] = []
    place = None
    with app.test_request_context():
        while True:
            page = outcome_feed.read_feed(world.amina.actor, queries.cases.Scope.MINE, place)
            seen += [item.ref for item in page.items]
            place = page.next_place
            if place is None:
                break
    assert len(seen) == 5
    assert set(seen) == refs


@pytest.mark.parametrize(
    "after", ["", "x", "1.2", "9" * 40 + ".00000000-0000-0000-0000-000000000000"]
)
def test_a_broken_place_is_the_first_page(visitor: Any, world: Any, after: str) -> None:
    """An address typed wrong shows the beginning."""
    page = visitor(world.amina).get(f"/what-happened-next?after={after}")
    assert page.status_code == 200
