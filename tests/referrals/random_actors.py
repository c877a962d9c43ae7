"""Everybody who can touch a referral, doing anything in any order, and what must always be true."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import text

from casework import cases, database, people, vault
from casework.cases.erasure_models import ErasureReason
from casework.cases.models import Reason, Source
from casework.database import Refused
from casework.directory.needs import NeedCode
from casework.extensions import db
from casework.people.models import Purpose
from casework.referrals import queries, services
from casework.referrals.clocks import HoldChoice
from casework.referrals.models import LinkPurpose, Referral, ReferralEvent, ReferralState, Remark
from casework.referrals.policy import Reply
from casework.referrals.services import letters, links, moves, replies
from casework.referrals.services.moves import Change
from casework.referrals.services.watch import watch
from casework.security import Actor
from tests.referrals import scenes
from tests.referrals.legal import HELD, LEGAL, OPEN, REMARKS

START = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
SHARED_FOR = timedelta(days=30)  # R2
KINDS = {
    "partner_link": "partner",
    "system": "system",
    "command": "system",
}
WHERE_NAMES = ("Foyer du Pont", "Maison Rivage", "Moisson du Quartier")
WAYS = sorted(LEGAL)
MAYBE_STALE = st.integers(0, 5).map(lambda number: number == 0)


class Everybody(RuleBasedStateMachine):
    """One case, its referrals, and whoever may act; `world` and `clock` are set by the test."""

    world: Any
    clock: Any

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = db.session.begin_nested()
        self.clock.freeze(START)
        self.tokens: list[tuple[str, LinkPurpose]] = []
        self.told: dict[UUID, int] = {}
        self.keys = 0
        self.is_withdrawn = self.is_erased = False

    def teardown(self) -> None:
        """Undo everything this story did."""
        if self.savepoint.is_active:
            self.savepoint.rollback()
        db.session.expire_all()

    @initialize(name=st.sampled_from(WHERE_NAMES))
    def somebody_is_asked(self, name: str) -> None:
        """Open a case and ask one agency."""
        first = scenes.ask(self.world, name)
        self.case_id = first.case_id
        self.shared_until = database.now() + SHARED_FOR
        self.told[first.id] = 1

    # --- those who act -------------------------------------------------------------------------

    @precondition(lambda self: not self.is_erased)
    @rule(data=st.data(), way=st.sampled_from(WAYS), is_stale=MAYBE_STALE)
    def somebody_says_something(self, data: Any, way: tuple[str, str], is_stale: bool) -> None:
        """A navigator, an agency with an account, a link or the clock moves it: legally or not."""
        referral = self.pick(data)
        ways = [end for start, end in WAYS if start == referral.state.value] or [way[1]]
        to = data.draw(st.sampled_from([*ways, way[1]]))
        who, source = data.draw(
            st.sampled_from(
                sorted(LEGAL.get((referral.state.value, to), ())) or [("system", "system")]
            )
        )
        if data.draw(st.integers(0, 4)) == 0:
            who = data.draw(st.sampled_from(["navigator", "partner", "system"]))
            source = data.draw(st.sampled_from([code.value for code in Source]))
        change = Change(
            to=ReferralState(to),
            source=Source(source),
            reason=data.draw(st.sampled_from([Reason.OTHER, Reason.OTHER, None])),
            idempotency_key=data.draw(st.sampled_from([None, "a", "b"])),
        )
        actor = self.actor(who, referral)
        self.act(
            referral,
            lambda version: moves.move(actor, referral, change, version=version),
            is_stale=is_stale,
            key=change.idempotency_key,
        )

    @precondition(lambda self: not self.is_erased)
    @rule(data=st.data(), remark=st.sampled_from(list(Remark)), is_stale=MAYBE_STALE)
    def somebody_remarks(self, data: Any, remark: Remark, is_stale: bool) -> None:
        """Something is said without moving."""
        referral = self.pick(data)
        who = data.draw(st.sampled_from(["navigator", "partner", "system"]))
        source = Source(data.draw(st.sampled_from(["partner_confirmed", "navigator_observed"])))
        until = database.now() + timedelta(hours=5) if remark is Remark.HOLD_EXTENDED else None
        change = Change(to=referral.state, source=source, remark=remark, hold_until=until)
        actor = self.actor(who, referral)
        self.act(
            referral,
            lambda version: moves.remark(actor, referral, change, version=version),
            is_stale=is_stale,
        )

    @precondition(lambda self: not self.is_erased)
    @rule(data=st.data(), who=st.sampled_from(["navigator", "partner"]), is_stale=MAYBE_STALE)
    def somebody_takes_back(self, data: Any, who: str, is_stale: bool) -> None:
        """Undo, by whoever gave the answer or by somebody else."""
        referral = self.pick(data)
        actor = self.actor(who, referral)
        self.act(
            referral,
            lambda version: services.undo(actor, referral, version=version),
            is_stale=is_stale,
        )

    @precondition(lambda self: not self.is_erased)
    @rule(data=st.data(), what=st.sampled_from(["on", "info", "take", "error", "others", "again"]))
    def the_navigator_goes_on(self, data: Any, what: str) -> None:
        """The buttons of the referral’s page."""
        referral, amina = self.pick(data), self.world.amina.actor
        acts: dict[str, Callable[[], Any]] = {
            "on": lambda: services.set_out(amina, referral, source=Source.PERSON_REPORTED),
            "info": lambda: services.answer_question(amina, referral, text="oui"),
            "take": lambda: services.take_late_place(amina, referral),
            "error": lambda: services.mark_entered_in_error(amina, referral),
            "others": lambda: services.recall_siblings(amina, referral),
            "again": lambda: services.ask_again(amina, referral),
        }
        self.attempt(acts[what])

    @precondition(lambda self: not self.is_erased)
    @rule()
    def the_post_leaves(self) -> None:
        """Every letter that waits is worded; agencies keep the links in it."""
        for letter in scenes.waiting():
            purpose = letters.PURPOSE_OF.get(letter.kind)
            message = letters.write(letter) if purpose else None
            letter.status = letter.status.SENT
            if message is not None and purpose is not None and "/r/" in message.body:
                token = message.body.split("/r/")[1].split()[0]
                self.tokens.append((token, purpose))
        db.session.flush()

    @precondition(lambda self: self.tokens)
    @rule(
        data=st.data(),
        reply=st.sampled_from(list(Reply)),
        browser=st.sampled_from(["first", "second"]),
        key=st.sampled_from(["x", "y", ""]),
        is_stale=MAYBE_STALE,
    )
    def an_agency_answers_by_link(
        self, data: Any, reply: Reply, browser: str, key: str, is_stale: bool
    ) -> None:
        """Any answer through any link ever sent, from either of two browsers."""
        token, _purpose = data.draw(st.sampled_from(self.tokens))
        visit = links.visit(token, browser)
        database.enter_service(self.world.north.id)
        if visit is None:
            return
        self.keys += key == ""
        given = replies.Given(
            reply=reply,
            reason=Reason.NO_CAPACITY,
            hold=HoldChoice.TWO_HOURS,
            version=visit.referral.version - is_stale,
            key=key or str(self.keys),
        )
        is_late = visit.referral.state is ReferralState.EXPIRED
        before = self.told[visit.referral.id]
        is_done = self.attempt(lambda: replies.reply(visit, browser, given=given))
        if is_stale and is_done and not is_late:
            known = self.count(visit.referral.id) == before
            assert known, "an answer on an old page was taken"

    @precondition(lambda self: self.tokens)
    @rule(data=st.data(), browser=st.sampled_from(["first", "second"]))
    def an_agency_takes_back_by_link(self, data: Any, browser: str) -> None:
        """Undo on the page of the link."""
        token, _purpose = data.draw(st.sampled_from(self.tokens))
        visit = links.visit(token, browser)
        database.enter_service(self.world.north.id)
        if visit is not None and visit.has_answered:
            self.attempt(lambda: replies.take_back(visit))

    @rule(
        minutes=st.sampled_from([1, 4, 16, 31, 61, 125, 60 * 30, 60 * 24 * 8, 60 * 24 * 29]),
        is_swept=st.booleans(),
    )
    def time_passes(self, minutes: int, is_swept: bool) -> None:
        """The clock moves on; its sweep runs twice, or is late."""
        self.clock.advance(timedelta(minutes=minutes))
        if not is_swept:
            return
        people.services.end_expired(Actor.system(self.world.north.id))
        watch(self.world.north.id)
        after_one = self.events()
        watch(self.world.north.id)
        assert len(self.events()) == len(after_one), "a second sweep did something"

    @precondition(lambda self: not self.is_erased and not self.is_withdrawn)
    @rule(purpose=st.sampled_from([Purpose.SHARE_WITH_PARTNER, Purpose.KEEP_CASE]))
    def the_person_withdraws(self, purpose: Purpose) -> None:
        """The person agrees no more (R5)."""
        person = self.referrals()[0].case.person
        people.services.withdraw(self.world.amina.actor, person, purpose)
        self.is_withdrawn = True

    @precondition(lambda self: not self.is_erased)
    @rule()
    def violence_is_said(self) -> None:
        """The person says why they left: a need of violence is added (R16, R19)."""
        case = self.referrals()[0].case
        codes = [NeedCode.VIOLENCE_SHELTER]
        self.attempt(lambda: cases.services.add_needs(self.world.amina.actor, case, codes=codes))

    @precondition(lambda self: not self.is_erased and self.tokens)
    @rule(chance=st.integers(0, 3))
    def the_case_is_erased(self, chance: int) -> None:
        """The person is forgotten (R17)."""
        if chance:
            return
        referral = self.referrals()[0]
        cases.services.erase_case(
            self.world.amina.actor, referral.case, reason=ErasureReason.PERSONS_WISH
        )
        self.is_erased = True

    # --- what must always be true ---------------------------------------------------------------

    @invariant()
    def the_story_is_whole(self) -> None:
        """Every event legal, chained, counted; none lost, none doubled."""
        by_referral: dict[UUID, list[ReferralEvent]] = {}
        for event in self.events():
            by_referral.setdefault(event.referral_id, []).append(event)
        for referral in self.referrals():
            events = by_referral[referral.id]
            assert [event.position for event in events] == list(range(1, len(events) + 1))
            assert events[0].from_state is ReferralState.DRAFT
            assert events[-1].to_state is referral.state, "an event was lost"
            for before, after in pairwise(events):
                assert after.from_state is before.to_state, "an event was lost"
                assert not (after.is_undo and before.is_undo)
            for event in events:
                self.is_legal(event)
            keys = [event.idempotency_key for event in events if event.idempotency_key]
            assert len(keys) == len(set(keys)), "an event was doubled"
            self.told[referral.id] = len(events)

    @invariant()
    def the_clock_is_wound_where_it_must_be(self) -> None:
        """What ended sleeps; a held place does not expire; what expires says when."""
        for referral in self.referrals():
            if referral.state.value not in OPEN:
                assert (referral.wake_at, referral.expires_at) == (None, None)
            if referral.state.value in HELD:
                assert referral.expires_at is None
            if referral.expires_at is not None:
                assert referral.wake_at is not None
                assert referral.wake_at <= referral.expires_at

    @invariant()
    def a_sensitive_case_names_nobody(self) -> None:
        """R16: neither the agency nor whoever acted stands in clear, whenever it became sensitive."""
        for referral in self.referrals():
            assert referral.is_sensitive is referral.case.is_sensitive
            assert (referral.organization_id is None) is referral.is_sensitive, "named in clear"
        for event in self.events():
            is_sealed = self.referrals()[0].case.is_sensitive
            assert not (is_sealed and event.actor_id), "named in clear"

    @invariant()
    def nothing_is_shown_without_consent(self) -> None:
        """R4, R17: at view time again; a page that only says “withdrawn” tells of nobody."""
        is_shared = not self.is_withdrawn and database.now() < self.shared_until
        for token, purpose in self.tokens:
            visit = links.visit(token, "nobody")
            database.enter_service(self.world.north.id)
            if visit is None:
                continue
            assert not self.is_erased, "a link outlived its case"
            if purpose is LinkPurpose.WITHDRAWN:
                assert visit.referral.state.value in ("withdrawn", "recalled")
            else:
                assert is_shared, "shown without consent"
                assert not visit.has_answered

    def is_legal(self, event: ReferralEvent) -> None:
        """Compare one event with the rules as they are written by hand."""
        who = KINDS.get(event.actor_kind) or self.who_signed(event)
        claim = (who, event.source.value)
        if event.to_state is ReferralState.CONFIRMED:
            assert event.source is not Source.SYSTEM, "confirmed by the system"
        if event.is_undo:
            return
        start, end = event.from_state.value, event.to_state.value
        if event.remark is not None:
            states, claims = REMARKS[event.remark.value]
            assert start == end
            assert start in states, (event.remark, start)
            assert claim in claims, (event.remark, claim)
        else:
            assert claim in LEGAL.get((start, end), ()), (start, end, claim)

    # --- how it is done -----------------------------------------------------------------------

    def act(
        self,
        referral: Referral,
        service: Callable[[int], Any],
        *,
        is_stale: bool,
        key: str | None = None,
    ) -> None:
        """Run a service on the newest or on an old version; an old one may change nothing."""
        before, version = self.told[referral.id], referral.version
        known = moves.key_of(referral, key)
        was_known = known is not None and any(e.idempotency_key == known for e in self.events())
        is_done = self.attempt(lambda: service(version - 1 if is_stale else version))
        if is_done and not was_known:
            assert not is_stale, "an answer on an old page was taken"
            assert self.count(referral.id) == before + 1, "an event was lost or doubled"
        else:
            assert self.count(referral.id) == before, "a refusal or a repeat changed something"

    def attempt(self, service: Callable[[], Any]) -> bool:
        """Run a service as a request does; a refusal undoes all of it."""
        try:
            with database.attempt():
                service()
        except Refused:
            db.session.expire_all()
            return False
        return True

    def pick(self, data: Any) -> Referral:
        """Choose one of the referrals of the case."""
        found = self.referrals()
        return found[data.draw(st.integers(0, len(found) - 1))]

    def referrals(self) -> list[Referral]:
        """Give all referrals of the case, oldest first, those entered in error too."""
        if not hasattr(self, "case_id"):
            return []
        wanted = db.session.query(Referral).filter(Referral.case_id == self.case_id)
        return wanted.order_by(Referral.created_at, Referral.supersedes_id.nullsfirst()).all()

    def events(self) -> list[ReferralEvent]:
        """Give all events of the case, each referral’s in order."""
        wanted = db.session.query(ReferralEvent).filter(ReferralEvent.case_id == self.case_id)
        return wanted.order_by(ReferralEvent.referral_id, ReferralEvent.position).all()

    def count(self, referral_id: UUID) -> int:
        """Count the events of a referral in the database itself."""
        counted = text("SELECT count(*) FROM referral_event WHERE referral_id = :id")
        return int(db.session.execute(counted, {"id": referral_id}).scalar_one())

    def actor(self, who: str, referral: Referral) -> Actor:
        """Give somebody of this kind; an agency is its account here, and a link elsewhere."""
        return {
            "navigator": self.world.amina.actor,
            "partner": self.world.agency.actor,
            "system": Actor.system(self.world.north.id),
        }[who]

    def who_signed(self, event: ReferralEvent) -> str:
        """Tell a navigator from an agency’s account; in a sensitive case that is sealed (R16)."""
        referral = queries.get(self.world.amina.actor, event.referral_id)
        actor_id = services.openers.open_event_actor(self.world.amina.actor, referral, event)
        account_id = self.world.agency.account_id
        hands = vault.aliases(self.world.north.id, referral.id, account_id) | {account_id}
        return "partner" if actor_id in hands else "navigator"


def machine_for(world: Any, clock: Any) -> type[Everybody]:
    """Give the machine for one database and one clock."""
    return type("EverybodyHere", (Everybody,), {"world": world, "clock": clock})
