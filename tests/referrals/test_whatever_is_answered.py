"""Whatever is answered in whatever order: one agency at a time is asked, and none twice."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework import database
from casework.cases.models import Reason
from casework.database import Refused
from casework.extensions import db
from casework.referrals import policy, queries, services
from casework.referrals.models import Referral
from casework.referrals.services import moves
from casework.referrals.services.moves import Change
from casework.referrals.services.watch import watch
from tests.referrals.test_several import SAID, S, asked, states

ANSWERS = st.lists(
    st.tuples(
        st.sampled_from(
            ["decline", "wait", "hold", "release", "expire", "recall", "undo", "press", "ask"]
        ),
        st.integers(0, 3),
    ),
    max_size=14,
)


def act(world: Any, clock: Any, line: list[Referral], what: str, which: int) -> None:
    """Do one thing to one of the round; what the machine refuses changes nothing."""
    amina, referral = world.amina.actor, line[which]
    moved = {
        "decline": Change(to=S.DECLINED, source=SAID, reason=Reason.NO_CAPACITY),
        "wait": Change(to=S.WAITLISTED, source=SAID),
        "hold": Change(to=S.ACCEPTED, source=SAID),
        "release": Change(to=S.REQUESTED, source=SAID, reason=Reason.NO_CAPACITY),
    }
    try:
        with database.attempt():
            if what in moved:
                moves.move(amina, referral, moved[what])
            elif what == "expire":
                clock.advance(timedelta(hours=3))
                watch(world.north.id)
            elif what == "recall":
                services.recall(amina, referral, reason=Reason.OTHER)
            elif what == "undo":
                services.undo(amina, referral)
            else:
                services.ask_in_turn(amina, referral)
    except Refused:
        pass


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=ANSWERS)
def test_whatever_is_answered_one_agency_at_a_time_is_asked_and_none_twice(
    world: Any, clock: Any, story: list[tuple[str, int]]
) -> None:
    savepoint = db.session.begin_nested()
    try:
        clock.freeze(database.now())
        line = asked(world, count=4)
        for what, which in story:
            act(world, clock, line, what, which)
            is_asked = [each for each in line if policy.is_asked(each.state)]
            assert len(is_asked) <= 1, states(line)
            for each in line:
                sent = [
                    event
                    for event in queries.events_of(world.amina.actor, each)
                    if (event.from_state, event.to_state) == (S.DRAFT, S.REQUESTED)
                ]
                assert len(sent) <= 1, "asked twice"
    finally:
        savepoint.rollback()
        db.session.expire_all()
