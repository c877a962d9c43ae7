"""My day: whom to call now, by the end of the agreed hours, and nobody without a reason."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from casework import database, people
from casework.audit import EntryFilter, entries, subjects_of
from casework.cases import services as cases
from casework.desk import my_day
from casework.desk.words import until_line
from casework.directory.needs import NeedCode
from casework.extensions import db as db_extension
from casework.followups.models import FollowUp, FollowUpKind
from casework.people.models import Person, WhenToCall
from tests.desk.contacts import NOW, due_now, open_case, window


def lane(page: str, name: str) -> str:
    """Cut one lane out of the page."""
    found = re.search(rf'<section class="lane" id="{name}">(.*?)</section>', page, re.S)
    return found.group(1) if found else ""


@pytest.fixture
def day(visitor: Any, world: Any) -> Any:
    """Open My day as a member of the cast."""

    def read(member: Any = None) -> str:
        response = visitor(member or world.amina).get("/my-day")
        assert response.status_code == 200
        return str(response.get_data(as_text=True))

    return read


def test_an_empty_day_says_so(day: Any, world: Any) -> None:
    """One sentence, and what the lane would hold."""
    page = day()
    assert "Nobody is to be called today." in page
    assert "Nobody is waiting for a call at this moment." in page


def test_somebody_due_within_agreed_hours_can_be_called(day: Any, world: Any, clock: Any) -> None:
    """The row has the safe name, the reference, the end of the hours and one button (R10)."""
    case = due_now(world.amina, clock)
    page = day()
    assert "1 person can be called now, within agreed hours." in page
    row = lane(page, "now")
    assert "Maya" in row
    assert case.ref in row
    assert "Until 5\u00a0p.m." in row
    assert "Start call" in row


def test_outside_the_agreed_hours_there_is_no_phone_button(
    day: Any, world: Any, clock: Any
) -> None:
    """Before the hours begin the row waits in Later today (R10)."""
    due_now(world.amina, clock, windows=[window("14:00", "16:00")])
    page = day()
    assert "Start call" not in page
    assert "Before 2\u00a0p.m. nobody can be called." in page
    assert "From 2\u00a0p.m." in lane(page, "later")


def test_those_who_will_call_us_stay_without_a_button(day: Any, world: Any, clock: Any) -> None:
    """“Do not call” rows are not forgotten, and have no phone button (screens.md 3)."""
    due_now(world.amina, clock, when=WhenToCall.WILL_CALL_US)
    page = day()
    assert "Start call" not in page
    assert "Do not call" in lane(page, "later")
    assert "They will call us" in lane(page, "later")


def test_a_case_not_to_be_called_stands_there_once(day: Any, world: Any, clock: Any) -> None:
    """However many calls are planned, whom not to call is said once."""
    clock.freeze(NOW)
    case = open_case(world.amina, when=WhenToCall.WILL_CALL_US)
    clock.freeze(NOW + timedelta(days=31))
    row = lane(day(), "later")
    assert row.count(f'href="/cases/{case.ref}"') == 2  # the title and the button of one row
    assert row.count("Do not call") == 1


def test_in_the_evening_tomorrow_is_in_sight(day: Any, world: Any, clock: Any) -> None:
    """What comes next reaches beyond midnight, eighteen hours at least, and says so."""
    case = due_now(world.amina, clock, windows=[window("09:00", "11:00")])
    assert "Later today and tomorrow" not in day()
    clock.freeze(datetime(2026, 12, 1, 4, 0, tzinfo=UTC))  # 11 p.m. the evening before
    page = day()
    assert "Later today and tomorrow" in page
    assert case.ref in lane(page, "later")
    assert "Tomorrow 10\u00a0a.m." in lane(page, "later")
    assert "Before 10\u00a0a.m. tomorrow nobody can be called." in page


def test_what_is_due_stands_in_sight_though_its_hours_are_days_away(
    day: Any, world: Any, clock: Any
) -> None:
    """R10: due, no hour today, one before the deadline: it waits in its lane with its day."""
    case = due_now(world.amina, clock, windows=[window("09:00", "11:00")])
    follow_up = database_follow_up(case.id)
    off = [{"first": "2026-12-01", "last": "2026-12-03"}]
    people.services.change_plan(world.amina.actor, case.person, plan={"dates_off": off})
    follow_up.latest_at = datetime(2026, 12, 20, tzinfo=UTC)
    page = day()
    assert case.ref in lane(page, "later")
    assert "From Friday" in lane(page, "later")
    assert "Before Friday, December 4 nobody can be called." in page
    off = [{"first": "2026-12-01", "last": "2026-12-09"}]
    people.services.change_plan(world.amina.actor, case.person, plan={"dates_off": off})
    assert "From Dec 10" in lane(day(), "later")
    follow_up.latest_at = datetime(2026, 12, 9, tzinfo=UTC)
    assert case.ref in lane(day(), "no-window")


def test_what_comes_next_stands_by_the_clock_whatever_it_is_for(
    day: Any, world: Any, clock: Any
) -> None:
    """An answer to tell comes first once it can be told; before that the lane is read as a clock."""
    clock.freeze(NOW)
    soon = open_case(world.amina, phone="+15145550101", windows=[window("13:00", "15:00")])
    later = open_case(world.amina, phone="+15145550102", windows=[window("16:00", "18:00")])
    clock.freeze(datetime(2026, 12, 1, 16, 0, tzinfo=UTC))
    database_follow_up(later.id).kind = FollowUpKind.TELL_PERSON
    database.commit()
    rows = lane(day(), "later")
    assert rows.index(soon.ref) < rows.index(later.ref)


def test_any_time_is_said_so_without_a_date_far_away(day: Any, world: Any, clock: Any) -> None:
    """Its end is the consent's, weeks away: no hour to keep, and none on their clock either."""
    due_now(world.amina, clock, when=WhenToCall.ANY_TIME, zone="America/Winnipeg")
    row = lane(day(), "now")
    assert "Any time" in row
    assert "their time" not in row
    assert "Until" not in row


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(hours=2, minutes=30), "Until 12:30\u00a0p.m."),
        (timedelta(hours=15), "Until tomorrow"),
        (timedelta(days=3), "Until Friday"),
        (timedelta(days=30), "Until Dec 24"),
    ],
)
def test_how_long_is_said_in_two_or_three_words(app: Any, ahead: timedelta, words: str) -> None:
    """A chip is one short line."""
    with app.test_request_context("/my-day"):
        assert until_line(NOW + ahead, NOW) == words


