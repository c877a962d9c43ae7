"""The pulse: how often something happened in a service and when last, so that silence is noticed.

Sweeps leave a beat at every turn, and the reminder machine counts what it does. Names and numbers
only: nothing here is about a person. It is what the worker's own clock, the health check and the
metrics read, since a process can only tell about itself and a worker may be gone.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from casework.database import Model, Moment, now
from casework.extensions import db


class Pulse(Model):
    """How often one thing happened in one service, and when last."""

    __tablename__ = "pulse"

    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    n: Mapped[int] = mapped_column(BigInteger, default=0)


class Beat(NamedTuple):
    """When something happened last, and how often so far."""

    at: datetime
    n: int


def count(service_id: UUID, happened: Mapping[str, int]) -> None:
    """Add to the counts of a service and note the time; names of which nothing happened stay out."""
    at = now()
    # In one order, so that two processes never wait for each other in a circle.
    rows = [
        {"service_id": service_id, "name": name, "at": at, "n": n}
        for name, n in sorted(happened.items())
        if n
    ]
    if rows:
        fresh = insert(Pulse).values(rows)
        db.session.execute(
            fresh.on_conflict_do_update(
                index_elements=["service_id", "name"],
                set_={"at": fresh.excluded.at, "n": Pulse.n + fresh.excluded.n},
            )
        )


def take_turn(service_id: UUID, name: str, *, silent_for: timedelta) -> bool:
    """Take the turn of a sweep that has been silent for so long; of several who try, one gets it."""
    at = now()
    fresh = insert(Pulse).values(service_id=service_id, name=name, at=at, n=1)
    taken = db.session.execute(
        fresh.on_conflict_do_update(
            index_elements=["service_id", "name"],
            set_={"at": at, "n": Pulse.n + 1},
            where=Pulse.at <= at - silent_for,
        ).returning(Pulse.name)
    )
    return taken.first() is not None


def of_service(service_id: UUID) -> dict[str, Beat]:
    """Give all that a service has counted, by name."""
    rows = db.session.execute(
        select(Pulse.name, Pulse.at, Pulse.n).where(Pulse.service_id == service_id)
    )
    return {name: Beat(at, n) for name, at, n in rows}
