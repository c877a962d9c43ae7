"""A case in full life: two agencies, calls, notices, letters, notes and links, all really committed."""

from datetime import timedelta
from typing import Any

from casework import audit, cases, database, followups, people, referrals
from casework.cases.erasure_models import HoldReason
from casework.cases.models import Case, EmergencyKind, NeedOutcome, Source
from casework.directory.needs import NeedCode
from casework.followups.models import AttemptResult
from casework.people.models import Purpose
from casework.people.services import ConsentAnswer
from casework.referrals.models import ReferralState, Remark, Urgency
from tests.followups.scenes import CODE_WORD, deliver_all
from tests.referrals import scenes

PHONE = "+15145550142"
EMAIL = "maya.erased@example.org"
NAME = "Zyxwvut Qponmlk"
SHARED = (NeedCode.FOOD, NeedCode.TRANSPORT, NeedCode.VIOLENCE_SHELTER)


def keep_person(world: Any, *, phone: str = PHONE) -> Any:
    """Keep a person of whom everything is known."""
    actor = world.amina.actor
    person = people.services.register_person(
        actor,
        details={
            "full_name": NAME,
            "safe_name": "Mado",
            "phone": phone,
            "email": EMAIL,
            "handle": "mado211",
            "children_ages": "4, 7",
            "pets": "one cat",
            "access_needs": "ramp",
            "culture_faith": "halal",
            "language": "fr",
        },
        plan={
            "when": "any_time",
            "time_zone": "America/Toronto",
            "code_word": CODE_WORD,
            "agreed_questions": [{"question": "Which street?", "answer": "Elm"}],
            "cover_name": "the library",
        },
    )
    answers = [ConsentAnswer(purpose, True) for purpose in (Purpose.KEEP_CASE, Purpose.CALL_BACK)]
    answers += [ConsentAnswer(Purpose.SHARE_WITH_PARTNER, True, category=need) for need in SHARED]
    partner = world.organization("Bridge House").id
    answers.append(ConsentAnswer(Purpose.SHARE_WITH_PARTNER, True, partner_id=partner))
    people.services.record_consents(actor, person, answers)
    return person


def open_case(world: Any, person: Any, *, is_sensitive: bool = False) -> Case:
    """Open a case with two needs, a note and the calls of its series."""
    need = NeedCode.VIOLENCE_SHELTER if is_sensitive else NeedCode.FOOD
    case = cases.services.open_case(
        world.amina.actor,
        person,
        needs=[need, NeedCode.TRANSPORT],
        adults=1,
        children=2,
        language="fr",
        note="She hides at her sister’s.",
    )
    followups.services.plan_series(world.amina.actor, case)
    return case


def live_through(world: Any, case: Case, clock: Any) -> list[str]:
    """Let everything happen to a case that can; give the paths of the links in its mails."""
    actor = world.amina.actor
    first = "Maison Rivage" if case.is_sensitive else "Moisson du Quartier"
    links = [_asks(world, case, 0, first), _asks(world, case, 1, "Volunteer Wheels")]
    held, asked = referrals.queries.for_case(actor, case)[::-1]
    referrals.services.remark(actor, asked, what=Remark.CALL_US)
    referrals.services.answer(
        actor,
        held,
        to=ReferralState.ACCEPTED,
        source=Source.PARTNER_CONFIRMED,
        hold_until=database.now() + timedelta(hours=20),
        details={"bring": "a card"},
    )
    referrals.services.ask_again(actor, held)
    links.append(scenes.link_in(scenes.post(case.service_id)[0]))
    deliver_all(case.service_id)
    database.commit()
    _calls(actor, case)
    cases.services.add_note(actor, case, body="She sounds better.")
    cases.services.record_emergency(actor, kind=EmergencyKind.E911, case=case)
    hold = cases.services.place_hold(
        world.sophie.actor, case, reason=HoldReason.COURT_ORDER, note=f"Asked about {NAME}"
    )
    cases.services.lift_hold(world.sophie.actor, hold)
    cases.services.assign(world.sophie.actor, case, owner_id=world.louis.account_id)
    cases.services.assign(world.sophie.actor, case, owner_id=world.amina.account_id)
    database.commit()
    clock.advance(timedelta(days=43))
    people.services.warn_of_expiry(actor)
    database.commit()
    return links


def _asks(world: Any, case: Case, number: int, name: str) -> str:
    referrals.services.send(
        world.amina.actor,
        case,
        case.needs[number],
        organization_id=world.organization(name).id,
        urgency=Urgency.URGENT,
        details={"alias": "Mado", "access": "ramp"},
    )
    [mail] = scenes.post(case.service_id)
    return scenes.link_in(mail)


def _calls(actor: Any, case: Case) -> None:
    coming = followups.queries.next_for(actor, case)
    assert coming is not None
    attempt = followups.services.start_call(actor, coming)
    followups.services.record_reach(
        actor, attempt, result=AttemptResult.REACHED_PERSON, code_word=CODE_WORD
    )
    cases.services.record_outcome(
        actor,
        case,
        case.needs[0],
        outcome=NeedOutcome.MET,
        source=Source.PERSON_REPORTED,
    )
    database.commit()


def erased_entries(viewer: Any) -> list[Any]:
    """Give the audit's entries of erased cases, newest first."""
    return audit.entries(viewer, audit.EntryFilter(action="case:erased"))