def test_without_an_agreed_hour_left_a_human_decides(day: Any, world: Any, clock: Any) -> None:
    """The row turns red instead of moving by itself (R10)."""
    case = due_now(world.amina, clock)
    follow_up = database_follow_up(case.id)
    follow_up.window_opens_at = follow_up.window_closes_at = None
    database.commit()
    page = day()
    assert "No agreed hour left" in lane(page, "no-window")
    assert "Start call" not in page


def database_follow_up(case_id: Any) -> FollowUp:
    from_case = select(FollowUp).where(FollowUp.case_id == case_id).order_by(FollowUp.due_at)
    return db_extension.session.scalars(from_case).first()  # type: ignore[return-value]


def test_the_earliest_end_of_hours_comes_first(day: Any, world: Any, clock: Any) -> None:
    """The order is the end of the agreed window, not the due time (screens.md 3)."""
    clock.freeze(NOW)
    late = open_case(world.amina, phone="+15145550101", windows=[window("09:00", "20:00")])
    soon = open_case(world.amina, phone="+15145550102", windows=[window("09:00", "12:00")])
    clock.freeze(datetime(2026, 12, 1, 16, 0, tzinfo=UTC))
    row = lane(day(), "now")
    assert row.index(soon.ref) < row.index(late.ref)


