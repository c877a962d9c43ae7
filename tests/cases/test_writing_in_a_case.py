"""Notes, needs and outcomes: what is refused comes back whole, and nobody overwrites unseen."""

from typing import Any

import pytest
from sqlalchemy import text

from casework.cases import queries, services
from casework.cases.models import NeedOutcome, Reason, Source, UnmetKind
from casework.cases.services import needs
from casework.directory.needs import NeedCode
from casework.extensions import db as extension
from casework.people.models import AccessReason
from tests.cases.openings import only_need, open_case, outcome
from tests.world import World


def test_a_note_is_sealed_and_stands_in_the_case(world: World, visitor: Any) -> None:
    case = open_case(world.amina.actor)
    answer = visitor(world.amina).submit(f"/cases/{case.ref}/notes", {"body": "Asked for halal."})
    assert answer.headers["Location"] == f"/cases/{case.ref}"
    [(note, body)] = services.open_notes(world.amina.actor, case, purpose="test")
    assert body == "Asked for halal."
    stored = extension.session.execute(text("SELECT body FROM case_note")).scalar_one()
    assert b"halal" not in bytes(stored)
    assert note.written_by == world.amina.account_id


def test_a_note_of_100_000_characters_is_refused_and_kept_on_the_page(
    world: World, visitor: Any
) -> None:
    """The issue's bad input: a clear message, and every character still there."""
    case = open_case(world.amina.actor)
    browser, body = visitor(world.louis), "né" * 50_000
    services.assign(world.amina.actor, case, owner_id=world.louis.account_id)
    answer = browser.submit(f"/cases/{case.ref}/notes", {"body": body})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert body in page
    assert "8000" in page
    assert services.open_notes(world.louis.actor, case, purpose="test") == []


def test_the_browser_never_cuts_a_note_that_is_pasted(world: World, visitor: Any) -> None:
    """What is too long is refused in words; a maxlength would drop its end in silence."""
    case = open_case(world.amina.actor)
    page = visitor(world.amina).get(f"/cases/{case.ref}/notes").get_data(as_text=True)
    assert "maxlength" not in page.split("<textarea")[1].split(">")[0]


def test_an_empty_note_is_refused(world: World, visitor: Any) -> None:
    case = open_case(world.amina.actor)
    answer = visitor(world.amina).submit(f"/cases/{case.ref}/notes", {"body": "  "})
    assert answer.status_code == 422


def test_a_note_survives_a_stale_token(world: World, visitor: Any) -> None:
    """What was typed comes back in a live session from our own page, and nothing is saved."""
    case = open_case(world.amina.actor)
    answer = visitor(world.amina).post(
        f"/cases/{case.ref}/notes", {"body": "Called twice."}, token="stale"
    )
    assert answer.status_code == 422
    assert "Called twice." in answer.get_data(as_text=True)
    assert services.open_notes(world.amina.actor, case, purpose="test") == []


def test_a_note_can_be_read_in_the_other_language_before_it_is_saved(
    world: World, visitor: Any
) -> None:
    """screens.md section 6: the language link keeps what was typed, and saves nothing."""
    case = open_case(world.amina.actor)
    answer = visitor(world.amina).submit(
        f"/cases/{case.ref}/notes", {"body": "Half a note", "kept": "1"}
    )
    assert answer.status_code == 200
    assert "Half a note" in answer.get_data(as_text=True)
    assert services.open_notes(world.amina.actor, case, purpose="test") == []


def test_a_need_said_later_is_added(world: World, visitor: Any) -> None:
    case = open_case(world.amina.actor)
    visitor(world.amina).submit(f"/cases/{case.ref}/needs/add", {"needs": ["rent", "energy"]})
    codes = [need.code for need in queries.needs_of(world.amina.actor, case)]
    assert codes == [NeedCode.FOOD, NeedCode.RENT, NeedCode.ENERGY]


def test_violence_said_later_makes_the_case_sensitive(world: World, visitor: Any) -> None:
    """R19: from that moment on, the area is not kept."""
    case = open_case(world.amina.actor, details={"area": "Old Mill"})
    visitor(world.amina).submit(f"/cases/{case.ref}/needs/add", {"needs": "violence_shelter"})
    assert case.is_sensitive
    assert case.person.area is None


