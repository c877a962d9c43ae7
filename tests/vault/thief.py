"""A thief who writes into the database behind the application's back, and what must come of it."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from structlog.testing import capture_logs

from casework import audit, cases, people, referrals
from casework.audit import EntryFilter
from casework.cases.models import Case, CaseNote
from casework.people.models import Consent, Person
from casework.referrals.models import Referral, ReferralEvent
from casework.vault import Unreadable, unreadable_counts
from casework.vault.data_keys import CACHE
from casework.vault.digests import KNOWN
from tests.people.records import WEEKDAY_MORNINGS
from tests.referrals.scenes import answers

# Whatever a person said carries this, so that no message can hide a part of it.
MARK = "Zqxjkvbw"
PHONES = ("+15145550188", "+15145550199")
VAULT_OPEN = EntryFilter(action="vault:open")


@dataclass(frozen=True)
class Victim:
    """One person with everything that is sealed about them."""

    person: Person
    case: Case
    notes: tuple[CaseNote, CaseNote]
    referral: Referral
    event: ReferralEvent
    consent: Consent

    @property
    def ids(self) -> dict[str, Any]:
        """Name the rows for a statement."""
        return {
            "person": self.person.id,
            "case": self.case.id,
            "note": self.notes[0].id,
            "referral": self.referral.id,
            "event": self.event.id,
            "consent": self.consent.id,
        }


def keep_victim(world: Any, number: int) -> Victim:
    """Keep somebody in a sensitive case, with notes and a request to a shelter that answered."""
    actor = world.amina.actor
    shelter = world.organization("Maison Rivage")
    person = people.services.register_person(
        actor,
        details={
            "full_name": f"{MARK} Quist {number}",
            "safe_name": f"{MARK} {number}",
            "phone": PHONES[number],
            "pets": f"{MARK} cat {number}",
        },
        plan={
            "when": "windows",
            "windows": WEEKDAY_MORNINGS,
            "time_zone": "America/Toronto",
            "voicemail_rule": "named",
            "code_word": f"{MARK} heron {number}",
            "cover_name": f"{MARK} library {number}",
        },
    )
    people.services.record_consents(actor, person, answers(partner_id=shelter.id))
    case = cases.services.open_case(
        actor, person, needs=["violence_shelter"], adults=1, children=2, language="fr"
    )
    notes = tuple(
        cases.services.add_note(actor, case, body=f"{MARK} note {number}.{each}") for each in (0, 1)
    )
    referral = referrals.services.send(
        actor,
        case,
        case.needs[0],
        organization_id=shelter.id,
        urgency=referrals.models.Urgency.URGENT,
        details={"alias": f"{MARK} alias {number}"},
    )
    event = referrals.services.answer(
        actor,
        referral,
        to=referrals.models.ReferralState.WAITLISTED,
        source=cases.models.Source.PARTNER_CONFIRMED,
        details={"note": f"{MARK} answer {number}"},
    )
    consent = next(
        each
        for each in people.queries.running(actor, person.id)
        if each.purpose is people.models.Purpose.SHARE_WITH_PARTNER
    )
    return Victim(person, case, (notes[0], notes[1]), referral, event, consent)


def openers(world: Any, victim: Victim) -> dict[str, Callable[[], Any]]:
    """Give every way in which the application opens something about a person."""
    actor, person, case = world.amina.actor, victim.person, victim.case
    details, plans = people.services, people.services
    return {
        "details": lambda: details.open_details(
            actor, person, "full_name", "safe_name", "phone", purpose="case_page"
        ),
        "names": lambda: details.open_names(actor, [person], purpose="my_day"),
        "plan": lambda: plans.open_plan(actor, person, purpose="call_back"),
        "own plan": lambda: plans.open_own_plan(actor, person, purpose="plan_call"),
        "identity": lambda: plans.verify_identity(actor, person, code_word="wrong"),
        "notes": lambda: cases.services.open_notes(actor, case, purpose="case_page"),
        "referral": lambda: referrals.services.open_referral(
            actor, victim.referral, purpose="referral_page"
        ),
        "event": lambda: referrals.services.openers.open_event_actor(
            actor, victim.referral, victim.event
        ),
        "consent": lambda: people.services.open_named_partners(
            actor, [victim.consent], purpose="check_sharing"
        ),
    }


def tamper(db: Any, statement: str, **values: Any) -> None:
    """Change rows behind the application's back, and let the session read everything anew."""
    assert db.session.execute(text(statement), values).rowcount > 0
    forget(db)


def forget(db: Any) -> None:
    """Let the session read rows, keys and digests anew, as the next request would."""
    db.session.flush()
    db.session.expire_all()
    for kept in (CACHE, KNOWN):
        db.session.info.pop(kept, None)


def refused(world: Any, caplog: Any, attempt: Callable[[], Any], *reasons: str) -> list[str]:
    """Check that an opening is refused, counted and audited, and that nothing tells a value.

    Give the reasons that were counted. What a list opens of other rows is let pass: only what
    cannot be read is left out of it.
    """
    caplog.set_level(logging.DEBUG)
    counts = unreadable_counts()
    told = len(audit.entries(world.amina.actor, VAULT_OPEN, limit=2000))
    shown: list[object] = []
    with capture_logs() as logs:
        try:
            attempt()
        except Unreadable as error:
            shown += [repr(error), vars(error), *traceback.format_exception(error)]
            assert error.__cause__ is None
    counted = {
        reason: count - counts.get(reason, 0)
        for reason, count in unreadable_counts().items()
        if count > counts.get(reason, 0)
    }
    entries = audit.entries(world.amina.actor, VAULT_OPEN, limit=2000)
    new = entries[: len(entries) - told]
    assert counted, "nothing was refused"
    assert set(counted) <= set(reasons), counted
    assert sorted(entry.detail["reason"] for entry in new) == sorted(
        reason for reason, count in counted.items() for _ in range(count)
    )
    assert all(entry.is_refused for entry in new)
    written = [(entry.object_id, entry.fields, entry.detail) for entry in new]
    everything = f"{shown} {logs} {caplog.text} {written}"
    assert MARK not in everything
    assert not any(phone in everything for phone in PHONES)
    return sorted(counted)
