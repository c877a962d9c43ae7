"""Digests: counts by mail at a time on the reader’s wall, once, and only when they say something."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from casework import accounts, database
from casework.agenda import letters, policy, queries, services
from casework.agenda.queries import TeamNumbers
from casework.background import Job, sweeps
from casework.extensions import db as extension
from casework.followups.models import ReminderStatus
from casework.notices import queries as notice_queries
from casework.notices import services as notices
from casework.notices import tasks as notice_tasks
from casework.notices.models import Letter, LetterKind, LetterStatus
from casework.notices.policy import MailWishes
from casework.security import Role
from tests.followups.scenes import TORONTO, at, call_at, case_of, reminders_of

DAY, TEAM = LetterKind.DAY_DIGEST, LetterKind.TEAM_DIGEST


@pytest.fixture
def mails(app: Any, tmp_path: Path) -> Iterator[Any]:
    """Let letters leave into a folder of this test, and read their bytes."""
    settings = app.config["CASEWORK"]
    app.config["CASEWORK"] = replace(settings, mail_url=f"file:{tmp_path}")

    def leave(world: Any) -> list[bytes]:
        for old in tmp_path.glob("*.eml"):
            old.unlink()
        notice_tasks.run_once(world.north.id)
        return [path.read_bytes() for path in sorted(tmp_path.glob("*.eml"))]

    yield leave
    app.config["CASEWORK"] = settings


def choose(member: Any, **wishes: Any) -> None:
    notices.choose_mails(member.actor, wishes=MailWishes(**wishes))


def queued(kind: LetterKind) -> list[Letter]:
    return list(extension.session.query(Letter).filter_by(kind=kind))


def letter_to(member: Any, kind: LetterKind) -> Letter:
    return Letter(
        service_id=member.service_id,
        kind=kind,
        account_id=member.account_id,
        idempotency_key="test",
        wake_at=database.now(),
        created_at=database.now(),
    )


# --- when ------------------------------------------------------------------------------------------


def test_a_supervisor_hears_of_the_team_at_seven_and_at_seven_in_the_evening(
    world: Any, clock: Any
) -> None:
    clock.freeze(at(24, 6, 59))
    assert services.queue_digests(world.north.id) == 0
    clock.freeze(at(24, 7))
    assert services.queue_digests(world.north.id) == 1
    assert [letter.account_id for letter in queued(TEAM)] == [world.sophie.account_id]
    queued(TEAM)[0].status = LetterStatus.SENT
    clock.freeze(at(24, 19, 1))
    assert services.queue_digests(world.north.id) == 1
    walls = sorted(letter.idempotency_key[-16:] for letter in queued(TEAM))
    assert walls == ["2026-11-24T07:00", "2026-11-24T19:00"]


def test_twice_swept_is_once_queued_also_by_two_sweeps(world: Any, clock: Any) -> None:
    clock.freeze(at(24, 7))
    assert services.queue_digests(world.north.id) == 1
    for minutes in (0, 1, 30):
        clock.freeze(at(24, 7, minutes))
        assert services.queue_digests(world.north.id) == 0
    clock.freeze(at(24, 7))
    key = queued(TEAM)[0].idempotency_key
    queued(TEAM)[0].status = LetterStatus.CANCELLED
    assert not notices.queue_letter(
        world.sophie.actor, TEAM, account_id=world.sophie.account_id, idempotency_key=key
    )


def test_a_sweep_that_stood_still_says_nothing_stale(world: Any, clock: Any) -> None:
    clock.freeze(at(24, 9, 1))
    assert services.queue_digests(world.north.id) == 0


def test_the_sweep_is_on_the_timetable() -> None:
    assert str(Job.QUEUE_DIGESTS) in sweeps


@pytest.mark.parametrize("zone", ["America/Toronto", "America/St_Johns", "America/Regina"])
@pytest.mark.parametrize(("month", "day"), [(3, 8), (11, 1), (6, 15)])
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 7])
def test_a_time_on_the_wall_comes_once_a_day_whatever_clocks_do(
    zone: str, month: int, day: int, hour: int
) -> None:
    """DST both ways, a half-hour zone, one without: minute by minute, one digest in the day."""
    wishes = MailWishes(wants_day=True, day_begins=hour)
    moment = datetime(2026, month, day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    end = moment + timedelta(hours=26)
    walls: dict[str, datetime] = {}
    while moment < end:
        for slot in policy.slots_due(Role.NAVIGATOR, wishes, zone, moment):
            if slot.wall not in walls and slot.wall.startswith(f"2026-{month:02d}-{day:02d}"):
                assert moment == slot.due_at, "found in its very minute"
            assert walls.setdefault(slot.wall, slot.due_at) == slot.due_at
        moment += timedelta(minutes=1)
    today = [wall for wall in walls if wall.startswith(f"2026-{month:02d}-{day:02d}")]
    assert today == [f"2026-{month:02d}-{day:02d}T{hour:02d}:00"]
    shown = walls[today[0]].astimezone(ZoneInfo(zone))
    assert shown.hour == hour or (month, day, hour) == (3, 8, 2), "one that does not exist moves on"


# --- what ------------------------------------------------------------------------------------------


def test_my_day_is_told_to_who_wants_it_as_a_count_and_a_time(
    world: Any, clock: Any, mails: Any
) -> None:
    """The rendered bytes (R12)."""
    clock.freeze(at(23, 12))
    for member in (world.louis, world.amina):
        for _ in range(2):
            call_at(
                member.actor, case_of(member.actor, details={"safe_name": "Zyxwvut"}), at(24, 9)
            )
    choose(world.louis, wants_day=True, day_begins=8)
    choose(world.sophie, wants_team=False)
    clock.freeze(at(24, 8))
    services.queue_digests(world.north.id)
    [mail] = mails(world)
    # The number of a mail is drawn by lot, and may hold any three digits.
    text = "\r\n".join(
        line for line in mail.decode("ascii").split("\r\n") if "Message-ID" not in line
    )
    assert "To: louis@north.example" in text
    assert "2 rappels pr=C3=A9vus avant 11=C2=A0h=C2=A030. Ouvrez Casework." in text
    for forbidden in ("Zyxwvut", "555", "heron", "Food", "aliment", "211 follow", "crisis"):
        assert forbidden not in text


def test_the_team_is_told_in_counts_and_zeros_are_left_out(
    world: Any, clock: Any, mails: Any
) -> None:
    clock.freeze(at(20, 12))
    late = call_at(world.amina.actor, case_of(world.amina.actor), at(23, 9))
    case_of(world.amina.actor).owner_id = None
    [reminder] = reminders_of(late)
    reminder.status = ReminderStatus.DEAD
    clock.freeze(at(24, 7))
    call_at(world.amina.actor, case_of(world.amina.actor), at(24, 10))
    services.queue_digests(world.north.id)
    [mail] = mails(world)
    body = mail.decode("ascii").split("\r\n\r\n", 1)[1].replace("=\r\n", "").replace("\r\n", "\n")
    assert body == (
        "Overdue: 1\nDue today: 1\nNo agreed hour left: 1\nParked reminders: 1\nAssigned to nobody: 1\n\n"
        "Open Casework.\n\nhttp://localhost/team\n"
    )


def test_each_number_counts_what_it_names(world: Any, clock: Any) -> None:
    clock.freeze(at(20, 12))
    actor = world.amina.actor
    case_of(actor, consent_days=5)  # ends within 3 days of the 24th
    call_at(actor, case_of(actor), at(23, 9))
    clock.freeze(at(24, 7))
    extension.session.add(letter_to(world.amina, LetterKind.CALL_BACKS_DUE))
    queued(LetterKind.CALL_BACKS_DUE)[0].status = LetterStatus.UNKNOWN
    numbers = queries.team_numbers(world.sophie.actor, at(24, 7), at(25, 0))
    assert numbers == TeamNumbers(1, 0, 1, 0, 0, 1, 1)
    database.enter_service(world.south.id)
    assert queries.team_numbers(world.outsider.actor, at(24, 7), at(25, 0)).is_quiet


def test_no_digest_when_there_is_nothing_to_say(world: Any, clock: Any, mails: Any) -> None:
    clock.freeze(at(24, 7))
    choose(world.louis, wants_day=True, day_begins=7)
    assert services.queue_digests(world.north.id) == 2
    assert mails(world) == []
    assert {letter.status for letter in queued(TEAM) + queued(DAY)} == {LetterStatus.CANCELLED}


def test_no_digest_while_the_app_is_open_before_its_reader(world: Any, clock: Any) -> None:
    clock.freeze(at(23, 12))
    call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    clock.freeze(at(24, 8))
    letter = letter_to(world.amina, DAY)
    assert letters.day_digest(letter) is not None
    member = accounts.queries.membership_of(world.north.id, world.amina.account_id)
    assert member is not None
    accounts.services.begin_session(member)
    assert letters.day_digest(letter) is None
    clock.freeze(at(24, 8, 16))
    assert letters.day_digest(letter) is not None, "unused for a quarter of an hour"


def test_no_digest_to_somebody_who_may_no_longer_read_it(world: Any, clock: Any) -> None:
    clock.freeze(at(20, 12))
    call_at(world.amina.actor, case_of(world.amina.actor), at(23, 9))
    clock.freeze(at(24, 7))
    letter = letter_to(world.sophie, TEAM)
    assert letters.team_digest(letter) is not None
    member = accounts.queries.membership_of(world.north.id, world.sophie.account_id)
    assert member is not None
    accounts.member_services.change_role(world.marc.actor, member, role=Role.NAVIGATOR)
    assert letters.team_digest(letter) is None
    accounts.member_services.change_role(world.marc.actor, member, role=Role.SUPERVISOR)
    accounts.member_services.disable_member(world.marc.actor, member)
    assert letters.team_digest(letter) is None


# --- how often, and when not -----------------------------------------------------------------------


def test_at_most_one_mail_leaves_to_a_person_in_a_quarter_of_an_hour(
    world: Any, clock: Any, mails: Any
) -> None:
    """screens.md section 7: over all kinds together."""
    clock.freeze(at(23, 12))
    call_at(world.sophie.actor, case_of(world.sophie.actor), at(24, 9))
    choose(world.sophie, wants_day=True, day_begins=7)
    clock.freeze(at(24, 7))
    assert services.queue_digests(world.north.id) == 2
    assert len(mails(world)) == 1
    clock.freeze(at(24, 7, 14))
    assert mails(world) == []
    clock.freeze(at(24, 7, 15))
    assert len(mails(world)) == 1


def test_in_quiet_hours_a_mail_waits_for_their_end(world: Any, clock: Any, mails: Any) -> None:
    clock.freeze(at(23, 12))
    call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    choose(world.amina, wants_day=True, day_begins=7, quiet_from=21, quiet_until=8)
    choose(world.sophie, wants_team=False)
    clock.freeze(at(24, 7))
    services.queue_digests(world.north.id)
    assert mails(world) == []
    assert [letter.wake_at for letter in queued(DAY)] == [at(24, 8)]
    clock.freeze(at(24, 8))
    assert len(mails(world)) == 1


def test_what_is_not_wanted_by_mail_does_not_leave(world: Any, clock: Any, mails: Any) -> None:
    clock.freeze(at(23, 12))
    call_at(world.amina.actor, case_of(world.amina.actor), at(24, 9))
    choose(world.amina, wants_call_backs=False)
    clock.freeze(at(24, 9))
    notices.queue_letter(
        world.amina.actor,
        LetterKind.CALL_BACKS_DUE,
        account_id=world.amina.account_id,
        idempotency_key="one",
    )
    assert mails(world) == []
    assert [letter.status for letter in queued(LetterKind.CALL_BACKS_DUE)] == [
        LetterStatus.CANCELLED
    ]


@pytest.mark.parametrize(
    ("hour", "begins", "ends", "expected"),
    [
        (22, 21, 7, (25, 7)),
        (3, 21, 7, (24, 7)),
        (7, 21, 7, None),
        (20, 21, 7, None),
        (12, 11, 13, (24, 13)),
        (13, 11, 13, None),
        (12, None, None, None),
        (12, 12, 12, None),
    ],
)
def test_quiet_hours_may_lie_over_midnight(
    hour: int, begins: int | None, ends: int | None, expected: tuple[int, int] | None
) -> None:
    wishes = MailWishes(quiet_from=begins, quiet_until=ends)
    until = wishes.quiet_until_at(at(24, hour), str(TORONTO))
    assert until == (at(*expected) if expected else None)


# --- the pages -------------------------------------------------------------------------------------


def test_one_chooses_by_kind_and_the_app_stays_always_on(world: Any, visitor: Any) -> None:
    amina = visitor(world.amina)
    page = amina.get("/settings/messages").get_data(as_text=True)
    assert page.count("Always") == 2
    assert "Summary of the team" not in page
    answer = amina.post(
        "/settings/messages",
        {"wants_day": "y", "day_begins": "9", "quiet_from": "20", "quiet_until": "6"},
    )
    assert answer.status_code == 302
    database.enter_service(world.north.id)
    assert notice_queries.wishes_of(world.north.id, world.amina.account_id) == MailWishes(
        wants_call_backs=False, wants_day=True, day_begins=9, quiet_from=20, quiet_until=6
    )


def test_half_of_the_quiet_hours_is_explained_and_kept(world: Any, visitor: Any) -> None:
    amina = visitor(world.amina)
    answer = amina.submit("/settings/messages", {"day_begins": "9", "quiet_from": "20"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Choose both hours, or neither." in page
    assert '<option selected value="20">' in page


def test_a_supervisor_sees_the_same_numbers_in_the_app(
    world: Any, clock: Any, visitor: Any
) -> None:
    clock.freeze(at(20, 12))
    call_at(world.amina.actor, case_of(world.amina.actor), at(23, 9))
    clock.freeze(at(24, 7))
    page = visitor(world.sophie).get("/team").get_data(as_text=True)
    assert "1 call-back is overdue in the team." in page
    assert "Maya" not in page
