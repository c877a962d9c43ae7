"""Services and their members, as the other rooms ask for them."""

import uuid
from typing import Any

import pytest

from casework.accounts import on_service_created, queries, services
from casework.accounts.models import Service
from casework.database import NotFound, current_service, enter_service
from casework.security import Role
from casework.security.passwords import WeakPassphrase
from tests.world import PASSWORD


def member_fields(**changes: Any) -> dict[str, Any]:
    fields = {
        "email": "nadia@north.example",
        "display_name": "Nadia K.",
        "role": Role.NAVIGATOR,
        "password": PASSWORD,
    }
    return fields | changes


def test_colleagues_are_the_active_people_who_handle_cases(db: Any, world: Any) -> None:
    names = [member.account.display_name for member in queries.colleagues(world.amina.actor)]
    assert names == ["Amina R.", "Louis P.", "Sophie T."]
    louis = queries.membership_of(world.north.id, world.louis.account_id)
    assert louis is not None
    louis.is_active = False
    assert len(queries.colleagues(world.amina.actor)) == 2


def test_names_are_told_within_a_service_only(db: Any, world: Any) -> None:
    asked = [world.louis.account_id, world.outsider.account_id, None, uuid.uuid4()]
    assert queries.names_of(world.amina.actor, asked) == {world.louis.account_id: "Louis P."}
    assert queries.names_of(world.amina.actor, []) == {}


def test_a_service_is_told_in_the_language_of_the_page(db: Any, world: Any) -> None:
    service = queries.service_of(world.amina.actor)
    assert service.name("fr_CA") == "211 Rivière-du-Nord"
    assert service.name("en_CA") == "North River 211"


def test_a_member_of_another_service_is_not_found(db: Any, world: Any) -> None:
    enter_service(world.south.id)
    theirs = queries.membership_of(world.south.id, world.outsider.account_id)
    assert theirs is not None
    enter_service(world.north.id)
    with pytest.raises(NotFound):
        queries.member(world.marc.actor, theirs.id)


def test_a_new_service_is_entered_and_the_rooms_above_are_told(db: Any, world: Any) -> None:
    told: list[Service] = []
    on_service_created.append(told.append)
    try:
        service = services.create_service(
            code="west", name_en="West 211", name_fr="211 Ouest", time_zone="America/Vancouver"
        )
    finally:
        on_service_created.remove(told.append)
    assert told == [service]
    assert current_service() == service.id
    assert service.id in queries.every_service_id()
    assert queries.service_by_code("west") is service


def test_a_service_needs_a_time_zone_that_exists(db: Any, world: Any) -> None:
    with pytest.raises(services.UnknownTimeZone):
        services.create_service(code="x", name_en="X", name_fr="X", time_zone="EST5NOWHERE")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"email": "amina@north.example"}, services.AddressTaken),
        ({"email": "AMINA@north.example"}, services.AddressTaken),
        ({"email": "outsider@south.example"}, services.AddressTaken),
        ({"email": "no address"}, services.BadAddress),
        ({"email": "two@lines.example\nBcc: x@y.example"}, services.BadAddress),
        ({"password": "short"}, WeakPassphrase),
    ],
)
def test_who_cannot_be_added(
    db: Any, world: Any, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        services.add_member(world.north, **member_fields(**changes))
    assert len(queries.staff(world.marc.actor)) == 5


def test_an_account_without_a_passphrase_opens_with_none(db: Any, world: Any) -> None:
    services.add_member(world.north, **member_fields(password=None))
    for guess in ("", "None", "nadia@north.example"):
        assert services.sign_in("nadia@north.example", guess) is None
