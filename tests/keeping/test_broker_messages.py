"""Messages about erased rows are taken out of the broker; others stay, and a broker that is down harms nobody (R17)."""

import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from redis import Redis
from redis.exceptions import ConnectionError as BrokerDown
from sqlalchemy import select

from casework import background, cases, database
from casework.background import UNACKNOWLEDGED, Job, broker_client, forget_messages
from casework.cases.erasure_models import ErasureReason
from casework.extensions import db
from casework.followups.models import Reminder
from casework.notices.models import Letter, LetterKind
from tests.keeping import lives
from tests.referrals.scenes import ask
from tests.world import World


@pytest.fixture
def broker(app: Flask) -> Iterator[Redis]:
    """Give the broker's queue, empty before and after."""
    client = broker_client(app)
    client.delete("celery", UNACKNOWLEDGED, f"{UNACKNOWLEDGED}_index")
    yield client
    client.delete("celery", UNACKNOWLEDGED, f"{UNACKNOWLEDGED}_index")


def waiting(broker: Redis) -> str:
    """Give all that waits in the queue, read."""
    return "\n".join(
        b64decode(json.loads(raw)["body"]).decode() + str(json.loads(raw)["headers"])
        for raw in broker.lrange("celery", 0, -1)
    )


def send(world: World, job: Job, row_id: UUID) -> None:
    database.after_commit(job, world.north.id, row_id, uuid4())
    database.commit()


@pytest.fixture
def sent(world: World, broker: Redis) -> dict[str, Any]:
    """Let messages about a case and about somebody else's wait in the queue."""
    case = lives.open_case(world, lives.keep_person(world))
    ask(world, case=case)
    db.session.flush()
    reminder = db.session.scalars(select(Reminder.id)).first()
    letter = db.session.scalars(
        select(Letter.id).where(Letter.kind == LetterKind.AGENCY_REQUEST)
    ).one()
    other = uuid4()
    send(world, Job.DELIVER_REMINDERS, reminder)
    send(world, Job.SEND_LETTER, letter)
    send(world, Job.DELIVER_REMINDERS, other)
    return {"case": case, "reminder": str(reminder), "letter": str(letter), "other": str(other)}


def test_they_leave_with_the_commit_and_nobody_elses_do(
    world: World, broker: Redis, sent: dict[str, Any]
) -> None:
    cases.services.erase_case(world.amina.actor, sent["case"], reason=ErasureReason.PERSONS_WISH)
    assert sent["reminder"] in waiting(broker), "not before it is committed"
    database.commit()
    told = waiting(broker)
    assert sent["reminder"] not in told and sent["letter"] not in told
    assert sent["other"] in told


def test_what_a_worker_has_in_its_hands_leaves_too(
    world: World, broker: Redis, sent: dict[str, Any]
) -> None:
    for number, raw in enumerate(broker.lrange("celery", 0, -1)):
        broker.hset(UNACKNOWLEDGED, str(number), json.dumps([json.loads(raw), "", "celery"]))
        broker.zadd(f"{UNACKNOWLEDGED}_index", {str(number): 1})
    broker.delete("celery")
    forget_messages(UUID(sent["reminder"]), UUID(sent["letter"]))
    database.commit()
    [left] = broker.hvals(UNACKNOWLEDGED)
    assert sent["other"] in b64decode(json.loads(left)[0]["body"]).decode()
    assert broker.zcard(f"{UNACKNOWLEDGED}_index") == 1


def test_an_erasure_that_is_undone_drops_no_message(
    world: World, broker: Redis, sent: dict[str, Any]
) -> None:
    with pytest.raises(ZeroDivisionError), database.attempt():
        forget_messages(UUID(sent["reminder"]))
        raise ZeroDivisionError
    database.commit()
    assert sent["reminder"] in waiting(broker)
    forget_messages(UUID(sent["reminder"]))
    database.rollback()
    database.commit()
    assert sent["reminder"] in waiting(broker)


MALFORMED: list[str | bytes] = [
    "not json",
    b"\xff\xfe",
    "[]",
    "null",
    "7",
    '{"headers": {}}',
    '{"body": 5}',
    '{"body": "W10"}',
    '{"body": "é"}',
    '{"body": "/w=="}',
    "[" * 100_000,
]


@pytest.mark.parametrize("malformed", MALFORMED, ids=lambda raw: repr(raw[:20]))
def test_a_malformed_message_keeps_no_other_there(
    world: World, broker: Redis, sent: dict[str, Any], malformed: str | bytes
) -> None:
    broker.lpush("celery", malformed)
    broker.rpush("celery", malformed)
    broker.hset(UNACKNOWLEDGED, "bad", malformed)
    ids = [sent["reminder"], sent["letter"]]
    assert background.drop_messages(broker, "celery", ids) == 2
    broker.lrem("celery", 0, malformed)
    assert sent["other"] in waiting(broker)
    assert sent["reminder"] not in waiting(broker)
    assert broker.hlen(UNACKNOWLEDGED) == 1


def test_a_malformed_message_that_names_an_erased_row_goes_too(broker: Redis) -> None:
    row_id = str(uuid4())
    broker.rpush("celery", f"not json {row_id}", b"\xff" + row_id.encode())
    assert background.drop_messages(broker, "celery", [row_id]) == 2


def test_a_broker_that_is_down_undoes_no_erasure(
    world: World, sent: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its messages name rows that are gone: whoever takes one finds nothing to do."""

    def down(*_args: object) -> None:
        raise BrokerDown

    monkeypatch.setattr(background, "drop_messages", down)
    cases.services.erase_case(world.amina.actor, sent["case"], reason=ErasureReason.PERSONS_WISH)
    database.commit()
    assert db.session.scalars(select(Reminder)).all() == []
