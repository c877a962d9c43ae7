"""Random navigators, agencies, clocks, withdrawals and erasures against the real services (issue 5)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from casework import database
from casework.cases.models import Source
from casework.people.models import Purpose
from casework.referrals import services
from casework.referrals.models import Referral, ReferralState
from casework.referrals.services import links, moves, sealing, watch
from casework.referrals.services.moves import Change
from casework.security import Actor
from tests.referrals.random_actors import Everybody, machine_for

CALM = {"deadline": None, "suppress_health_check": list(HealthCheck)}
SHORT = settings(max_examples=12, stateful_step_count=20, **CALM)
LONG = settings(max_examples=400, stateful_step_count=40, **CALM)
Story = Callable[[Everybody], None]


def test_whatever_anybody_does_the_story_of_a_request_stays_whole(world: Any, clock: Any) -> None:
    """No illegal state, no lost or doubled event, nothing confirmed by the system (R4, R17, R31)."""
    run_state_machine_as_test(machine_for(world, clock), settings=SHORT)


@pytest.mark.soak
def test_it_stays_whole_in_many_long_stories(world: Any, clock: Any) -> None:
    run_state_machine_as_test(machine_for(world, clock), settings=LONG)


# --- planted faults: what the machine looks at sees them ------------------------------------------


def held(machine: Everybody) -> None:
    """An agency holds a place for two hours."""
    [referral] = machine.referrals()
    until = database.now() + timedelta(hours=2)
    services.answer(
        machine.world.amina.actor,
        referral,
        to=ReferralState.ACCEPTED,
        source=Source.PARTNER_CONFIRMED,
        hold_until=until,
    )


def answered_on_an_old_page(machine: Everybody) -> None:
    """A navigator answers on a page that has moved on."""
    [referral] = machine.referrals()
    change = Change(to=ReferralState.WAITLISTED, source=Source.PARTNER_CONFIRMED)
    amina = machine.world.amina.actor
    machine.act(
        referral,
        lambda version: moves.move(amina, referral, change, version=version),
        is_stale=True,
    )


def passed(minutes: int) -> Story:
    """Time passes, and the clock sees it."""
    return lambda machine: machine.time_passes(minutes=minutes, is_swept=True)


def posted(machine: Everybody) -> None:
    """The letters leave."""
    machine.the_post_leaves()


def withdrawn(machine: Everybody) -> None:
    """The person agrees no more."""
    machine.the_person_withdraws(purpose=Purpose.SHARE_WITH_PARTNER)


def tell(world: Any, clock: Any, *story: Story) -> None:
    """Tell one story to the machine, and look after each step at all that must always be true."""
    machine = machine_for(world, clock)()
    try:
        machine.somebody_is_asked(name="Foyer du Pont")
        for step in (lambda _machine: None, *story):
            step(machine)
            machine.the_story_is_whole()
            machine.the_clock_is_wound_where_it_must_be()
            machine.nothing_is_shown_without_consent()
            machine.a_sensitive_case_names_nobody()
    finally:
        machine.teardown()


def said_in_danger(machine: Everybody) -> None:
    """A need of violence is added."""
    machine.violence_is_said()


OLD_PAGE: tuple[Story, ...] = (answered_on_an_old_page,)
HOLD_ENDS: tuple[Story, ...] = (held, passed(125))
# The links of a request that expired still take a late yes, so nobody revokes them.
CONSENT_ENDS: tuple[Story, ...] = (posted, passed(125), withdrawn)
VIOLENCE: tuple[Story, ...] = (held, said_in_danger)


@pytest.mark.parametrize("story", [OLD_PAGE, HOLD_ENDS, CONSENT_ENDS, VIOLENCE])
def test_the_stories_of_the_faults_are_fine_without_them(
    world: Any, clock: Any, story: tuple[Story, ...]
) -> None:
    tell(world, clock, *story)


def test_a_skipped_version_check_is_seen(
    world: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault, planted: an answer on an old page is taken."""
    monkeypatch.setattr(moves, "check_version", lambda referral, version: None)
    with pytest.raises(AssertionError, match="old page"):
        tell(world, clock, *OLD_PAGE)


def test_a_clock_that_confirms_is_seen(
    world: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault, planted: a hold that ended counts as an arrival, and the table is not asked."""
    honest = moves._check

    def trusting(actor: Actor, referral: Referral, change: Change) -> None:
        if change.to is not ReferralState.CONFIRMED:
            honest(actor, referral, change)

    def believe(actor: Actor, referral: Referral) -> None:
        moves.move(actor, referral, Change(to=ReferralState.CONFIRMED, source=Source.SYSTEM))

    monkeypatch.setattr(moves, "_check", trusting)
    monkeypatch.setattr(watch, "_watch_hold", believe)
    with pytest.raises(AssertionError, match="confirmed by the system"):
        tell(world, clock, *HOLD_ENDS)


def test_a_page_shown_without_consent_is_seen(
    world: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault, planted: links do not ask again whether sharing is still agreed to (R4)."""
    monkeypatch.setattr(links, "has_consent", lambda referral: True)
    with pytest.raises(AssertionError, match="without consent"):
        tell(world, clock, *CONSENT_ENDS)


def test_a_request_left_in_clear_is_seen(
    world: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault, planted: a case becomes one of violence, and whoever acted stays named (R16)."""
    monkeypatch.setattr(sealing, "_seal_hand", lambda event: None)
    with pytest.raises(AssertionError, match="in clear"):
        tell(world, clock, *VIOLENCE)
