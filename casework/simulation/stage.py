"""The stages: services of their own in an empty database, one simulated time, and what comes next."""

import heapq
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from random import Random
from uuid import UUID, uuid4

from flask import Flask

from casework import accounts, database, directory
from casework.config import Environment, Settings
from casework.database import Refused
from casework.directory.models import OrganizationKind
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.security import Actor, ActorKind, Role
from casework.simulation import rows
from casework.simulation.judge import Judge
from casework.simulation.wishes import Life, Town

# Two services on one database: neither may see, hold back or hear of the other's calls.
SERVICES = 2
PASSWORD = "quiet river under green bridge"  # noqa: S105  the staff here is invented too
STAFF = (
    ("ada", Role.NAVIGATOR, "en_CA"),
    ("benoit", Role.NAVIGATOR, "fr_CA"),
    ("chi", Role.NAVIGATOR, "en_CA"),
    ("dora", Role.SUPERVISOR, "en_CA"),
)
AGENCIES = (
    ("Simulated House", OrganizationKind.SHELTER, NeedCode.SHELTER),
    ("Simulated Refuge", OrganizationKind.VIOLENCE_SHELTER, NeedCode.VIOLENCE_SHELTER),
    ("Simulated Pantry", OrganizationKind.FOOD_BANK, NeedCode.FOOD),
)


class NotEmpty(Exception):
    """There is work of a real service in this database: nothing is simulated beside it."""


class InProduction(Exception):
    """Simulated time never runs where real people are called."""


class Killed(BaseException):
    """What the death of a worker amounts to; no part of the application can catch it as an error."""


@dataclass(frozen=True)
class Colleague:
    """One invented member of staff."""

    actor: Actor
    account_id: UUID
    email: str
    role: Role


@dataclass
class Timeline:
    """What all services on the database share: the time, what comes next, and who looks on."""

    at: datetime
    stages: list["Stage"] = field(default_factory=list)
    observers: list[Callable[[], None]] = field(default_factory=list)
    # When the broker last lost everything.
    wiped_at: datetime | None = None
    _queue: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _number: "count[int]" = field(default_factory=count)

    def later(self, at: datetime, act: Callable[[], None]) -> None:
        """Put an act on the queue; what lies in the past happens next."""
        heapq.heappush(self._queue, (max(at, self.at), next(self._number), act))

    def play(self, until: datetime, is_over: Callable[[], bool]) -> None:
        """Let everything happen, in order, each act at its own time."""
        while self._queue and self._queue[0][0] <= until and not is_over():
            self.at, _, act = heapq.heappop(self._queue)
            database.clock.freeze(self.at)
            act()
        if self._queue and not is_over():
            self.at = until

    def stage_of(self, service_id: UUID) -> "Stage":
        """Give the stage of a service."""
        return next(stage for stage in self.stages if stage.service_id == service_id)


@dataclass
class Stage:
    """One service with its staff, its agencies and its people; everything its acts share."""

    app: Flask
    seed: int
    timeline: Timeline
    service_id: UUID
    staff: list[Colleague]
    agencies: dict[NeedCode, UUID]
    addresses: frozenset[str]
    town: Town
    judge: Judge
    tally: Counter[str] = field(default_factory=Counter)
    # The held places that were given back and have been judged, by case and request.
    released: set[tuple[UUID, UUID]] = field(default_factory=set)
    # How many of the calls also look at the real page.
    share_of_pages: float = 0.05

    @property
    def at(self) -> datetime:
        """The simulated time."""
        return self.timeline.at

    def dice(self, *names: object) -> Random:
        """Give dice of their own to one thread of events, the same for the same seed."""
        return Random(":".join(str(name) for name in (self.seed, *names)))  # noqa: S311

    def later(self, at: datetime, act: Callable[[], None]) -> None:
        """Put an act on the queue that all services share."""
        self.timeline.later(at, act)

    def do(self, name: str, act: Callable[[], object]) -> bool:
        """Run one act as one transaction, then let everybody look; a refusal undoes it and is counted."""
        database.enter_service(self.service_id)
        try:
            act()
            database.commit()
            self.tally[name] += 1
            return True
        except Refused as refusal:
            database.rollback()
            self.tally[f"refused: {type(refusal).__name__}"] += 1
            return False
        except Killed:
            database.rollback()
            self.tally["killed in the middle"] += 1
            return False
        finally:
            # Everybody looks with fresh eyes: nothing that the act has loaded is believed.
            db.session.expunge_all()
            for look in self.timeline.observers:
                look()
            db.session.remove()

    def life_of(self, case_id: UUID) -> Life | None:
        """Give whose case this is, or None when it was never one of ours or is erased."""
        return self.town.lives.get(case_id)

    def touch(self, life: Life) -> None:
        """Note that something was done about somebody just now."""
        self.town.touch(life, self.at)

    def navigators(self) -> list[Colleague]:
        """List who makes calls."""
        return [colleague for colleague in self.staff if colleague.role is Role.NAVIGATOR]

    def colleague(self, account_id: UUID | None) -> Colleague | None:
        """Find one member of staff by their account."""
        return next((each for each in self.staff if each.account_id == account_id), None)


def set_the_stages(app: Flask, *, seed: int, start: datetime, services: int = SERVICES) -> Timeline:
    """Make services of invented staff in a database without cases; raise NotEmpty or InProduction."""
    settings: Settings = app.config["CASEWORK"]
    if settings.environment is Environment.PRODUCTION:
        raise InProduction
    for service_id in accounts.queries.every_service_id():
        database.enter_service(service_id)
        if rows.has_cases(service_id):
            raise NotEmpty
    database.clock.freeze(start)
    timeline, outages = Timeline(start), list[tuple[datetime, datetime]]()
    for _ in range(services):
        timeline.stages.append(_set_one(app, seed, timeline, outages))
    with suppress(KeyError):
        db.session.info.pop("jobs")
    db.session.remove()
    return timeline


def _set_one(
    app: Flask, seed: int, timeline: Timeline, outages: list[tuple[datetime, datetime]]
) -> Stage:
    service = accounts.services.create_service(
        code=f"sim-{uuid4().hex[:8]}",
        name_en="Simulated 211",
        name_fr="211 simulé",
        time_zone="America/Toronto",
    )
    database.enter_service(service.id)
    staff = [_colleague(service, name, role, locale) for name, role, locale in STAFF]
    actor, agencies, mails = Actor.command(service.id), {}, set()
    for name, kind, need in AGENCIES:
        mail = f"{kind.value.replace('_', '-')}@{service.code}.agency.example"
        agency = directory.services.add_organization(
            actor, name=name, kind=kind, phone="+15145550100", email=mail, locale="en_CA"
        )
        directory.services.add_service(actor, organization_id=agency.id, need=need)
        agencies[need] = agency.id
        mails.add(mail)
    id_ = service.id
    database.commit()
    town = Town()
    addresses = frozenset(mails | {each.email for each in staff})
    judge = Judge(town, outages=outages)
    return Stage(app, seed, timeline, id_, staff, agencies, addresses, town, judge)


def _colleague(service: accounts.models.Service, name: str, role: Role, locale: str) -> Colleague:
    email = f"{name}@{service.code}.example"
    member = accounts.services.add_member(
        service,
        email=email,
        display_name=f"{name.title()} S.",
        role=role,
        password=PASSWORD,
        locale=locale,
    )
    actor = Actor(ActorKind.STAFF, service.id, member.account_id, role)
    return Colleague(actor, member.account_id, email, role)
