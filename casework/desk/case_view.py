"""The case page, read once for one viewer: contact, story, needs, referrals, notes and what is next."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _

from casework import audit
from casework.accounts import queries as accounts
from casework.cases import queries as cases
from casework.cases import services as case_services
from casework.cases.models import Case, CaseNeed, CaseNote, CaseStatus, NeedOutcome
from casework.database import now
from casework.desk import queries, words
from casework.desk.banner import Banner, banner_of
from casework.desk.timeline import Entry, story
from casework.followups import queries as followups
from casework.followups import services as followup_services
from casework.followups.models import FollowUp
from casework.people import queries as people
from casework.referrals import queries as referrals
from casework.referrals.models import Referral
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
    story: list[Entry]
    needs: list[tuple[CaseNeed, words.Chip]]
    referrals: list[Referral]
    notes: list[tuple[CaseNote, str]]
    names: dict[UUID, str]

    @property
    def is_open(self) -> bool:
        """Whether anything may still be written in it."""
        return self.case.status is CaseStatus.OPEN

    @property
    def has_open_need(self) -> bool:
        """Whether a need still waits for its outcome."""
        return any(need.outcome is NeedOutcome.PENDING for need, _chip in self.needs)


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
        next_line=_next_line(coming, reading.plan.time_zone),
        story=entries,
        needs=[(need, words.outcome_chip(need.outcome)) for need in case.needs],
        referrals=made,
        notes=notes,
        names=accounts.names_of(viewer, {*actor_ids, case.owner_id}),
    )


def _next_line(coming: FollowUp | None, zone: str) -> str | None:
    """Say when the next contact is due, on the reader's clock and on the person's if it differs."""
    if coming is None:
        return None
    due = moment_of(coming.due_at)
    if in_zone(coming.due_at).utcoffset() == in_zone(coming.due_at, zone).utcoffset():
        return _("Due %(moment)s", moment=due)
    return _(
        "Due %(moment)s (%(theirs)s in %(place)s)",
        moment=due,
        theirs=time_of(coming.due_at, zone),
        place=words.place_of(zone),
    )