def test_the_window_stands_on_the_persons_clock_too(day: Any, world: Any, clock: Any) -> None:
    """A person in Winnipeg is called by Winnipeg's clock, and the row says so."""
    due_now(world.amina, clock, zone="America/Winnipeg", windows=[window("09:00", "11:00")])
    row = lane(day(), "now")
    assert "their time, Winnipeg: 9\u00a0a.m. to 11\u00a0a.m." in row
    assert "Until 12\u00a0p.m." in row


def test_the_needs_of_a_sensitive_case_are_not_listed(day: Any, world: Any, clock: Any) -> None:
    """A list says that a case is sensitive, not why (R19)."""
    clock.freeze(NOW)
    asked = (date(2026, 11, 26), time(10, 0))
    open_case(world.amina, needs=(NeedCode.VIOLENCE_SHELTER,), first_call=asked)
    clock.freeze(datetime(2026, 11, 26, 15, 30, tzinfo=UTC))
    row = lane(day(), "now")
    assert "Sensitive case" in row
    assert "violence" not in row.lower()


def test_hidden_names_leave_references_only(visitor: Any, world: Any, clock: Any) -> None:
    """Hide names works on the server, for this session, and opens nothing."""
    case = due_now(world.amina, clock, name="Quetzalcoatl")
    browser = visitor(world.amina)
    browser.get("/my-day")
    browser.post("/hide-names", {"next": "/my-day"})
    page = browser.get("/my-day").get_data(as_text=True)
    assert "Quetzalcoatl" not in page
    assert case.ref in page


def test_reading_the_list_is_one_entry_with_its_people(
    day: Any, world: Any, clock: Any, db: Any
) -> None:
    """One audit entry for a view, whoever stands in it as its subjects (R21)."""
    due_now(world.amina, clock, phone="+15145550101")
    due_now(world.amina, clock, phone="+15145550102")
    day()
    found = entries(world.sophie.actor, EntryFilter(action="person:list"))
    assert len(found) == 1
    people = set(db.session.scalars(select(Person.id)))
    assert set(subjects_of(world.sophie.actor, found)[found[0].seq]) == people


def test_an_unassigned_case_can_be_taken(visitor: Any, world: Any, clock: Any, day: Any) -> None:
    """Anybody of the service takes it; until then it shows a reference and no name."""
    case = due_now(world.amina, clock, name="Quetzalcoatl")
    cases.assign(world.amina.actor, case, owner_id=None)
    database.commit()
    page = day(world.louis)
    assert case.ref in lane(page, "unassigned")
    assert "Quetzalcoatl" not in page
    browser = visitor(world.louis)
    browser.get("/my-day")
    assert browser.post(f"/cases/{case.ref}/take").status_code == 302
    assert case.ref in lane(day(world.louis), "now")


def test_another_services_navigator_sees_nothing(day: Any, world: Any, clock: Any) -> None:
    """Two services, two days."""
    case = due_now(world.amina, clock)
    assert case.ref not in day(world.outsider)


def test_fifty_rows_take_ten_queries(world: Any, clock: Any, db: Any, app: Any) -> None:
    """Lanes, names and needs of a full day are read together."""
    clock.freeze(NOW)
    for number in range(50):
        open_case(world.amina, phone=f"+1514555{number + 100:04d}")
    clock.freeze(NOW + timedelta(days=7, minutes=30))
    db.session.expunge_all()
    seen: list[str] = []
    connection = db.session.connection()

    def remember(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if (
            statement.lstrip().upper().startswith(("SELECT", "WITH"))
            and "set_config" not in statement
        ):
            seen.append(statement)

    event.listen(connection, "before_cursor_execute", remember)
    try:
        with app.test_request_context("/my-day"):
            read = my_day.read_day(world.amina.actor, hides_names=False)
    finally:
        event.remove(connection, "before_cursor_execute", remember)
    assert len(read.now.rows) == 50
    assert all(row.name == "Maya" for row in read.now.rows)
    assert len(seen) <= 10, "\n\n".join(seen)
