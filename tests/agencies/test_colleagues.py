"""Who signs in for an agency: let in by an administrator or a coordinator, and nowhere else."""

import re
from typing import Any

import pytest
from sqlalchemy import text

from casework import accounts, database
from casework.accounts.member_services import OtherSide, OwnMembership, ShutByService
from casework.accounts.models import Membership
from casework.agencies import services
from casework.database import NotFound
from casework.security import Role
from tests.agencies import scenes as here
from tests.world import HOME

LINK = re.compile(r"http://localhost(/set-passphrase/[\w-]+)")
NEW = {
    "display_name": "Denis",
    "email": "denis@foyer.example",
    "role": "partner",
    "locale": "fr_CA",
}
PASSPHRASE = "seven grey herons over the marsh"


def members(world: Any, name: str = HOME) -> list[Membership]:
    database.enter_service(world.north.id)
    return accounts.queries.members_of(world.marc.actor, world.organization(name).id)


@pytest.mark.parametrize("who", ["marc", "agency"])
def test_somebody_new_sets_a_passphrase_by_a_link_and_signs_in(
    app: Any, world: Any, visitor: Any, who: str
) -> None:
    """As strong as staff: the same link, passphrase rules, throttle and sessions."""
    home = world.organization(HOME).id
    add = "/inbox/colleagues/add" if who == "agency" else f"/agencies/{home}/members/add"
    desk = here.at_desk(app, getattr(world, who)).visitor
    page = desk.submit(add, NEW).get_data(as_text=True)
    found = LINK.search(page)
    assert found, page
    guest = visitor()
    assert guest.submit(found.group(1), {"password": PASSPHRASE}).status_code == 302
    guest.get("/sign-in")
    entered = guest.post("/sign-in", {"email": NEW["email"], "password": PASSPHRASE})
    assert entered.status_code == 302
    assert guest.get("/").headers["Location"] == "/inbox"
    denis = next(one for one in members(world) if one.account.email == NEW["email"])
    assert (denis.role, denis.organization_id) == (Role.PARTNER, home)


def test_a_plain_member_lets_nobody_in(app: Any, world: Any) -> None:
    desk = here.at_desk(app, here.colleague(world, "Denis")).visitor
    for url in ("/inbox/colleagues", "/inbox/colleagues/add", "/agencies", "/staff"):
        assert desk.get(url).status_code == 404
    assert desk.get("/inbox").status_code == 200


def test_a_coordinator_reaches_their_own_agency_only(app: Any, world: Any) -> None:
    stranger = here.colleague(world, "Rosa", "Bridge House")
    membership = members(world, "Bridge House")[0]
    desk = here.at_desk(app, world.agency).visitor
    for what in ("disable", "enable", "reset"):
        url = f"/inbox/colleagues/{membership.id}/{what}"
        assert desk.post(url).status_code == 404
    database.enter_service(world.north.id)
    with pytest.raises(NotFound):
        services.add_colleague(
            world.agency.actor,
            organization_id=stranger.organization_id,  # type: ignore[arg-type]
            email="x@y.example",
            display_name="X",
            role=Role.PARTNER,
            locale="en_CA",
        )
    with pytest.raises(OwnMembership):
        accounts.member_services.disable_member(world.agency.actor, membership)
    amina = accounts.queries.membership_of(world.north.id, world.amina.account_id)
    assert amina is not None
    with pytest.raises(OwnMembership):
        accounts.member_services.disable_member(world.agency.actor, amina)


@pytest.mark.parametrize("role", ["navigator", "administrator", "supervisor"])
def test_a_coordinator_cannot_make_staff(app: Any, world: Any, role: str) -> None:
    desk = here.at_desk(app, world.agency).visitor
    assert desk.submit("/inbox/colleagues/add", NEW | {"role": role}).status_code == 422
    assert [one.account.display_name for one in members(world)] == ["Louise B."]


def test_a_member_of_an_agency_never_becomes_staff(world: Any) -> None:
    [louise] = members(world)
    with pytest.raises(OtherSide):
        accounts.member_services.change_role(world.marc.actor, louise, role=Role.NAVIGATOR)
    assert louise.role is Role.PARTNER_LEAD


