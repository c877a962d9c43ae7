"""The case page: safe contact above everything, one story, details masked until somebody says why."""

from datetime import UTC, datetime
from typing import Any

import pytest

from casework import database
from casework.audit import EntryFilter, entries
from casework.cases import services as cases
from casework.cases.models import NeedOutcome, Reason, Source
from casework.directory.needs import NeedCode
from casework.people import services as people
from casework.people.models import Purpose, WhenToCall
from casework.referrals import services as referrals
from casework.referrals.models import Urgency
from tests.desk.contacts import NOW, due_now, open_case, window


@pytest.fixture
def page(visitor: Any, world: Any) -> Any:
    """Open a case page as a member of the cast."""

    def read(case: Any, member: Any = None) -> str:
        response = visitor(member or world.amina).get(f"/cases/{case.ref}")
        assert response.status_code == 200
        return str(response.get_data(as_text=True))

    return read


def test_within_agreed_hours_the_banner_says_until_when(page: Any, world: Any, clock: Any) -> None:
    """The banner stands above everything and never says “safe to call” (R10)."""
    text = page(due_now(world.amina, clock))
    assert "Within agreed hours until 5\u00a0p.m." in text
    assert "Start call" in text
    assert "safe to call" not in text.lower()


def test_outside_agreed_hours_the_phone_button_is_only_text(
    page: Any, world: Any, clock: Any
) -> None:
    """Calling then needs a reason, on the page of the call (screens.md 3)."""
    text = page(due_now(world.amina, clock, windows=[window("14:00", "16:00")]))
    assert "Not now. Agreed hours begin 2\u00a0p.m." in text
    assert "Start call" not in text
    assert "Call outside agreed hours" in text


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ({"when": WhenToCall.WILL_CALL_US}, "Do not call: the person will call us"),
        ({"when": WhenToCall.ASK_FIRST, "calls": False}, "no consent to be called back"),
        ({"when": WhenToCall.ANY_TIME}, "Within agreed hours: any time"),
    ],
)
def test_the_banner_says_what_was_agreed(
    page: Any, world: Any, clock: Any, said: dict[str, Any], title: str
) -> None:
    """Every answer of the plan has its words (R9, R11)."""
    text = page(due_now(world.amina, clock, **said))
    assert title in text


def test_an_unsafe_number_is_never_called(page: Any, world: Any, clock: Any) -> None:
    """After a failed identity step nobody calls, for whatever reason (R13)."""
    case = due_now(world.amina, clock)
    people.mark_unsafe(world.amina.actor, case.person)
    database.commit()
    text = page(case)
    assert "Do not call: marked as not safe" in text
    assert "Start call" not in text
    assert "Call outside agreed hours" not in text


def test_an_old_plan_shows_a_warning(page: Any, world: Any, clock: Any) -> None:
    """A plan older than 14 days is asked for again (R14)."""
    case = due_now(world.amina, clock)
    clock.freeze(datetime(2026, 12, 10, 15, 0, tzinfo=UTC))
    assert "Last confirmed more than 14 days ago" in page(case)


def test_names_and_numbers_are_masked(page: Any, world: Any, clock: Any) -> None:
    """The page shows dots and opens no identifying detail (R21)."""
    text = page(due_now(world.amina, clock, name="Quetzalcoatl"))
    assert "Quetzalcoatl" not in text
    assert "0142" not in text
    assert "•••-•••-••••" in text


def test_a_reveal_needs_a_purpose(visitor: Any, world: Any, clock: Any) -> None:
    """Without a reason nothing is shown, and the page says what is missing."""
    case = due_now(world.amina, clock, name="Quetzalcoatl")
    response = visitor(world.amina).submit(f"/cases/{case.ref}/reveal", {})
    text = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "Choose why you need the details." in text
    assert "Quetzalcoatl" not in text


def test_a_reveal_shows_once_and_is_written_down(visitor: Any, world: Any, clock: Any) -> None:
    """Who, which fields and why stand in the audit; the page hides them after two minutes (R21)."""
    case = due_now(world.amina, clock, name="Quetzalcoatl")
    browser = visitor(world.amina)
    browser.get(f"/cases/{case.ref}")
    text = browser.post(f"/cases/{case.ref}/reveal", {"purpose": "call"}).get_data(as_text=True)
    assert "Quetzalcoatl" in text
    assert "514-555-0142" in text
    assert 'data-remask="120"' in text
    entry = entries(world.sophie.actor, EntryFilter(action="person:open"))[0]
    assert entry.actor_id == world.amina.account_id
    assert entry.purpose == "call"
    assert entry.fields == ["phone", "safe_name"]
    assert "Quetzalcoatl" not in browser.get(f"/cases/{case.ref}").get_data(as_text=True)


