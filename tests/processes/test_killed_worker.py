"""A worker killed with SIGKILL between claim and delivery: shown once, mailed once (engine.md section 3)."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from casework import database
from casework.background import Job
from casework.cases import services as cases
from casework.directory.needs import NeedCode
from casework.followups import services as followups
from tests.people.records import keep_person
from tests.processes.conftest import House, Post, wait_until
from tests.world import World

pytestmark = pytest.mark.processes
ZONE = "America/Toronto"


def overdue_call_back(house: House) -> tuple[uuid.UUID, uuid.UUID]:
    """Plan a call-back that has been due for an hour; give its service and its id."""
    with house.app.app_context():
        world = World.load()
        actual = database.now()
        database.clock.freeze(actual - timedelta(hours=2))
        person = keep_person(
            world.amina.actor, plan={"when": "any_time", "windows": [], "time_zone": ZONE}
        )
        case = cases.open_case(world.amina.actor, person, needs=[NeedCode.FOOD])
        due: datetime = (actual - timedelta(hours=1)).astimezone(ZoneInfo(ZONE))
        planned = followups.plan_call_back(
            world.amina.actor, case, local_day=due.date(), local_time=due.time().replace(second=0)
        )
        database.commit()
        database.clock.freeze(None)
        return world.north.id, planned.id


def _reminder(house: House) -> tuple[str, object, int]:
    row = house.rows("SELECT status, claim, attempts FROM reminder WHERE status <> 'cancelled'")[0]
    return row[0], row[1], row[2]


def test_the_reminder_is_delivered_once_after_the_restart(house: House, post: Post) -> None:
    _, follow_up_id = overdue_call_back(house)
    first = house.start_worker()
    # The test holds the row that delivery needs, so that the worker waits between claim and send.
    with house.connect() as holder:
        holder.execute(
            text("SELECT id FROM follow_up WHERE id = :id FOR UPDATE"), {"id": follow_up_id}
        )
        house.send(Job.CLAIM_REMINDERS)
        wait_until(lambda: _reminder(house)[1] is not None, "the worker never claimed")
        wait_until(
            lambda: house.rows(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() "
                "AND wait_event_type = 'Lock'"
            ),
            "the worker never came to the delivery",
        )
        house.kill(first)
        holder.rollback()
    status, lost_claim, attempts = _reminder(house)
    assert (status, attempts) == ("scheduled", 1)
    assert house.rows("SELECT 1 FROM notice") == []

    house.start_worker()
    # What the dead worker had taken ends with its lease; nobody has to find out that it died.
    house.rows("UPDATE reminder SET wake_at = now() - interval '1 second' WHERE claim IS NOT NULL")
    house.send(Job.CLAIM_REMINDERS)
    wait_until(lambda: _reminder(house)[0] == "shown", "the second worker never delivered")
    # The message of the first claim may still be redelivered: it finds nothing to do.
    service_id = house.rows("SELECT service_id FROM follow_up")[0][0]
    reminder_id = house.rows("SELECT id FROM reminder WHERE status = 'shown'")[0][0]
    house.send(Job.DELIVER_REMINDERS, service_id, reminder_id, lost_claim)
    house.send(Job.CLAIM_REMINDERS)
    wait_until(lambda: _mailed(house, post), "the mail never left")
    house.send(Job.CLAIM_LETTERS)
    house.send(Job.CLAIM_REMINDERS)
    wait_until(lambda: _is_idle(house), "the worker never came to rest")

    assert house.rows("SELECT kind FROM notice") == [("call_back_due",)]
    assert [row[0] for row in house.rows("SELECT status FROM letter")] == ["sent"]
    assert len(post.box.mails) == 1


def test_with_the_broker_wiped_nothing_is_lost(house: House, post: Post) -> None:
    """FLUSHALL between claim and delivery: the row is the schedule, the broker only carries ids."""
    overdue_call_back(house)
    with house.app.app_context():
        World.load()
        service_id = database.current_service()
        assert service_id is not None
        assert len(followups.claim(service_id)) == 1
        database.commit()
    house.flush_broker()
    house.start_worker()
    house.rows("UPDATE reminder SET wake_at = now() - interval '1 second' WHERE claim IS NOT NULL")
    house.send(Job.CLAIM_REMINDERS)
    wait_until(lambda: _reminder(house)[0] == "shown", "the reminder was lost with the broker")
    wait_until(lambda: _mailed(house, post), "the mail never left")
    assert house.rows("SELECT kind FROM notice") == [("call_back_due",)]
    assert len(post.box.mails) == 1


def _mailed(house: House, post: Post) -> bool:
    if not post.box.mails:
        house.send_again(Job.CLAIM_LETTERS)
    return bool(post.box.mails) and house.rows("SELECT status FROM letter") == [("sent",)]


def _is_idle(house: House) -> bool:
    return house.queue_length() == 0 and not house.rows(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' "
        "AND pid <> pg_backend_pid()"
    )