def test_a_coordinator_cannot_shut_themselves_out(app: Any, world: Any) -> None:
    [louise] = members(world)
    desk = here.at_desk(app, world.agency).visitor
    assert desk.post(f"/inbox/colleagues/{louise.id}/disable").status_code == 404
    assert members(world)[0].is_active


def test_a_colleague_shut_out_is_out_at_once(app: Any, world: Any) -> None:
    denis = here.at_desk(app, here.colleague(world, "Denis")).visitor
    assert denis.get("/inbox").status_code == 200
    membership = next(one for one in members(world) if one.role is Role.PARTNER)
    desk = here.at_desk(app, world.agency).visitor
    assert desk.post(f"/inbox/colleagues/{membership.id}/disable").status_code == 303
    assert denis.get("/inbox").headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("is_shut_before", [False, True])
def test_whom_the_service_shut_out_no_coordinator_lets_in(
    app: Any, world: Any, is_shut_before: bool
) -> None:
    """Also when the agency had shut them out before: the word of the service stands over its own."""
    here.colleague(world, "Denis")
    desk = here.at_desk(app, world.agency).visitor
    member = next(one for one in members(world) if one.role is Role.PARTNER)
    if is_shut_before:
        assert desk.post(f"/inbox/colleagues/{member.id}/disable").status_code == 303
    office = here.at_desk(app, world.marc).visitor
    office.post(f"/staff/{member.id}/disable")
    page = desk.get("/inbox/colleagues").get_data(as_text=True)
    assert f"/inbox/colleagues/{member.id}/enable" not in page
    assert "Désactivé par le service" in page
    # A page that was opened before still has the button; neither does disabling it anew help.
    desk.post(f"/inbox/colleagues/{member.id}/disable")
    answer = desk.post(f"/inbox/colleagues/{member.id}/enable")
    assert answer.status_code == 409
    assert "Le service a désactivé ce compte" in answer.get_data(as_text=True)
    assert not next(one for one in members(world) if one.id == member.id).is_active
    office.post(f"/staff/{member.id}/enable")
    assert next(one for one in members(world) if one.id == member.id).is_active


def test_whom_a_coordinator_shut_out_they_let_in_again(app: Any, world: Any) -> None:
    """Also one whom the service had shut out once, and let in again."""
    here.colleague(world, "Denis")
    desk = here.at_desk(app, world.agency).visitor
    member = next(one for one in members(world) if one.role is Role.PARTNER)
    office = here.at_desk(app, world.marc).visitor
    office.post(f"/staff/{member.id}/disable")
    office.post(f"/staff/{member.id}/enable")
    assert desk.post(f"/inbox/colleagues/{member.id}/disable").status_code == 303
    assert "/enable" in desk.get("/inbox/colleagues").get_data(as_text=True)
    assert desk.post(f"/inbox/colleagues/{member.id}/enable").status_code == 303
    assert next(one for one in members(world) if one.id == member.id).is_active


def test_a_coordinator_who_read_the_page_before_the_service_shut_somebody_out_is_refused(
    world: Any, db: Any
) -> None:
    """What stands in memory counts for nothing: the row is read anew under a lock."""
    here.colleague(world, "Denis")
    member = next(one for one in members(world) if one.role is Role.PARTNER)
    accounts.member_services.disable_member(world.agency.actor, member)
    database.flush()
    db.session.execute(
        text("UPDATE membership SET is_shut_by_service = true WHERE id = :id"), {"id": member.id}
    )
    with pytest.raises(ShutByService):
        accounts.member_services.enable_member(world.agency.actor, member)


def test_an_address_in_use_is_said_and_what_was_typed_is_kept(app: Any, world: Any) -> None:
    desk = here.at_desk(app, world.agency).visitor
    answer = desk.submit("/inbox/colleagues/add", NEW | {"email": world.amina.email})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "Cette adresse sert déjà" in page or "déjà" in page
    assert 'value="Denis"' in page


def test_an_administrator_finds_an_agency_to_let_in(app: Any, world: Any) -> None:
    desk = here.at_desk(app, world.marc).visitor
    assert HOME in desk.get("/agencies").get_data(as_text=True)
    found = desk.get("/agencies?q=bridge").get_data(as_text=True)
    assert "Bridge House" in found
    assert HOME not in found
