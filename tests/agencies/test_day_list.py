"""The food bank's list of a day: whom it expects, and no more than was agreed at the moment one looks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from casework import database, directory, people
from casework.cases.models import Source
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.people.models import Purpose
from casework.referrals import services
from casework.referrals.models import Referral, ReferralState, Urgency
from casework.security import Actor
from tests.agencies import scenes as here
from tests.referrals import scenes

# A Tuesday, 10 h in Toronto.
TUESDAY = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
BANK, SHELTER = "Moisson du Quartier", "Maison Rivage"
TOLD = {
    "alias": "Mado",
    "diet": "sans noix",
    "formula": "sans lactose",
    "delivery": "yes",
    "arrival": "vers midi",
}


@pytest.fixture(autouse=True)
def tuesday(clock: Any) -> Any:
    """Begin on a Tuesday morning."""
    clock.freeze(TUESDAY)
    return clock


def expected(
    world: Any, until: timedelta | None = timedelta(hours=4), bank: str = BANK, **more: Any
) -> Referral:
    """Ask a food bank for a hamper, and let it hold one until a moment."""
    amina = world.amina.actor
    case = scenes.case_for(amina, **more)
    referral = services.send(
        amina,
        case,
        case.needs[0],
        organization_id=world.organization(bank).id,
        urgency=Urgency.ROUTINE,
        details=TOLD,
    )
    services.answer(
        amina,
        referral,
        to=ReferralState.ACCEPTED,
        source=Source.PARTNER_CONFIRMED,
        hold_until=database.now() + until if until else None,
        details={"appointment": "13 h à 15 h"},
    )
    return referral


def give_food(world: Any, name: str) -> None:
    """Let an agency of the cast offer food too."""
    directory.services.add_service(
        Actor.command(world.north.id),
        organization_id=world.organization(name).id,
        need=NeedCode.FOOD,
    )


@pytest.fixture
def bank(app: Any, world: Any) -> here.Desk:
    """Sit a member of the food bank down."""
    return here.at_desk(app, here.colleague(world, "Nadia", BANK))


def listed(desk: here.Desk, which: str = "today") -> str:
    """Open the list of a day and give its page."""
    answer = desk.visitor.get(f"/inbox/day/{which}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_household_stands_there_with_all_that_a_hamper_needs(world: Any, bank: here.Desk) -> None:
    """Issue 5, item 6: diet, formula, delivery, the hour, how many; and the name they agreed to give."""
    referral = expected(world)
    page = listed(bank)
    for words in (
        referral.ref, "Until 2", "1 adult + 3 children", "13 h à 15 h", "sans noix",
        "sans lactose", "Delivery needed", "vers midi", "Mado", "2026-11-24",
    ):  # fmt: skip
        assert words in page, words
    for hidden in (scenes.MARKED, "514-555-0142", referral.case.ref):
        assert hidden not in page, hidden


def test_each_day_has_its_own(app: Any, world: Any, bank: here.Desk, clock: Any) -> None:
    today = expected(world, timedelta(hours=4))
    tomorrow = expected(world, timedelta(hours=24))
    open_end = expected(world, None)
    page = listed(bank)
    assert [each.ref in page for each in (today, tomorrow, open_end)] == [True, True, True]
    page = listed(bank, "tomorrow")
    assert [each.ref in page for each in (today, tomorrow, open_end)] == [False, True, True]
    # Nobody comes the day before, so nothing is pressed there.
    assert "did_not_come" not in page
    # Whose time is over is asked for until somebody says whether they came.
    clock.advance(timedelta(hours=5))
    assert "Time over since" in listed(here.at_desk(app, here.colleague(world, "Denis", BANK)))


def test_arrived_comes_back_to_the_list_and_can_be_undone(world: Any, bank: here.Desk) -> None:
    referral = expected(world)
    fields = dict(here.HIDDEN.findall(listed(bank))) | {"reply": "arrived", "back": "day"}
    answered = bank.visitor.post(here.path(referral), fields)
    assert answered.headers["Location"] == "/inbox/day/today"
    assert referral.state is ReferralState.CONFIRMED
    page = listed(bank)
    assert "Mado" not in page, "whoever has been is no longer expected"
    assert here.path(referral) in page
    assert bank.visitor.post(here.path(referral) + "/undo").status_code == 303
    assert "Mado" in listed(bank)


def test_who_did_not_come_is_said_in_one_tap(world: Any, bank: here.Desk) -> None:
    referral = expected(world)
    fields = dict(here.HIDDEN.findall(listed(bank))) | {"reply": "did_not_come", "back": "day"}
    assert bank.visitor.post(here.path(referral), fields).status_code == 303
    assert referral.state is ReferralState.NOT_FULFILLED


def test_consent_withdrawn_between_two_looks_takes_the_name_away(
    world: Any, bank: here.Desk
) -> None:
    """R4, R5: asked again at each view."""
    referral = expected(world)
    assert "Mado" in listed(bank)
    people.services.withdraw(world.amina.actor, referral.case.person, Purpose.SHARE_WITH_PARTNER)
    page = listed(bank)
    assert not [word for word in ("Mado", "sans noix", referral.ref) if word in page]


def test_a_hold_whose_consent_ran_out_says_nothing_but_its_reference(
    app: Any, world: Any, clock: Any
) -> None:
    """R31: the hamper stays held; R4: nothing of the person is shown."""
    referral = expected(world, timedelta(days=29, hours=23))
    clock.advance(timedelta(days=31))
    people.services.end_expired(Actor.system(world.north.id))
    assert referral.state is ReferralState.ACCEPTED
    page = listed(here.at_desk(app, here.colleague(world, "Nadia", BANK)))
    assert referral.ref in page
    assert "Nothing more can be shown here" in page
    assert not [word for word in ("Mado", "sans noix", "13 h à 15 h", "3 children") if word in page]


def test_no_name_stands_there_in_a_sensitive_case_and_no_account_in_the_log(
    world: Any, bank: here.Desk
) -> None:
    """R16, R19: the household is expected, its name is on no list, and nobody's hand says where."""
    referral = expected(world, is_sensitive=True)
    plain = expected(world)
    page = listed(bank)
    assert referral.ref in page
    assert page.count("Mado") == 1, "of the other case only"
    database.commit()
    entries = db.session.execute(
        text(
            "SELECT actor_id, object_id FROM audit_entry "
            "WHERE purpose = 'list_of_the_day' AND action = 'referral:listed'"
        )
    ).all()
    assert {str(entry.object_id) for entry in entries} == {str(referral.id), str(plain.id)}
    members = services.inbox.accounts.queries.members_of(
        world.amina.actor, world.organization(BANK).id
    )
    accounts = {member.account_id for member in members}
    assert accounts
    assert not accounts & {entry.actor_id for entry in entries}


