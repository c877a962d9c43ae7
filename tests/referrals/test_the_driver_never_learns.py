"""Who drives never learns where the household goes, also when the shelter is asked after the drive (R16, R19)."""

from typing import Any

import pytest

from casework import cases, database, directory, people
from casework.cases.models import Reason, Source
from casework.database import StaleVersion
from casework.directory.models import OrganizationKind
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.notices.models import NoticeKind
from casework.people.models import ConsentEnd
from casework.referrals import failures, queries, services
from casework.referrals.models import Referral, ReferralState
from tests.referrals import scenes
from tests.referrals.test_what_is_told import PLACE, drive, sheltered, told

NAMED = "Maison Rivage, porte bleue"
WITHHELD = "The service tells you this by phone."


def driven_first(world: Any, **details: str) -> Referral:
    """Ask for a drive in a case in which no shelter is asked yet."""
    amina = world.amina.actor
    consents = scenes.answers(NeedCode.VIOLENCE_SHELTER, NeedCode.TRANSPORT)
    case = scenes.case_for(amina, NeedCode.VIOLENCE_SHELTER, consents=consents)
    [need] = cases.services.add_needs(amina, case, codes=[NeedCode.TRANSPORT])
    return drive(world, need, **details)


def seen_by_link(world: Any, visitor: Any, link: str) -> str:
    """Give what the driver reads after a press."""
    driver = visitor()
    driver.get(link)
    page: str = driver.post(f"{link}/details").get_data(as_text=True)
    database.enter_service(world.north.id)
    return page


def warned(member: Any) -> bool:
    return NoticeKind.DRIVER_LINE.value in scenes.unseen(member)


def test_a_shelter_asked_after_the_drive_takes_its_name_out_of_what_the_driver_reads(
    world: Any, visitor: Any
) -> None:
    referral = driven_first(world, meeting_point=NAMED, arrival="vers 21 h")
    link = scenes.linked(world, referral)
    assert not warned(world.amina)
    scenes.ask(world, "Maison Rivage", referral.case)
    # Whoever answers for the drive hears at once, not only when the driver looks.
    assert warned(world.amina)
    page = seen_by_link(world, visitor, link)
    assert "Rivage" not in page
    assert WITHHELD in page
    assert "vers 21 h" in page


def test_also_a_name_or_address_that_came_later_is_withheld_and_told(
    world: Any, visitor: Any
) -> None:
    """The directory changes under an open request."""
    referral = drive(world, sheltered(world), meeting_point="devant La Source")
    link = scenes.linked(world, referral)
    assert "La Source" in seen_by_link(world, visitor, link)
    assert not warned(world.amina)
    world.organization("Maison Rivage").name = "La Source"
    database.commit()
    page = seen_by_link(world, visitor, link)
    assert "La Source" not in page
    assert WITHHELD in page
    assert warned(world.amina)


def test_a_text_that_names_no_shelter_warns_nobody(world: Any) -> None:
    referral = driven_first(world, meeting_point=PLACE)
    scenes.ask(world, "Maison Rivage", referral.case)
    assert not warned(world.amina)


def test_the_page_says_so_and_leads_to_other_words(world: Any, visitor: Any) -> None:
    referral = driven_first(world, meeting_point=NAMED)
    scenes.ask(world, "Maison Rivage", referral.case)
    scenes.post(world.north.id)
    navigator, url = visitor(world.amina), f"/referrals/{referral.id}"
    page = navigator.get(url).get_data(as_text=True)
    assert "Rivage" not in page
    assert f"{url}/tell" in page
    assert "The driver does not see every line" in navigator.post(f"{url}/reveal").get_data(
        as_text=True
    )
    assert NAMED in navigator.get(f"{url}/tell").get_data(as_text=True)
    database.enter_service(world.north.id)
    fields = {"meeting_point": "Maison Rivage, porte rouge", "version": str(referral.version)}
    answer = navigator.post(f"{url}/tell", fields)
    assert answer.status_code == 422
    assert "This names the shelter" in answer.get_data(as_text=True)
    assert "porte rouge" in answer.get_data(as_text=True)
    answer = navigator.post(f"{url}/tell", fields | {"meeting_point": PLACE, "booster_seats": "2"})
    assert answer.status_code == 303
    database.enter_service(world.north.id)
    assert told(world, referral) == {"meeting_point": PLACE, "booster_seats": "2"}


def test_other_words_are_told_only_under_a_consent_that_holds_and_once(world: Any) -> None:
    """R4, and the version check of every change."""
    referral = driven_first(world, meeting_point=PLACE)
    amina = world.amina.actor
    changed = services.change_told(amina, referral, details={"arrival": "21 h", "diet": "halal"})
    assert told(world, changed) == {"arrival": "21 h"}
    with pytest.raises(StaleVersion), database.attempt():
        services.change_told(amina, referral, details={}, version=referral.version - 1)
    consent = people.queries.sharing_consents(amina, referral.case.person_id, database.now())
    for each in consent:
        each.ended_at, each.end = database.now(), ConsentEnd.EXPIRED
    db.session.flush()
    with pytest.raises(failures.ConsentMissing), database.attempt():
        services.change_told(amina, referral, details={"meeting_point": "ici"})
    assert told(world, referral) == {"arrival": "21 h"}


def test_what_is_over_is_told_nothing_more(world: Any, visitor: Any) -> None:
    referral = driven_first(world, meeting_point=PLACE)
    services.recall(world.amina.actor, referral, reason=Reason.OTHER)
    with pytest.raises(failures.NotPossible), database.attempt():
        services.change_told(world.amina.actor, referral, details={"meeting_point": "ici"})
    database.commit()
    assert visitor(world.amina).get(f"/referrals/{referral.id}/tell").status_code == 404


def test_the_next_driver_is_told_another_line_where_the_first_one_is_refused(
    world: Any, visitor: Any
) -> None:
    """Issue 5, item 9: the page gives the field with the refusal, and keeps the rest."""
    referral = driven_first(world, meeting_point=NAMED, arrival="vers 21 h")
    services.answer(
        world.amina.actor,
        referral,
        to=ReferralState.DECLINED,
        reason=Reason.NO_CAPACITY,
        source=Source.PARTNER_CONFIRMED,
    )
    second = directory.services.add_organization(
        world.marc.actor, name="Les Roues", kind=OrganizationKind.TRANSPORT
    )
    directory.services.add_service(
        world.marc.actor, organization_id=second.id, need=NeedCode.TRANSPORT
    )
    case = referral.case
    scenes.ask(world, "Maison Rivage", case)
    database.commit()
    navigator, url = visitor(world.amina), f"/referrals/{referral.id}/again"
    fields = {"organization": str(second.id), "urgency": "urgent"}
    navigator.get(url)
    answer = navigator.post(url, fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "This names the shelter" in page
    assert f'action="{url}?change=1"' in page
    assert 'name="meeting_point"' in page
    assert "vers 21 h" in page
    more = {"meeting_point": PLACE, "arrival": "vers 21 h"}
    assert navigator.post(f"{url}?change=1", fields | more).status_code == 303
    database.enter_service(world.north.id)
    [new] = [
        each
        for each in queries.for_case(world.amina.actor, case)
        if each.supersedes_id == referral.id
    ]
    assert told(world, new) == more
