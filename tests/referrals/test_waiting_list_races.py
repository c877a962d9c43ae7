"""Two who note one call, or a call and an answer, in the same moment: one task is left, never two."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from casework import database
from casework.cases.models import Source
from casework.extensions import db
from casework.followups.list_models import ListCall
from casework.referrals import services
from casework.referrals.listing import Listing
from casework.referrals.models import CallEvery, ReferralState
from tests.referrals.test_two_at_once import ROUNDS, Asked, at_once, pressing

DAILY = Listing(rank=3, call_every=CallEvery.DAY)


@pytest.fixture
def listed(live_db: Flask) -> "Listed":
    """Commit a request on a waiting list, whose call is due now."""
    return Listed(live_db)


class Listed(Asked):
    """A committed request on a waiting list that is kept by a call each day."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self.inside(self.enlist)

    def enlist(self) -> None:
        """Put the person on the list, and let the first call be due."""
        services.answer(
            self.world.amina.actor,
            self.referral(),
            to=ReferralState.WAITLISTED,
            source=Source.PARTNER_CONFIRMED,
            listing=DAILY,
        )
        call = db.session.query(ListCall).filter_by(referral_id=self.id).one()
        call.due_at = database.now() - timedelta(minutes=5)

    def calls(self) -> list[str]:
        """Give how the calls of the request stand."""

        def read() -> list[str]:
            rows = db.session.query(ListCall).filter_by(referral_id=self.id)
            return sorted(row.state.value for row in rows)

        found: list[str] = self.inside(read)
        return found

    def say(self, rank: int) -> Any:
        """Note a rank with no page that could be old, as a service that is called twice."""
        said = Listing(rank=rank)
        return lambda: self.inside(
            lambda: services.say_listed(self.world.amina.actor, self.referral(), listing=said)
        )


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_who_note_the_same_call_one_does_and_the_other_reads_it(
    listed: Listed, _round: int
) -> None:
    url = f"/referrals/{listed.id}/answer"
    pages = [listed.opened(url, listed.world.amina) for _ in range(2)]
    answers = at_once(*(pressing(page, url, reply="still", rank="2") for page in pages))
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert listed.calls() == ["done", "planned"]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_words_without_a_page_leave_one_task(listed: Listed, _round: int) -> None:
    at_once(listed.say(2), listed.say(1))
    assert listed.calls() == ["done", "planned"]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_call_and_an_acceptance_leave_no_task(listed: Listed, _round: int) -> None:
    url = f"/referrals/{listed.id}/answer"
    pages = [listed.opened(url, listed.world.amina) for _ in range(2)]
    answers = at_once(
        pressing(pages[0], url, reply="still", rank="2"), pressing(pages[1], url, reply="hold")
    )
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    is_held = listed.story()[-1][0] is ReferralState.ACCEPTED
    assert listed.calls() == (["ended"] if is_held else ["done", "planned"])
