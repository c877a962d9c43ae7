"""What is weighed for a household, and that each ground and each place not shown is said (issue 5)."""

from dataclasses import replace
from typing import Any

import pytest

from casework import database, directory
from casework.directory.features import Feature
from casework.directory.models import DirectoryService
from casework.directory.needs import NeedCode
from casework.directory.policy import Fit, Suitable, Wants
from casework.referrals import proposals
from casework.referrals.views.words import fit_words
from tests.referrals import scenes


def test_what_is_weighed_is_what_the_case_says_in_clear(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 5: needs, household, region and language; a shelter is wanted tonight."""
    seen = []

    def weigh(_viewer: Any, wants: Wants, **_more: Any) -> Suitable:
        seen.append(wants)
        return Suitable([])

    monkeypatch.setattr("casework.directory.queries.suitable", weigh)
    for code, is_urgent in ((NeedCode.SHELTER, True), (NeedCode.FOOD, False)):
        case = scenes.case_for(world.amina.actor, code, region="Laval")
        proposals.suitable(world.amina.actor, case, case.needs[0], features=(Feature.PETS,))
        assert seen.pop() == Wants(
            code, "fr", adults=1, children=3, features=(Feature.PETS,), region="Laval",
            is_urgent=is_urgent,
        )  # fmt: skip


def test_every_ground_is_said_for_against_and_unknown() -> None:
    """Issue 5: each result says why it fits and what is unknown."""
    fit = Fit(
        DirectoryService(),
        0,
        reasons=("language",),
        unknowns=("families",),
        against=("ages",),
        offers=(Feature.PETS,),
        unsaid=(Feature.HALAL,),
    )
    assert fit_words(fit) == (
        ["speaks their language", "Pets welcome"],
        ["families not known", "Halal meals: not known"],
        ["takes other ages only"],
    )


def test_the_page_says_how_many_are_not_shown_and_that_not_all_were_compared(
    world: Any, visitor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Issue 5: nothing is hidden without saying so."""
    case = scenes.case_for(world.amina.actor, NeedCode.SHELTER)
    database.commit()
    weigh = directory.queries.suitable
    monkeypatch.setattr(
        directory.queries,
        "suitable",
        lambda *given, **more: replace(weigh(*given, **more), others=7, is_cut=True),
    )
    page = visitor(world.amina).get(f"/cases/{case.ref}/referrals/new").get_data(as_text=True)
    assert "7 more agencies answer this need and are not shown." in page
    assert "not all were compared" in page
