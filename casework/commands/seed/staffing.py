"""The services of the demo, their staff, and the agencies of their directories."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from casework import accounts, audit, database, directory
from casework.accounts.models import Account, Membership, Service
from casework.cases.models import Case
from casework.commands.seed import words
from casework.commands.seed.words import AgencyPlan, ServicePlan
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.security import Actor, Role

Agencies = dict[NeedCode, list[UUID]]


@dataclass(frozen=True)
class Staffed:
    """One service ready for work: its navigators by the order of words.py, its agencies by need."""

    service_id: UUID
    time_zone: str
    members: dict[str, Actor]
    locales: dict[str, str]
    agencies: Agencies
    names: dict[str, UUID]

    @property
    def navigators(self) -> list[str]:
        """The addresses of those who take calls."""
        return [email for email, actor in self.members.items() if actor.role is Role.NAVIGATOR]


def staff(plan: ServicePlan) -> Staffed:
    """Make a service with staff and directory, or keep the one that is there; enters it."""
    service = accounts.queries.service_by_code(plan.code)
    if service is None:
        service = accounts.services.create_service(
            code=plan.code,
            name_en=plan.name_en,
            name_fr=plan.name_fr,
            time_zone=plan.time_zone,
            locale=plan.staff[0].locale,
            privacy_contact=f"privacy@{plan.code}.example",
        )
    database.enter_service(service.id)
    members = _members(service, plan)
    agencies, by_name = _directory(Actor.command(service.id), plan)
    _let_agencies_in(service, by_name)
    return Staffed(
        service.id,
        plan.time_zone,
        {member.account.email: accounts.services.actor_of(member) for member in members},
        {member.account.email: member.account.locale for member in members},
        agencies,
        by_name,
    )


def add_navigators(plan: ServicePlan, count: int) -> list[UUID]:
    """Add navigators without names until the service has so many of them; give the ids of them all.

    They sign in with the passphrase of everybody else: its hash is computed once, not five hundred
    times.
    """
    service = accounts.queries.service_by_code(plan.code)
    if service is None or not count:
        return []
    members = accounts.queries.staff(Actor.command(service.id))
    there = {member.account.email: member.account_id for member in members}
    hashed = members[0].account.password_hash
    for number in range(1, count + 1):
        email = f"desk{number}@{plan.code}.example"
        if email not in there:
            there[email] = _add_desk(service, email, number, hashed)
    database.commit()
    return [there[f"desk{number}@{plan.code}.example"] for number in range(1, count + 1)]


def _add_desk(service: Service, email: str, number: int, hashed: str) -> UUID:
    locale = "fr_CA" if number % 2 else "en_CA"
    at, name = database.now(), f"Poste {number}" if number % 2 else f"Desk {number}"
    account = Account(
        email=email,
        password_hash=hashed,
        display_name=name,
        locale=locale,
        time_zone=service.time_zone,
        created_at=at,
    )
    db.session.add(account)
    db.session.flush()
    member = Membership(
        service_id=service.id, account_id=account.id, role=Role.NAVIGATOR, created_at=at
    )
    db.session.add(member)
    db.session.flush()
    audit.record(Actor.command(service.id), "member:add", member, detail={"role": Role.NAVIGATOR})
    return account.id


def cases_written(service_id: UUID) -> int:
    """Count the cases of a service that has been entered."""
    return db.session.scalar(select(func.count(Case.id)).where(Case.service_id == service_id)) or 0


def _members(service: Service, plan: ServicePlan) -> list[Membership]:
    there = {
        member.account.email: member for member in accounts.queries.staff(Actor.command(service.id))
    }
    for person in plan.staff:
        if person.email not in there:
            there[person.email] = accounts.services.add_member(
                service,
                email=person.email,
                display_name=person.name,
                role=person.role,
                password=words.PASSPHRASE,
                locale=person.locale,
            )
    database.flush()
    # Lists of the navigators keep the order of words.py, whatever order the database gives.
    return [there[person.email] for person in plan.staff]


def _let_agencies_in(service: Service, by_name: dict[str, UUID]) -> None:
    """Let the coordinators of agencies in, and let each say how many places there are."""
    there = {member.account.email for member in accounts.queries.staff(Actor.command(service.id))}
    for code, name, person in words.AGENCY_STAFF:
        if code != service.code or person.email in there:
            continue
        member = accounts.services.add_member(
            service,
            email=person.email,
            display_name=person.name,
            role=person.role,
            password=words.PASSPHRASE,
            locale=person.locale,
            organization_id=by_name[name],
        )
        actor = accounts.services.actor_of(member)
        for offer in directory.capacity_queries.services_of(actor, by_name[name]):
            directory.capacity_services.say_places(actor, offer, available=3)


def _directory(actor: Actor, plan: ServicePlan) -> tuple[Agencies, dict[str, UUID]]:
    there = {
        offer.organization.name: offer.organization_id
        for offer in directory.queries.search(actor, limit=500)
    }
    agencies: Agencies = {}
    for number, agency in enumerate(words.AGENCIES):
        if agency.name not in there:
            there[agency.name] = _add(actor, plan, agency, number)
        for need in agency.needs:
            agencies.setdefault(need, []).append(there[agency.name])
    return agencies, there


def _add(actor: Actor, plan: ServicePlan, agency: AgencyPlan, number: int) -> UUID:
    organization = directory.services.add_organization(
        actor,
        name=agency.name,
        kind=agency.kind,
        phone=f"+1{words.AGENCY_AREA_CODE}55501{number:02}",
        email=f"agency{number + 1}@{plan.code}.example",
        locale=agency.locale,
        region=agency.region,
        time_zone=plan.time_zone,
        is_confidential=agency.is_confidential,
    )
    for need in agency.needs:
        directory.services.add_service(
            actor,
            organization_id=organization.id,
            need=need,
            features=agency.features,
            languages=("en", "fr") if agency.is_open_all_hours else (agency.locale[:2],),
            hours_en=words.HOURS[agency.kind][0],
            hours_fr=words.HOURS[agency.kind][1],
            eligibility_en=words.ELIGIBILITY[agency.kind][0],
            eligibility_fr=words.ELIGIBILITY[agency.kind][1],
            is_open_all_hours=agency.is_open_all_hours,
        )
    return organization.id
