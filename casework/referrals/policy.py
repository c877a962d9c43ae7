"""The state machine of a referral as one table, and the pure questions asked of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from casework.cases.models import Reason, Source
from casework.database import Code
from casework.referrals.models import (
    LinkPurpose,
    Referral,
    ReferralEvent,
    ReferralState,
    Remark,
)
from casework.security import AGENCY_ROLES, Actor, ActorKind

S = ReferralState


class Reply(Code):
    """What an agency may answer in one tap; the words on its buttons."""

    HOLD = "hold", _l("We hold a place")
    WAITLIST = "waitlist", _l("Waitlist")
    STILL = "still", _l("Still on the waiting list")
    DECLINE = "decline", _l("Decline")
    ASK = "ask", _l("We need more information")
    CALL_US = "call_us", _l("Ask the person to call us")
    WITHHOLD = "withhold", _l("We may not say")
    RELEASE = "release", _l("We can no longer hold it")
    ON_THE_WAY = "on_the_way", _l("The person is on the way")
    ARRIVED = "arrived", _l("Arrived")
    DID_NOT_COME = "did_not_come", _l("Did not come")


class Who(StrEnum):
    """Who makes a transition happen; an agency is one by link or signed in."""

    NAVIGATOR = "navigator"
    PARTNER = "partner"
    SYSTEM = "system"


Claim = tuple[Who, Source]

# Who may say so, and on whose word. The system never speaks for an agency or a person.
AGENCY = frozenset(
    {
        (Who.PARTNER, Source.PARTNER_CONFIRMED),
        (Who.NAVIGATOR, Source.PARTNER_CONFIRMED),
    }
)
ANYBODY = AGENCY | {
    (Who.NAVIGATOR, Source.PERSON_REPORTED),
    (Who.NAVIGATOR, Source.NAVIGATOR_OBSERVED),
}
DESK = frozenset({(Who.NAVIGATOR, Source.NAVIGATOR_OBSERVED)})
PERSON = frozenset({(Who.NAVIGATOR, Source.PERSON_REPORTED), (Who.SYSTEM, Source.SYSTEM)})
CLOCK = frozenset({(Who.SYSTEM, Source.SYSTEM)})
# Who calls to keep a place may be the person: what they were told counts as well.
LISTED = AGENCY | {(Who.NAVIGATOR, Source.PERSON_REPORTED)}


@dataclass(frozen=True)
class Transition:
    """One row of the table: from, to, who may say so on whose word, whether a reason is due."""

    start: ReferralState
    end: ReferralState
    claims: frozenset[Claim]
    needs_reason: bool = False


OPEN_STATES = (
    S.DRAFT, S.REQUESTED, S.INFO_NEEDED, S.WAITLISTED, S.ACCEPTED, S.IN_PROGRESS,
)  # fmt: skip
# Those in which an agency knows of the request: a draft waits its turn, and nobody was told.
ASKED_STATES = OPEN_STATES[1:]
TERMINAL_STATES = frozenset(S) - frozenset(OPEN_STATES)


def _from_every_open_state() -> Iterator[Transition]:
    for state in OPEN_STATES:
        yield Transition(state, S.WITHDRAWN, PERSON)
        yield Transition(state, S.RECALLED, DESK, needs_reason=True)


# The whole machine (domain.md section 3). Undoing an answer within five minutes is not a row:
# it runs any of UNDOABLE backwards, and may_undo() below says when.
TRANSITIONS: tuple[Transition, ...] = (
    # The clock’s word: the next of several that the navigator put in order (issue 5, item 8).
    Transition(S.DRAFT, S.REQUESTED, DESK | CLOCK),
    Transition(S.REQUESTED, S.ACCEPTED, ANYBODY),
    Transition(S.REQUESTED, S.DECLINED, AGENCY, needs_reason=True),
    Transition(S.REQUESTED, S.INFO_NEEDED, AGENCY),
    Transition(S.REQUESTED, S.WAITLISTED, AGENCY),
    Transition(S.INFO_NEEDED, S.REQUESTED, DESK),
    Transition(S.WAITLISTED, S.ACCEPTED, ANYBODY),
    Transition(S.WAITLISTED, S.DECLINED, AGENCY, needs_reason=True),
    Transition(S.ACCEPTED, S.IN_PROGRESS, ANYBODY),
    Transition(S.ACCEPTED, S.CONFIRMED, ANYBODY),
    Transition(S.ACCEPTED, S.NOT_FULFILLED, ANYBODY, needs_reason=True),
    Transition(S.ACCEPTED, S.REQUESTED, AGENCY, needs_reason=True),
    Transition(S.IN_PROGRESS, S.CONFIRMED, ANYBODY),
    Transition(S.IN_PROGRESS, S.NOT_FULFILLED, ANYBODY, needs_reason=True),
    Transition(S.CONFIRMED, S.NOT_FULFILLED, ANYBODY, needs_reason=True),
    Transition(S.REQUESTED, S.EXPIRED, CLOCK),
    Transition(S.WAITLISTED, S.EXPIRED, CLOCK),
    Transition(S.INFO_NEEDED, S.EXPIRED, CLOCK),
    *_from_every_open_state(),
)
_BY_ENDS = {(row.start, row.end): row for row in TRANSITIONS}

# States in which an agency holds a place: no clock and no expired consent releases it (R31).
HELD_STATES = frozenset({S.ACCEPTED, S.IN_PROGRESS})
# States in which we wait for an agency to answer.
WAITING_STATES = frozenset({S.REQUESTED, S.WAITLISTED})


@dataclass(frozen=True)
class RemarkRule:
    """One row of the second table: what may be said without moving, where, and by whom."""

    remark: Remark
    states: frozenset[ReferralState]
    claims: frozenset[Claim]


# A late yes does not revive what expired: it reaches the navigator, who asks anew in one press.
# An entry in error keeps its history and leaves every list; an open request is recalled before.
REMARK_RULES: dict[Remark, RemarkRule] = {
    rule.remark: rule
    for rule in (
        RemarkRule(Remark.WITHHELD, frozenset(OPEN_STATES), AGENCY),
        RemarkRule(Remark.CALL_US, frozenset(OPEN_STATES), AGENCY),
        RemarkRule(Remark.HOLD_EXTENDED, HELD_STATES, AGENCY),
        RemarkRule(Remark.LATE_YES, frozenset({S.EXPIRED}), AGENCY),
        RemarkRule(Remark.STILL_LISTED, frozenset({S.WAITLISTED}), LISTED),
        RemarkRule(Remark.WARM_TRANSFER, frozenset(ASKED_STATES), DESK),
        RemarkRule(Remark.ENTERED_IN_ERROR, TERMINAL_STATES, DESK),
    )
}

UNDO_WITHIN = timedelta(minutes=5)
# Answers can be taken back; what told an agency that it is over, or a clock, cannot.
UNDOABLE = frozenset(
    {S.ACCEPTED, S.DECLINED, S.WAITLISTED, S.INFO_NEEDED, S.IN_PROGRESS, S.CONFIRMED,
     S.NOT_FULFILLED}
)  # fmt: skip
UNDOABLE_REMARKS = frozenset(
    {Remark.WITHHELD, Remark.CALL_US, Remark.LATE_YES, Remark.WARM_TRANSFER}
)
# Answers after which nothing nudges and nothing expires (domain.md section 3).
CLOCK_STOPPING = frozenset({Remark.WITHHELD, Remark.CALL_US})
# The person and the agency have spoken, and the agency has not answered yet: its clock goes on.
CLOCK_KEEPING = frozenset({Remark.WARM_TRANSFER})

DECLINE_REASONS = (
    Reason.NO_CAPACITY, Reason.NO_FUNDS, Reason.NOT_ELIGIBLE, Reason.OUTSIDE_AREA,
    Reason.HOUSEHOLD_FIT, Reason.HOURS, Reason.DOCUMENTS, Reason.OTHER,
)  # fmt: skip
RECALL_REASONS = (
    Reason.PERSON_DECLINED, Reason.PARTNER_UNREACHABLE, Reason.NO_CAPACITY, Reason.SAFETY,
    Reason.OTHER,
)  # fmt: skip
NOT_FULFILLED_REASONS = (
    Reason.NO_SHOW, Reason.DID_NOT_TRY, Reason.NO_CAPACITY, Reason.NOT_ELIGIBLE,
    Reason.NO_FUNDS, Reason.TRANSPORT, Reason.SAFETY, Reason.PERSON_DECLINED, Reason.OTHER,
)  # fmt: skip


# What each answer leads to: another state, or a remark that leaves the state where it is.
STATES = {
    Reply.HOLD: S.ACCEPTED,
    Reply.WAITLIST: S.WAITLISTED,
    Reply.DECLINE: S.DECLINED,
    Reply.ASK: S.INFO_NEEDED,
    Reply.RELEASE: S.REQUESTED,
    Reply.ON_THE_WAY: S.IN_PROGRESS,
    Reply.ARRIVED: S.CONFIRMED,
    Reply.DID_NOT_COME: S.NOT_FULFILLED,
}
REMARKS = {
    Reply.CALL_US: Remark.CALL_US,
    Reply.WITHHOLD: Remark.WITHHELD,
    Reply.STILL: Remark.STILL_LISTED,
}
REPLIES: dict[LinkPurpose, tuple[Reply, ...]] = {
    LinkPurpose.ANSWER: (
        Reply.HOLD, Reply.WAITLIST, Reply.STILL, Reply.DECLINE, Reply.ASK, Reply.CALL_US,
        Reply.WITHHOLD,
    ),
    LinkPurpose.ARRIVAL: (
        Reply.ARRIVED, Reply.DID_NOT_COME, Reply.WITHHOLD, Reply.RELEASE,
    ),
    LinkPurpose.WITHDRAWN: (),
}  # fmt: skip
# Answers that say why.
REASONED = frozenset({Reply.DECLINE, Reply.DID_NOT_COME, Reply.RELEASE})

# What an agency may add in its own words; what it may be told stands in telling.
ANSWER_FIELDS = ("appointment", "documents", "bring", "note")


def told(details: Mapping[str, str] | None, names: Iterable[str]) -> dict[str, str]:
    """Keep the named texts that say something, and drop whatever else was passed (R28)."""
    given = {name: ((details or {}).get(name) or "").strip() for name in names}
    return {name: text for name, text in given.items() if text}


def find(start: ReferralState, end: ReferralState) -> Transition | None:
    """Give the row of the table between two states, or None when there is no such way."""
    return _BY_ENDS.get((start, end))


def is_allowed(start: ReferralState, end: ReferralState, who: Who, source: Source) -> bool:
    """Tell whether this actor may make this transition on this word."""
    row = find(start, end)
    return row is not None and (who, source) in row.claims


def ways_out(start: ReferralState, who: Who) -> list[ReferralState]:
    """List the states that an actor of this kind may lead to from here, in the table’s order."""
    return [
        row.end for row in TRANSITIONS
        if row.start is start and any(claimant is who for claimant, _source in row.claims)
    ]  # fmt: skip


def may_remark(remark: Remark, state: ReferralState, who: Who, source: Source) -> bool:
    """Tell whether this actor may say so here, on this word, without moving the referral."""
    rule = REMARK_RULES[remark]
    return state in rule.states and (who, source) in rule.claims


def fits(reply: Reply, state: ReferralState, who: Who) -> bool:
    """Tell whether an answer makes sense in a state; a yes that comes too late still does."""
    if reply in REMARKS:
        return state in REMARK_RULES[REMARKS[reply]].states
    if reply is Reply.HOLD and state is S.EXPIRED:
        return True
    if reply is Reply.RELEASE and state not in HELD_STATES:
        return False
    return STATES[reply] in ways_out(state, who)


def who_is(actor: Actor) -> Who:
    """Tell which column of the table an actor stands in."""
    if actor.kind in (ActorKind.SYSTEM, ActorKind.COMMAND):
        return Who.SYSTEM
    if actor.kind in (ActorKind.PARTNER_LINK, ActorKind.AGENCY) or actor.role in AGENCY_ROLES:
        return Who.PARTNER
    return Who.NAVIGATOR


def is_open(state: ReferralState) -> bool:
    """Tell whether a referral in this state still waits for something."""
    return state in OPEN_STATES


def is_asked(state: ReferralState) -> bool:
    """Tell whether an agency is being asked, or holds a place."""
    return state in ASKED_STATES


def is_hold_running(referral: Referral, at: datetime) -> bool:
    """Tell whether an agency holds a place until a moment that is still to come."""
    is_held = referral.state in HELD_STATES
    return is_held and referral.hold_until is not None and referral.hold_until > at


def is_late_yes(event: ReferralEvent | None) -> bool:
    """Tell whether the newest event is an agency’s yes to a request that had expired."""
    return event is not None and event.remark is Remark.LATE_YES and not event.is_undo


def may_undo(event: ReferralEvent, *, at: datetime, is_same_actor: bool) -> bool:
    """Tell whether the newest event may be taken back: an answer, by who gave it, in 5 minutes."""
    is_answer = event.remark in UNDOABLE_REMARKS or (
        event.remark is None and event.to_state in UNDOABLE
    )
    in_time = at - event.at <= UNDO_WITHIN
    return is_answer and in_time and is_same_actor and not event.is_undo


def all_triples() -> Iterable[tuple[ReferralState, ReferralState, Who, Source]]:
    """Walk every state, target, actor and source there is, legal or not."""
    return ((a, b, who, source) for a in S for b in S for who in Who for source in Source)
