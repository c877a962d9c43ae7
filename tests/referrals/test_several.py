"""Several agencies asked for one need: at once, or in order, each under the person’s consent (R4)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from casework import database, directory, people
from casework.cases.models import Reason, Source
from casework.directory.models import OrganizationKind
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.people.models import Purpose
from casework.referrals import failures, queries, services
from casework.referrals.manners import Manner, Scope
from casework.referrals.models import Referral, ReferralState, Urgency
from casework.referrals.services.watch import watch
from casework.security import Actor
from tests.referrals import scenes

S = ReferralState


SAID = Source.PARTNER_CONFIRMED


def shelters(world: Any, count: int = 4) -> list[UUID]:
    """Give shelters of the directory, and write some more."""
    found = [world.organization(name).id for name in ("Foyer du Pont", "Bridge House")]
    while len(found) < count:
        more = directory.services.add_organization(
            Actor.command(world.north.id),
            name=f"Halte {len(found)}",
            kind=OrganizationKind.SHELTER,
            email=f"halte{len(found)}@agency.example",
        )
        directory.services.add_service(
            Actor.command(world.north.id), organization_id=more.id, need=NeedCode.SHELTER
        )
        found.append(more.id)
    return found[:count]


def asked(
    world: Any, count: int = 3, manner: Manner = Manner.IN_ORDER, **more: Any
) -> list[Referral]:
    """Ask several shelters for one need; the case and its consents are given or made."""
    ids = more.pop("ids", None) or shelters(world, count)
    case = more.pop("case", None) or scenes.case_for(world.amina.actor, NeedCode.SHELTER)
    return services.ask_several(
        world.amina.actor,
        case,
        case.needs[0],
        organization_ids=ids,
        urgency=Urgency.URGENT,
        manner=manner,
        details={"access": "rampe"},
        **more,
    )


def refuse(world: Any, referral: Referral, actor: Actor | None = None) -> None:
    services.answer(
        actor or world.amina.actor, referral, to=S.DECLINED, reason=Reason.NO_CAPACITY, source=SAID
    )


def states(line: list[Referral]) -> list[str]:
    """Give how the requests stand, in their order."""
    return [referral.state.value for referral in line]


def test_at_once_each_is_asked_by_a_letter_of_its_own(world: Any) -> None:
    line = asked(world, manner=Manner.AT_ONCE)
    assert states(line) == ["requested"] * 3
    assert {referral.round_id for referral in line} == {None}
    assert len(scenes.post(world.north.id)) == 3


def test_in_order_the_first_is_asked_and_the_others_know_nothing(world: Any) -> None:
    line = asked(world)
    assert states(line) == ["requested", "draft", "draft"]
    assert [referral.turn for referral in line] == [1, 2, 3]
    assert len(scenes.post(world.north.id)) == 1
    waiting = queries.open_for(world.amina.actor, limit=20)
    assert [referral.id for referral in waiting] == [line[0].id], "nobody waits on a draft"


def test_a_refusal_asks_the_next_one_at_once(world: Any) -> None:
    line = asked(world)
    scenes.post(world.north.id)
    refuse(world, line[0])
    assert states(line) == ["declined", "requested", "draft"]
    assert len(scenes.post(world.north.id)) == 1
    [newest, *_] = queries.events_of(world.amina.actor, line[1])
    assert (newest.source, newest.actor_id) == (Source.SYSTEM, None)


def test_time_that_passes_asks_the_next_one_in_the_same_sweep(world: Any, clock: Any) -> None:
    clock.freeze(database.now())
    line = asked(world)
    clock.advance(timedelta(hours=2, minutes=1))
    watch(world.north.id)
    assert states(line) == ["expired", "requested", "draft"]
    watch(world.north.id)
    assert states(line) == ["expired", "requested", "draft"], "asked twice"


def test_a_yes_stops_the_order_and_offers_to_recall_the_rest(world: Any, visitor: Any) -> None:
    line = asked(world)
    services.answer(world.amina.actor, line[0], to=S.ACCEPTED, source=SAID)
    assert states(line) == ["accepted", "draft", "draft"]
    database.commit()
    page = visitor(world.amina).get(f"/referrals/{line[0].id}").get_data(as_text=True)
    assert f"/referrals/{line[0].id}/recall-others" in page
    database.enter_service(world.north.id)
    scenes.post(world.north.id)
    assert services.recall_siblings(world.amina.actor, line[0]) == 2
    assert states(line) == ["accepted", "recalled", "recalled"]
    assert scenes.post(world.north.id) == [], "who was never asked is told nothing"


def test_withdrawal_of_sharing_stops_all(world: Any) -> None:
    """R5: open referrals are withdrawn, those that wait too, and nobody is asked after that."""
    line = asked(world)
    person = line[0].case.person
    people.services.withdraw(world.amina.actor, person, Purpose.SHARE_WITH_PARTNER)
    assert states(line) == ["withdrawn"] * 3


def test_consent_is_asked_for_again_when_it_is_somebodys_turn(world: Any, clock: Any) -> None:
    """R4: what ran out before the sweep saw it asks nobody."""
    clock.freeze(database.now())
    home, bridge, third = shelters(world, 3)
    consents = scenes.answers(partner_id=home)
    case = scenes.case_for(world.amina.actor, NeedCode.SHELTER, consents=consents)
    services.agree(world.amina.actor, case, case.needs[0], [third], scope=Scope.NAMED)
    short = people.services.ConsentAnswer(
        Purpose.SHARE_WITH_PARTNER,
        True,
        partner_id=bridge,
        expires_at=database.now() + timedelta(minutes=30),
    )
    people.services.record_consents(world.amina.actor, case.person, [short])
    line = asked(world, ids=[home, bridge, third], case=case)
    clock.advance(timedelta(hours=1))
    refuse(world, line[0])
    assert states(line) == ["declined", "withdrawn", "requested"]


def test_one_that_is_not_covered_means_that_nobody_is_asked(world: Any) -> None:
    """R4: all or nothing; with the yes said now, all."""
    home, bridge = shelters(world, 2)
    consents = scenes.answers(partner_id=home)
    case = scenes.case_for(world.amina.actor, NeedCode.SHELTER, consents=consents)
    with pytest.raises(failures.ConsentMissing), database.attempt():
        asked(world, ids=[home, bridge], case=case)
    assert queries.for_case(world.amina.actor, case) == []
    line = asked(world, ids=[home, bridge], case=case, agreed=Scope.NAMED)
    assert states(line) == ["requested", "draft"]


def test_six_are_too_many_and_one_named_twice_is_one(world: Any) -> None:
    with pytest.raises(failures.TooManyAtOnce):
        asked(world, count=6)
    [only] = asked(world, ids=shelters(world, 1) * 2)
    assert (only.round_id, only.state) == (None, S.REQUESTED)


def test_a_refusal_is_not_undone_once_the_next_one_is_asked(world: Any) -> None:
    """domain.md section 3: undone only if nothing followed."""
    line = asked(world)
    refuse(world, line[0])
    with pytest.raises(failures.TooLateToUndo):
        services.undo(world.amina.actor, line[0])
    refuse(world, line[1])
    refuse(world, line[2])
    services.undo(world.amina.actor, line[2])
    assert states(line) == ["declined", "declined", "requested"]


def test_an_order_the_desk_stopped_goes_on_by_a_press(world: Any, visitor: Any) -> None:
    line = asked(world)
    with pytest.raises(failures.OneAtATime):
        services.ask_in_turn(world.amina.actor, line[1])
    services.recall(world.amina.actor, line[0], reason=Reason.PARTNER_UNREACHABLE)
    assert states(line) == ["recalled", "draft", "draft"]
    database.commit()
    navigator = visitor(world.amina)
    page = navigator.get(f"/referrals/{line[0].id}").get_data(as_text=True)
    assert f"/referrals/{line[1].id}/now" in page
    fields = {"version": line[1].version}
    assert navigator.post(f"/referrals/{line[1].id}/now", fields).status_code == 303
    database.enter_service(world.north.id)
    assert states(line) == ["recalled", "requested", "draft"]


def test_an_agency_that_left_the_directory_is_passed_over(world: Any) -> None:
    line = asked(world)
    second = directory.queries.get(world.amina.actor, line[1].organization_id)
    second.is_active = False
    db.session.flush()
    refuse(world, line[0])
    assert states(line) == ["declined", "draft", "requested"]


def test_a_sealed_agency_that_waits_is_not_found_by_its_own_inbox(world: Any) -> None:
    """R16, R28: nothing leads an agency to a request it has not been asked."""
    names = ("Maison Rivage", "Cedar Lane House")
    ids = [world.organization(name).id for name in names]
    case = scenes.case_for(world.amina.actor, NeedCode.VIOLENCE_SHELTER)
    line = asked(world, ids=ids, case=case)
    assert [referral.organization_id for referral in line] == [None, None]

    def routed() -> set[UUID]:
        service_id = world.north.id
        return set(services.moves.vault.index_candidates(service_id, "partner_route", str(ids[1])))

    assert routed() == set()
    refuse(world, line[0])
    assert routed() == {line[1].id}


def test_several_are_chosen_on_the_asking_page(world: Any, visitor: Any) -> None:
    """The consent step stands on the page, in the person’s language, and nothing typed is lost."""
    home, bridge = shelters(world, 2)
    consents = scenes.answers(partner_id=home)
    case = scenes.case_for(world.amina.actor, NeedCode.SHELTER, consents=consents)
    database.commit()
    navigator = visitor(world.amina)
    url = f"/cases/{case.ref}/referrals/new?need={case.needs[0].id}"
    fields = {
        "organization": [str(home), str(bridge)],
        "urgency": "urgent",
        "manner": "in_order",
        "access": "rampe",
    }
    answer = navigator.submit(url, fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Pour demander une place pour vous" in page
    assert "rampe" in page
    assert "Yes, with these agencies only" in page
    assert navigator.post(url, fields | {"agreed": "named"}).status_code == 303
    database.enter_service(world.north.id)
    line = sorted(queries.for_case(world.amina.actor, case), key=lambda each: each.turn or 0)
    assert states(line) == ["requested", "draft"]