@pytest.mark.parametrize("codes", [[], ["food"], ["rent", "food"]])
def test_a_need_that_is_missing_or_already_there_is_refused(
    world: World, visitor: Any, codes: list[str]
) -> None:
    case = open_case(world.amina.actor)
    answer = visitor(world.amina).submit(f"/cases/{case.ref}/needs/add", {"needs": codes})
    assert answer.status_code == 422
    assert len(queries.needs_of(world.amina.actor, case)) == 1


def test_an_outcome_is_recorded_with_who_says_so(world: World, visitor: Any) -> None:
    case = open_case(world.amina.actor)
    need = only_need(world.amina.actor, case)
    url = f"/cases/{case.ref}/needs/{need.id}/outcome"
    answer = visitor(world.amina).submit(url, outcome(need.version, source="partner_confirmed"))
    assert answer.status_code == 302
    need = only_need(world.amina.actor, case)
    assert (need.outcome, need.source) == (NeedOutcome.MET, Source.PARTNER_CONFIRMED)


def test_an_unmet_need_wants_its_reason(world: World, visitor: Any) -> None:
    """domain.md section 5: unmet is counted with its reason, or not at all."""
    case = open_case(world.amina.actor)
    need = only_need(world.amina.actor, case)
    browser, url = visitor(world.amina), f"/cases/{case.ref}/needs/{need.id}/outcome"
    answer = browser.submit(url, outcome(need.version, outcome="unmet"))
    assert answer.status_code == 422
    assert "Choose why the need was not met." in answer.get_data(as_text=True)
    browser.submit(url, outcome(need.version, outcome="unmet", reason="no_capacity"))
    need = only_need(world.amina.actor, case)
    assert (need.outcome, need.reason) == (NeedOutcome.UNMET, Reason.NO_CAPACITY)
    assert need.unmet_kind is UnmetKind.NO_REFERRAL


def test_an_unmet_need_that_was_referred_is_of_the_other_kind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """domain.md section 5: help not received is kept apart from no referral possible."""
    monkeypatch.setattr(needs, "_was_referred", lambda _actor, _need_id: True)
    case = open_case(world.amina.actor)
    need = services.record_outcome(
        world.amina.actor,
        case,
        only_need(world.amina.actor, case),
        outcome=NeedOutcome.UNMET,
        reason=Reason.NO_CAPACITY,
        source=Source.PERSON_REPORTED,
    )
    assert need.unmet_kind is UnmetKind.NOT_RECEIVED


@pytest.mark.parametrize("field", ["outcome", "source"])
def test_nothing_about_an_outcome_is_chosen_in_advance(
    world: World, visitor: Any, field: str
) -> None:
    case = open_case(world.amina.actor)
    need = only_need(world.amina.actor, case)
    browser, url = visitor(world.amina), f"/cases/{case.ref}/needs/{need.id}/outcome"
    assert " checked" not in browser.get(url).get_data(as_text=True)
    assert browser.post(url, outcome(need.version, **{field: ""})).status_code == 422


def test_two_outcomes_at_once_stand_side_by_side(world: World, visitor: Any) -> None:
    """screens.md section 4: both versions shown when two people edited, one button saves over it."""
    case = open_case(world.amina.actor)
    need = only_need(world.amina.actor, case)
    version, url = need.version, f"/cases/{case.ref}/needs/{need.id}/outcome"
    services.admit(world.louis.actor, case, reason=AccessReason.COVERING)
    visitor(world.louis).submit(url, outcome(version, outcome="unmet", reason="no_funds"))
    browser = visitor(world.amina)
    page = browser.submit(url, outcome(version)).get_data(as_text=True)
    for word in ("What stands now", "Unmet", "No funds or stock", "Louis P.", "Need met"):
        assert word in page
    assert only_need(world.amina.actor, case).outcome is NeedOutcome.UNMET
    answer = browser.post(url, outcome(version + 1))
    assert answer.status_code == 302
    assert only_need(world.amina.actor, case).outcome is NeedOutcome.MET


def test_a_version_that_is_no_number_saves_nothing(world: World, visitor: Any) -> None:
    case = open_case(world.amina.actor)
    need = only_need(world.amina.actor, case)
    url = f"/cases/{case.ref}/needs/{need.id}/outcome"
    answer = visitor(world.amina).submit(url, outcome("x'"))
    assert answer.status_code == 422
    assert only_need(world.amina.actor, case).outcome is NeedOutcome.PENDING
