"""The timeline of a case: its events, referrals, calls and consents as one story, newest first."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import pgettext
from flask_babel.speaklater import LazyString

from casework.cases.models import (
    Case,
    CaseEvent,
    ClosureCode,
    EmergencyKind,
    EventKind,
    NeedOutcome,
    Source,
)
from casework.database import Code
from casework.desk.words import joined
from casework.directory.needs import NeedCode
from casework.followups.inbound import InboundAnswer
from casework.followups.models import Attempt, AttemptResult
from casework.people.models import Consent, Purpose
from casework.referrals.models import Referral, ReferralEvent, ReferralState

# What each kind of event keeps in its code, so that it can be read in words.
CODES: dict[EventKind, type[Code]] = {
    EventKind.NEED_ADDED: NeedCode,
    EventKind.NEED_OUTCOME: NeedOutcome,
    EventKind.CONSENT_GIVEN: Purpose,
    EventKind.CONSENT_ENDED: Purpose,
    EventKind.EMERGENCY: EmergencyKind,
    EventKind.CLOSED: ClosureCode,
    EventKind.PERSON_CALLED: InboundAnswer,
}
GOOD_STATES = frozenset(
    {ReferralState.ACCEPTED, ReferralState.IN_PROGRESS, ReferralState.CONFIRMED}
)
GOOD_OUTCOMES = frozenset(
    {NeedOutcome.MET, NeedOutcome.PARTIALLY_MET, NeedOutcome.RESOLVED_OTHERWISE}
)
# Whose word it is matters where somebody told us; what we did ourselves needs no witness.
SAID = frozenset({Source.PERSON_REPORTED, Source.PARTNER_CONFIRMED})
# Said better by the referral's own events, or by the consents themselves.
QUIET = frozenset({EventKind.NOTE_ADDED, EventKind.OWNER_CHANGED})


@dataclass(frozen=True)
class Entry:
    """One line of the story."""

    at: datetime
    title: str
    kind: str = "done"
    text: str | None = None
    actor_id: UUID | None = None
    # What comes later in one and the same moment: consent, opening, the rest of the case, asking.
    rank: int = 2


def story(
    case: Case,
    *,
    events: Iterable[CaseEvent],
    referrals: Sequence[Referral],
    referral_events: Iterable[ReferralEvent],
    attempts: Iterable[Attempt],
    consents: Iterable[Consent],
) -> list[Entry]:
    """Merge all that happened to a case, newest first; things of one moment keep their order."""
    entries = [
        *_of_case(case, events),
        *_of_referrals(referrals, referral_events),
        *_of_attempts(attempts),
        *_of_consents(consents),
    ]
    return sorted(entries, key=lambda entry: (entry.at, entry.rank), reverse=True)


def _of_case(case: Case, events: Iterable[CaseEvent]) -> Iterator[Entry]:
    needs = {need.id: need for need in case.needs}
    for event in events:
        if event.kind is EventKind.CONSENT_GIVEN:
            continue
        label = _label(CODES.get(event.kind), event.code)
        need = needs.get(event.subject_id) if event.subject_id else None
        is_good = event.kind is EventKind.NEED_OUTCOME and event.code in GOOD_OUTCOMES
        named = str(need.code.label) if need and event.kind is EventKind.NEED_OUTCOME else None
        kind = "good" if is_good else "plain" if event.kind in QUIET else "done"
        title = _title(event.kind.label, label)
        rank = 1 if event.kind is EventKind.OPENED else 2
        yield Entry(event.at, title, kind, named, event.actor_id, rank)


def _of_referrals(
    referrals: Sequence[Referral], events: Iterable[ReferralEvent]
) -> Iterator[Entry]:
    known = {referral.id: referral for referral in referrals}
    for event in events:
        referral = known[event.referral_id]
        if event.to_state is ReferralState.DRAFT:
            continue
        # The agency of a sensitive case is named nowhere in the story (R19).
        agency = referral.organization.name if referral.organization else _("Agency")
        what = str(event.remark.label if event.remark else event.to_state.label)
        if event.is_undo:
            what = _("Answer taken back")
        text = joined(
            [
                str(referral.need.code.label),
                str(event.reason.label) if event.reason else None,
                _("Rank %(rank)d", rank=event.list_rank) if event.list_rank else None,
                str(event.source.label) if event.source in SAID else None,
            ]
        )
        kind = "good" if event.to_state in GOOD_STATES and not event.is_undo else "done"
        yield Entry(event.at, _title(agency, what), kind, text, event.actor_id, 3)


def _of_attempts(attempts: Iterable[Attempt]) -> Iterator[Entry]:
    for attempt in attempts:
        at = attempt.ended_at or attempt.started_at
        ending = attempt.ending.label if attempt.ending else _("Call begun, no result yet")
        result = attempt.result.label if attempt.result else ending
        is_reached = attempt.result is AttemptResult.REACHED_PERSON
        text = _("Outside the agreed hours, with a reason") if attempt.override_reason else None
        title = _title(pgettext("event", "Call"), result)
        yield Entry(at, title, "good" if is_reached else "done", text, attempt.by_account)


def _of_consents(consents: Iterable[Consent]) -> Iterator[Entry]:
    """Tell the answers of one moment in one line, what was agreed and what was not."""
    together: dict[tuple[datetime, UUID | None], list[Consent]] = {}
    for consent in consents:
        together.setdefault((consent.given_at, consent.heard_by), []).append(consent)
    order = list(Purpose)
    for (at, heard_by), answers in together.items():
        answers.sort(key=lambda consent: order.index(consent.purpose))
        agreed = dict.fromkeys(str(c.purpose.label) for c in answers if c.is_given)
        refused = dict.fromkeys(str(c.purpose.label) for c in answers if not c.is_given)
        parts = [
            _("Yes: %(purposes)s", purposes=", ".join(agreed)) if agreed else None,
            _("No: %(purposes)s", purposes=", ".join(refused)) if refused else None,
        ]
        yield Entry(at, _("Consent recorded"), "done", joined(parts), heard_by, 0)


def _title(what: LazyString | str, detail: LazyString | str | None) -> str:
    if not detail:
        return str(what)
    return _("%(what)s: %(detail)s", what=what, detail=detail)


def _label(codes: type[Code] | None, code: str | None) -> LazyString | None:
    """Read a stored code in words; a code this version does not know says nothing."""
    if codes is None or code is None:
        return None
    try:
        return codes(code).label
    except ValueError:
        return None