def test_opening_the_list_is_one_entry_with_its_subjects_and_no_word_of_them(
    world: Any, bank: here.Desk
) -> None:
    """R21: ids only, once for each view."""
    made = [expected(world) for _ in range(2)]
    listed(bank)
    listed(bank, "tomorrow")  # nobody: nothing is opened, and nothing recorded
    rows = db.session.execute(
        text(
            "SELECT e.seq, e::text AS entry, s.person_id FROM audit_entry e "
            "JOIN audit_subject s ON s.seq = e.seq WHERE e.purpose = 'list_of_the_day'"
        )
    ).all()
    assert len({row.seq for row in rows}) == 1
    assert {row.person_id for row in rows} == {each.case.person_id for each in made}
    assert not [row for row in rows if "Mado" in row.entry or "noix" in row.entry]


def test_another_agency_sees_none_of_it(app: Any, world: Any) -> None:
    """404 for one that gives no food; one that does sees its own and nobody else's."""
    referral = expected(world)
    other = here.at_desk(app, world.agency)
    assert other.visitor.get("/inbox/day/today").status_code == 404
    assert "/inbox/day" not in other.inbox()
    give_food(world, "Foyer du Pont")
    page = listed(here.at_desk(app, world.agency))
    assert referral.ref not in page
    assert "Personne n’est attendu aujourd’hui" in page


def test_a_member_without_an_agency_and_a_link_get_nothing(
    app: Any, world: Any, visitor: Any
) -> None:
    """Deny by default; a link leads to one request and never to a list (R28)."""
    referral = scenes.ask(world)
    link = scenes.linked(world, referral)
    stranger = visitor()
    assert "/inbox/day" not in stranger.get(link).get_data(as_text=True)
    assert "/sign-in" in stranger.get("/inbox/day/today").headers["Location"]
    member = here.colleague(world, "Nadia", BANK)
    membership = services.inbox.accounts.queries.membership_of(world.north.id, member.account_id)
    assert membership is not None
    membership.organization_id = None
    assert here.at_desk(app, member).visitor.get("/inbox/day/today").status_code == 404


def test_the_paper_says_that_it_is_to_be_shredded(world: Any, bank: here.Desk) -> None:
    """On paper the names agreed to stand, unlike on any other page: it is the list one works by."""
    expected(world)
    page = listed(bank)
    assert "Shred after use." in page
    assert "data-private" not in page.split('id="expected"')[1].split("</section>")[0]
    empty = listed(bank, "tomorrow")
    assert "Shred" not in empty
    assert "Nobody is expected tomorrow yet." in empty
