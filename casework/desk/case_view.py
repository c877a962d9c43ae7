"""The case page, read once for one viewer: contact, story, needs, referrals, notes and what is next."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _

from casework import audit
from casework.accounts import queries as accounts
from casework.cases import queries as cases
from casework.cases import services as case_services
from casework.cases.models import Case, CaseNeed, CaseNote, CaseStatus, NeedOutcome, Reason
from casework.database import now
from casework.desk import queries, words
from casework.desk.banner import Banner, banner_of
from casework.desk.timeline import Entry, story
from casework.followups import queries as followups
from casework.followups import services as followup_services
from casework.followups.list_models import ListCall
from casework.followups.models import FollowUp, FollowUpKind
from casework.people import queries as people
from casework.referrals import queries as referrals
from casework.referrals.models import Referral
from casework.referrals.policy import is_open
from casework.referrals.proposals import asks_for_next, is_settled, refused_with
from casework.security import Actor
from casework.web.filters import in_zone, moment_of, time_of

PURPOSE = "case_page"


@dataclass(frozen=True)
class CaseView:
    """All that stands on a case page, already in words where the words depend on the reader."""

    case: Case
    at: datetime
    banner: Banner
    next: FollowUp | None
    next_line: str | None
    # Marked as not safe: whatever is planned, nobody calls until safe contact is made anew (R13).
    is_call_stopped: bool
    story: list[Entry]
    needs: list[tuple[CaseNeed, words.Chip]]
    referrals: list[Referral]
    notes: list[tuple[CaseNote, str]]
    names: dict[UUID, str]
    # Calls to agencies that keep a place on a waiting list, by the request.
    list_calls: list[ListCall] = field(default_factory=list)
    # Why a need is left without help once everybody asked has refused, by the need's id.
    refused: dict[UUID, Reason] = field(default_factory=dict)
    # The person is on the line, and nobody has said yet what their call answers.
    is_on_the_line: bool = False

    @property
    def is_open(self) -> bool:
        """Whether anything may still be written in it."""
        return self.case.status is CaseStatus.OPEN

    @property
    def has_open_need(self) -> bool:
        """Whether a need still waits for its outcome."""
        return any(need.outcome is NeedOutcome.PENDING for need, _chip in self.needs)

    @property
    def next_to_ask(self) -> list[Referral]:
        """The refused requests after which the next agency is asked: one for each need still open."""
        found: dict[UUID, Referral] = {}
        for referral in self.referrals if self.is_open else []:
            of_need = [other for other in self.referrals if other.need_id == referral.need_id]
            if referral.need_id in self.refused and asks_for_next(referral, of_need):
                found.setdefault(referral.need_id, referral)
        return list(found.values())

    def may_act_on(self, referral: Referral) -> bool:
        """Tell whether a request still asks for something.

        A refusal does not once another was sent, nor where the need is settled without it.
        """
        if not self.is_open or is_open(referral.state):
            return self.is_open
        others = [other for other in self.referrals if other.need_id == referral.need_id]
        return not is_settled(referral, others) and not any(
            is_open(other.state) or other.created_at > referral.created_at for other in others
        )


def read_case(viewer: Actor, ref: str) -> CaseView:
    """Read a case for somebody who may see it, or raise NotFound; the view is audited (R21)."""
    case = cases.get(viewer, ref)
    at = now()
    audit.record(viewer, "case:read", case, subjects=(case.person_id,), purpose=PURPOSE)
    reading = followup_services.read_plan(viewer, case, purpose=PURPOSE)
    made = referrals.for_case(viewer, case)
    entries = story(
        case,
        events=cases.timeline(viewer, case),
        referrals=made,
        referral_events=queries.referral_events(viewer, made),
        attempts=followups.attempts_of(viewer, case),
        consents=people.consents_of(viewer, case.person_id),
    )
    notes = case_services.open_notes(viewer, case, purpose=PURPOSE)
    coming = followups.next_for(viewer, case) if case.status is CaseStatus.OPEN else None
    actor_ids = {entry.actor_id for entry in entries} | {note.written_by for note, _body in notes}
    return CaseView(
        case=case,
        at=at,
        banner=banner_of(reading, at),
        next=coming,
        next_line=(
            _("Marked as not safe. Nobody calls until safe contact is made anew.")
            if reading.plan.is_unsafe
            else _next_line(coming, reading.plan.time_zone, at)
        ),
        is_call_stopped=reading.plan.is_unsafe,
        story=entries,
        needs=[(need, words.outcome_chip(need.outcome)) for need in case.needs],
        referrals=made,
        notes=notes,
        names=accounts.names_of(viewer, {*actor_ids, case.owner_id}),
        list_calls=followups.list_calls_of(viewer, made),
        refused=_refused(case, made),
        is_on_the_line=followup_services.awaits_answer(viewer, case),
    )


def _refused(case: Case, made: list[Referral]) -> dict[UUID, Reason]:
    """Tell of which needs nobody asked could help, and why the last one could not."""
    made = [referral for referral in made if not referral.is_entered_in_error]
    newest = sorted(made, key=lambda each: each.created_at, reverse=True)
    found = {
        need.id: refused_with(need, [each for each in newest if each.need_id == need.id])
        for need in case.needs
    }
    return {need_id: reason for need_id, reason in found.items() if reason is not None}


def _next_line(coming: FollowUp | None, zone: str, at: datetime) -> str | None:
    """Say when the next contact is due, or from when it may be; on both clocks if they differ."""
    if coming is None:
        return None
    begins = words.begins_at(coming)
    moment = _on_both_clocks(begins, zone)
    if coming.due_at < begins and at < begins:
        # It is due already, or soon, but the agreed hours come only later (R10).
        line = _("From %(time)s", time=moment)
    else:
        line = _("Due %(moment)s", moment=_on_both_clocks(coming.due_at, zone))
    if coming.kind is not FollowUpKind.TELL_PERSON:
        return line
    return words.joined([line, _("at the latest %(moment)s", moment=moment_of(coming.latest_at))])


def _on_both_clocks(moment: datetime, zone: str) -> str:
    if in_zone(moment).utcoffset() == in_zone(moment, zone).utcoffset():
        return moment_of(moment)
    return _(
        "%(ours)s (%(theirs)s in %(place)s)",
        ours=moment_of(moment),
        theirs=time_of(moment, zone),
        place=words.place_of(zone),
    )
