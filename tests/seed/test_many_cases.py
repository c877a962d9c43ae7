"""Cases by the hundred thousand: copies of told ones, sealed anew, that open like any other (R16)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import create_engine, make_url, select
from sqlalchemy.pool import NullPool

from casework import cases, create_app, database, people
from casework.accounts.models import Account
from casework.accounts.queries import service_by_code
from casework.audit.sealed_rows import verify_sealed
from casework.audit.verify import verify
from casework.cases.erasure_models import ErasureReason
from casework.cases.models import Case, CaseStatus
from casework.commands.seed import crowd, fill
from casework.commands.seed.copies import own_details
from casework.commands.seed.originals import family
from casework.commands.seed.words import PASSPHRASE, SERVICES
from casework.commands.servers import create_database, drop_database
from casework.database import Model
from casework.extensions import db
from casework.people.detail_checks import INDEXED
from casework.referrals.models import Referral
from casework.security import Actor
from casework.web.references import numbered_reference, parse_reference
from tests.conftest import settings_for
from tests.keeping.orphans import forgotten, look
from tests.seed.conftest import PRESENT
from tests.visitors import Visitor

TOLD, CASES, DESKS = 30, 100, 3


@pytest.fixture(scope="module")
def many(
    servers: Any, keys: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """Give a service of which most cases are copies, some of them weeks older than their original."""
    name = "seeded_many"
    create_database(servers, name, template=template)
    app = create_app(settings_for(servers, keys, name, tmp_path_factory.mktemp("mail")))
    with pytest.MonkeyPatch.context() as patch, app.app_context():
        patch.setattr(crowd, "TURNS", 1)
        patch.setattr(crowd, "BATCH", 50)
        patch.setattr(crowd, "STRIP_FROM", 60)
        fill(CASES, 211, at=PRESENT, navigators=DESKS, told=TOLD)
        db.session.remove()
    yield app
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    drop_database(servers, name)


@pytest.fixture
def inside(many: Flask) -> Iterator[Actor]:
    """Enter the first service at the present of its people."""
    with many.app_context():
        database.clock.freeze(PRESENT)
        service = service_by_code(SERVICES[0].code)
        assert service is not None
        database.enter_service(service.id)
        yield Actor.command(service.id)
        database.rollback()
        db.session.remove()
        database.clock.freeze(None)


def admin_url(app: Flask, servers: Any) -> str:
    name = make_url(app.config["CASEWORK"].database_url).database
    return str(servers.admin_url(name))


def copied_cases(actor: Actor) -> list[Case]:
    found = list(db.session.scalars(select(Case).where(Case.service_id == actor.service_id)))
    refs = {numbered_reference("C", number * 16) for number in range(TOLD, CASES)}
    return [case for case in found if case.ref in refs]


def test_as_many_cases_are_there_as_were_asked_for(inside: Actor) -> None:
    found = db.session.scalars(select(Case).where(Case.service_id == inside.service_id))
    assert len(list(found)) == CASES
    assert len(copied_cases(inside)) == CASES - TOLD


def test_copies_are_shared_by_all_navigators(inside: Actor) -> None:
    owners = {case.owner_id for case in copied_cases(inside)} - {None}
    assert len(owners) >= DESKS


def test_the_chain_holds_and_so_does_every_sealed_row(many: Flask, servers: Any) -> None:
    """What `casework audit verify --sealed` asks: each entry, and each row’s newest digest."""
    engine = create_engine(admin_url(many, servers), poolclass=NullPool)
    with engine.connect() as connection:
        assert verify(connection).is_intact
        result = verify_sealed(connection, Model)
    assert result.is_intact
    assert not result.unrecorded
    assert result.rows > CASES * 5


def test_a_copied_person_is_found_by_the_phone_of_their_own(inside: Actor) -> None:
    """R37: the blind index leads to them, and their record opens."""
    phone = own_details(TOLD)["phone"]
    [found] = people.services.find_people(inside, phone=phone)
    assert people.services.open_details(inside, found, "phone", purpose="test") == {"phone": phone}


def test_each_copy_opens_on_its_page_with_its_name(many: Flask, inside: Actor) -> None:
    """Its owner sees it on My day and on a page of its own, agency and notes included."""
    copies = copied_cases(inside)
    owner_id = next(c.owner_id for c in copies if c.owner_id and c.status is CaseStatus.OPEN)
    refs = [case.ref for case in copies if case.owner_id == owner_id]
    account = db.session.get_one(Account, owner_id)
    browser = Visitor(many)
    browser.sign_in(SimpleNamespace(email=account.email, password=PASSPHRASE))
    database.commit()
    page = browser.get("/my-day").get_data(as_text=True)
    assert any(ref in page for ref in refs)
    assert "No name given" not in page
    for ref in refs:
        assert browser.get(f"/cases/{ref}").status_code == 200


def test_references_are_real_and_each_is_there_once() -> None:
    refs = [numbered_reference("C", number) for number in range(2000)]
    assert len(set(refs)) == len(refs)
    assert all(parse_reference(ref) == ref for ref in refs)


def test_closed_copies_lie_weeks_back_and_open_ones_do_not(inside: Actor) -> None:
    """An open case of the past would wait for calls that nobody could make any more."""
    told = {c.opened_at for c in of_service(inside) if c not in copied_cases(inside)}
    copies = copied_cases(inside)
    opened = [c for c in copies if c.status is CaseStatus.OPEN]
    assert {c.opened_at for c in opened} <= told
    assert any(c.opened_at < min(told) for c in copies if c.status is CaseStatus.CLOSED)


def of_service(actor: Actor) -> list[Case]:
    return list(db.session.scalars(select(Case).where(Case.service_id == actor.service_id)))


def test_every_table_below_a_person_is_copied(inside: Actor) -> None:
    """Read from the foreign keys: a table that a room adds is not forgotten."""
    names = [row_class.__tablename__ for row_class, _hangs_by in family()]
    assert names.index("person") < names.index("case") < names.index("follow_up")
    assert {"consent", "contact_plan", "referral_event", "attempt", "reminder"} <= set(names)
    assert "referral_link" not in names


def test_nothing_of_an_erased_copy_is_left(many: Flask, inside: Actor, servers: Any) -> None:
    """R17: its keys, terms and digests stand where erasing looks for them."""
    sent = select(Referral.case_id).where(Referral.service_id == inside.service_id)
    of_copies = {case.id: case for case in copied_cases(inside)}
    chosen: UUID = next(i for i in db.session.scalars(sent) if i in of_copies)
    case = of_copies[chosen]
    database.commit()
    before = look(admin_url(many, servers))
    cases.services.erase_case(inside, case, reason=ErasureReason.PERSONS_WISH)
    database.commit()
    gone, found = forgotten(admin_url(many, servers), before)
    assert chosen in gone
    assert found == []


def test_no_phone_in_the_world_has_a_copied_persons_number() -> None:
    """Area codes with a 9 in the middle are given to nobody."""
    numbers = [own_details(number)["phone"] for number in (0, 9_999, 10_000, 799_999)]
    assert len(set(numbers)) == 4
    assert all(re.fullmatch(r"\+1[2-9]9\d[2-9]\d{6}", number) for number in numbers)


def test_what_a_copied_person_is_reached_by_stands_in_its_one_form() -> None:
    """R37: terms are made of it as it is, so it must be what a page would have made of it."""
    for number in (0, 179, 9_999, 10_000, 799_999):
        details = own_details(number)
        for kind in ("phone", "email", "handle"):
            assert INDEXED[kind](details[kind]) == details[kind]


def test_a_second_fill_goes_on_where_the_first_one_stopped(many: Flask, inside: Actor) -> None:
    """Without the owner’s address it goes through the walls, as the application’s own role."""
    before = len(of_service(inside))
    settings = many.config["CASEWORK"]
    walls = replace(settings, migration_database_url="")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(many.config, "CASEWORK", walls)
        written = fill(CASES + 10, 211, at=PRESENT, navigators=DESKS, told=TOLD, workers=2)
    database.enter_service(inside.service_id)
    assert len(of_service(inside)) == CASES + 10
    assert written.added >= CASES + 10 - before