def test_reading_a_case_is_one_view_in_the_audit(page: Any, world: Any, clock: Any) -> None:
    """One entry says that the case was read, by whom and whose (R21)."""
    case = due_now(world.amina, clock)
    page(case)
    found = entries(world.sophie.actor, EntryFilter(action="case:read"))
    assert [(entry.object_id, entry.actor_id) for entry in found] == [
        (str(case.id), world.amina.account_id)
    ]


def test_the_story_has_what_is_next_on_top(page: Any, world: Any, clock: Any) -> None:
    """A dashed Next, then all that happened, newest first."""
    case = due_now(world.amina, clock)
    cases.record_outcome(
        world.amina.actor,
        case,
        case.needs[0],
        outcome=NeedOutcome.UNMET,
        reason=Reason.NO_FUNDS,
        source=Source.PERSON_REPORTED,
    )
    database.commit()
    story = page(case).split('class="timeline"', 1)[1]
    places = [
        story.index(words)
        for words in (
            "Next: Call back",
            "Outcome recorded: Unmet",
            "Consent recorded",
        )
    ]
    assert places == sorted(places)
    assert "Yes: Keep a case, Call back, Share with an agency" in story
    assert "No: Leave a voicemail" in story


def test_a_referral_joins_the_story(page: Any, world: Any, clock: Any) -> None:
    """The agency asked is named, with its need and who says so."""
    case = due_now(world.amina, clock)
    agency = world.organization("Moisson du Quartier")
    referrals.send(
        world.amina.actor,
        case,
        case.needs[0],
        organization_id=agency.id,
        urgency=Urgency.ROUTINE,
        details={},
    )
    database.commit()
    assert "Moisson du Quartier: Asked" in page(case)


def test_the_agency_of_a_sensitive_case_is_not_named(page: Any, world: Any, clock: Any) -> None:
    """Where a survivor may go stays sealed on this page too (R16, R19)."""
    clock.freeze(NOW)
    case = open_case(world.amina, needs=(NeedCode.VIOLENCE_SHELTER,))
    agency = world.organization("Maison Rivage")
    referrals.send(
        world.amina.actor,
        case,
        case.needs[0],
        organization_id=agency.id,
        urgency=Urgency.URGENT,
        details={},
    )
    database.commit()
    text = page(case)
    assert "Maison Rivage" not in text
    assert "Agency: Asked" in text


def test_notes_are_opened_with_an_entry(page: Any, world: Any, clock: Any) -> None:
    """Notes stand on the page, and reading them is recorded (R21)."""
    case = due_now(world.amina, clock, note="Prefers tea.")
    assert "Prefers tea." in page(case)
    assert entries(world.sophie.actor, EntryFilter(action="case:notes:read"))


def test_a_colleague_without_access_finds_no_such_page(
    visitor: Any, world: Any, clock: Any
) -> None:
    """They look the case up with a reason first; until then it does not exist (R29, R32)."""
    case = due_now(world.amina, clock)
    assert visitor(world.louis).get(f"/cases/{case.ref}").status_code == 404
    assert visitor(world.sophie).get(f"/cases/{case.ref}").status_code == 404


@pytest.mark.parametrize("who", ["outsider", "marc", "agency"])
def test_others_never_see_a_case(visitor: Any, world: Any, clock: Any, who: str) -> None:
    """Another service, an administrator, an agency: 404, for the page and for a reveal."""
    case = due_now(world.amina, clock)
    browser = visitor(getattr(world, who))
    assert browser.get(f"/cases/{case.ref}").status_code == 404
    assert browser.post(f"/cases/{case.ref}/reveal", {"purpose": "call"}).status_code == 404


def test_a_reference_typed_wrong_opens_nobody_else(visitor: Any, world: Any, clock: Any) -> None:
    """The check character makes a slip no page at all."""
    case = due_now(world.amina, clock)
    wrong = case.ref[:-1] + ("2" if case.ref[-1] != "2" else "3")
    assert visitor(world.amina).get(f"/cases/{wrong}").status_code == 404


def test_without_consent_to_call_the_story_says_no(page: Any, world: Any, clock: Any) -> None:
    """A refused purpose is recorded as an answer, not left out (R2, R3)."""
    case = due_now(world.amina, clock, calls=False)
    text = page(case)
    assert "No: Call back" in text
    assert Purpose.CALL_BACK.value not in text
