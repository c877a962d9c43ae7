"""The cast of the tests: two services, and the people who work for them; "the outsider cannot" is one line."""

import uuid
from dataclasses import dataclass
from typing import Self

from sqlalchemy import select

from casework import accounts, database, directory
from casework.accounts.models import Account, Membership, Service
from casework.directory.models import Organization, OrganizationKind
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.security import AGENCY_ROLES, Actor, Role

PASSWORD = "quiet river under green bridge"

# Whose requests the member of an agency in the cast sees.
HOME = "Foyer du Pont"
# name, email local part, display name, role, locale
STAFF = (
    ("amina", "Amina R.", Role.NAVIGATOR, "en_CA"),
    ("louis", "Louis P.", Role.NAVIGATOR, "fr_CA"),
    ("sophie", "Sophie T.", Role.SUPERVISOR, "en_CA"),
    ("marc", "Marc D.", Role.ADMINISTRATOR, "fr_CA"),
    ("agency", "Louise B.", Role.PARTNER_LEAD, "fr_CA"),
)
ORGANIZATIONS = (
    ("Maison Rivage", OrganizationKind.VIOLENCE_SHELTER, NeedCode.VIOLENCE_SHELTER, True),
    ("Cedar Lane House", OrganizationKind.VIOLENCE_SHELTER, NeedCode.VIOLENCE_SHELTER, True),
    ("Maison des Érables", OrganizationKind.VIOLENCE_SHELTER, NeedCode.VIOLENCE_SHELTER, True),
    ("Foyer du Pont", OrganizationKind.SHELTER, NeedCode.SHELTER, False),
    ("Bridge House", OrganizationKind.SHELTER, NeedCode.SHELTER, False),
    ("Moisson du Quartier", OrganizationKind.FOOD_BANK, NeedCode.FOOD, False),
    ("Clinique Droits et Revenus", OrganizationKind.COMMUNITY, NeedCode.BENEFITS, False),
    ("Volunteer Wheels", OrganizationKind.TRANSPORT, NeedCode.TRANSPORT, False),
)


@dataclass(frozen=True)
class Member:
    """One member of the cast."""

    account_id: uuid.UUID
    service_id: uuid.UUID
    email: str
    role: Role
    password: str = PASSWORD
    organization_id: uuid.UUID | None = None

    @property
    def actor(self) -> Actor:
        """Who they are when they act."""
        return Actor.member(self.service_id, self.account_id, self.role, self.organization_id)


def people_the_world() -> None:
    """Write the cast into the template database; committed, once per run."""
    north = accounts.services.create_service(
        code="north",
        name_en="North River 211",
        name_fr="211 Rivière-du-Nord",
        time_zone="America/Toronto",
    )
    south = accounts.services.create_service(
        code="south",
        name_en="South Shore 211",
        name_fr="211 Rive-Sud",
        time_zone="America/Winnipeg",
    )
    database.enter_service(north.id)
    for name, display_name, role, locale in STAFF:
        accounts.services.add_member(
            north,
            email=f"{name}@north.example",
            display_name=display_name,
            role=role,
            password=PASSWORD,
            locale=locale,
        )
    _add_directory(north.id)
    _let_louise_in()
    database.commit()
    database.enter_service(south.id)
    accounts.services.add_member(
        south,
        email="outsider@south.example",
        display_name="Owen S.",
        role=Role.NAVIGATOR,
        password=PASSWORD,
        locale="en_CA",
    )
    _add_directory(south.id)
    database.commit()


def _add_directory(service_id: uuid.UUID) -> None:
    actor = Actor.command(service_id)
    for name, kind, need, is_confidential in ORGANIZATIONS:
        slug = name.lower().replace(" ", "-").replace("é", "e")
        organization = directory.services.add_organization(
            actor,
            name=name,
            kind=kind,
            phone="+15145550100",
            email=f"{slug}@agency.example",
            locale="fr_CA" if " du " in name or "Maison" in name else "en_CA",
            is_confidential=is_confidential,
        )
        directory.services.add_service(actor, organization_id=organization.id, need=need)


def _let_louise_in() -> None:
    """Louise coordinates Foyer du Pont."""
    home = db.session.scalars(select(Organization).where(Organization.name == HOME)).one()
    [louise] = db.session.scalars(select(Membership).where(Membership.role.in_(AGENCY_ROLES)))
    louise.organization_id = home.id


@dataclass
class World:
    """The cast, loaded; the session has entered the first service."""

    north: Service
    south: Service
    amina: Member
    louis: Member
    sophie: Member
    marc: Member
    agency: Member
    outsider: Member

    @classmethod
    def load(cls) -> Self:
        """Find the cast in the database of this test and enter its first service."""
        services = {service.code: service for service in db.session.scalars(select(Service))}
        members: dict[str, Member] = {}
        for code in ("south", "north"):
            database.enter_service(services[code].id)
            rows = db.session.execute(
                select(Membership, Account).join(Account, Account.id == Membership.account_id)
            )
            for membership, account in rows:
                name = account.email.split("@")[0]
                members[name] = Member(
                    account.id,
                    membership.service_id,
                    account.email,
                    membership.role,
                    organization_id=membership.organization_id,
                )
        # Whoever a scene added beside the cast has no name here.
        cast = {name: member for name, member in members.items() if name in cls.__annotations__}
        return cls(north=services["north"], south=services["south"], **cast)

    def organization(self, name: str) -> Organization:
        """Find one organisation of the first service by its name."""
        return db.session.scalars(
            select(Organization).where(
                Organization.name == name, Organization.service_id == self.north.id
            )
        ).one()
