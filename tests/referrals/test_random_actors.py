"""Random actors against the real service: no illegal state, no lost or doubled event."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework import database, people
from casework.cases.models import Reason, Source
from casework.database import Refused
from casework.extensions import db
from casework.people.models import Purpose
from casework.referrals import policy, queries, services
from casework.referrals.models import Referral, ReferralState, Remark
from casework.referrals.policy import Who
from casework.referrals.services import links, moves
from casework.referrals.services.moves import Change
from casework.referrals.services.watch import watch
from casework.security import Actor
from tests.referrals import scenes

START = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
ANSWER = st.tuples(
    st.just("answer"),
    st.sampled_from(list(Who)),
    st.sampled_from(list(ReferralState)),
    st.sampled_from(list(Source)),
    st.booleans(),
    st.sampled_from(["a", "b", None]),
)
STEP = st.one_of(
    ANSWER,
    st.tuples(st.just("undo"), st.sampled_from(list(Who))),
    st.tuples(st.just("remark"), st.sampled_from(list(Who)), st.sampled_from(list(Remark))),
    st.tuples(st.just("clock"), st.integers(1, 60 * 24 * 20)),
    st.tuples(st.just("withdraw")),
    st.tuples(st.just("letter")),
)


def actor_of(world: Any, referral: Referral, who: Who) -> Actor:
    return {
        Who.NAVIGATOR: world.amina.actor,
        Who.PARTNER: Actor.link(world.north.id, referral.id),
        Who.SYSTEM: Actor.system(world.north.id),
    }[who]


def take(world: Any, clock: Any, referral: Referral, step: Any) -> None:
    """Let one actor do one thing, legal or not."""
    name, *rest = step
    if name == "answer":
        who, to, source, has_reason, key = rest
        change = Change(
            to=to, source=source, reason=Reason.OTHER if has_reason else None, idempotency_key=key
        )
        moves.move(actor_of(world, referral, who), referral, change)
    elif name == "undo":
        services.undo(actor_of(world, referral, rest[0]), referral)
    elif name == "remark":
        services.remark(actor_of(world, referral, rest[0]), referral, what=rest[1])
    elif name == "clock":
        clock.advance(timedelta(minutes=rest[0]))
        watch(world.north.id)
    elif name == "withdraw":
        people.services.withdraw(
            world.amina.actor, referral.case.person, Purpose.SHARE_WITH_PARTNER
        )
    else:
        services.ask_again(world.amina.actor, referral)


def check(world: Any, referral: Referral) -> None:
    """Hold everything that must always be true."""
    events = list(reversed(queries.events_of(world.amina.actor, referral)))
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    assert events[0].from_state is ReferralState.DRAFT
    for before, after in pairwise(events):
        assert after.from_state is before.to_state, "an event was lost"
        assert after.is_undo or after.remark or policy.find(after.from_state, after.to_state)
        assert not (after.is_undo and before.is_undo)
    assert events[-1].to_state is referral.state
    keys = [event.idempotency_key for event in events if event.idempotency_key]
    assert len(keys) == len(set(keys)), "an event was doubled"
    for event in events:
        if event.to_state is ReferralState.CONFIRMED:
            assert event.source is not Source.SYSTEM
        if event.to_state is ReferralState.EXPIRED and not event.is_undo:
            assert event.from_state not in policy.HELD_STATES
    for link in queries.live_links(referral):
        assert referral.state in links.FITS[link.purpose]
    if not policy.is_open(referral.state):
        assert referral.wake_at is None


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, max_size=10), is_sensitive=st.booleans())
def test_whatever_anybody_does_the_story_of_a_request_stays_whole(
    world: Any, clock: Any, steps: list[Any], is_sensitive: bool
) -> None:
    """Issue 5: random navigator, agency, clock and withdrawal, against the table."""
    clock.freeze(START)
    referral = scenes.ask(world, "Maison Rivage" if is_sensitive else "Foyer du Pont")
    for step in steps:
        version = referral.version
        count = len(queries.events_of(world.amina.actor, referral))
        try:
            with database.attempt():
                take(world, clock, referral, step)
        except Refused:
            db.session.refresh(referral)
            assert referral.version == version, "a refusal changed something"
            assert len(queries.events_of(world.amina.actor, referral)) == count
        check(world, referral)
