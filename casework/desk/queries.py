"""What the desk's pages need beside the rooms' own lists: open cases with their plans, and outcomes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_

from casework.cases import queries as cases
from casework.cases.models import Case, CaseNeed, NeedOutcome
from casework.extensions import db
from casework.followups.list_models import ListCall
from casework.followups.models import FollowUp
from casework.notices.models import Notice
from casework.people.models import Consent, Person, Purpose
from casework.referrals.models import Referral, ReferralEvent
from casework.security import Actor

PAGE = 20
# The team's feed tells facts about nobody: many alike, and not of this week (domain.md section 7).
ALIKE = 11
ALIKE_WITHIN = timedelta(days=90)
DELAY = timedelta(days=7)


def referral_events(viewer: Actor, referrals: Iterable[Referral]) -> list[ReferralEvent]:
    """List what happened to these referrals, newest first, in one query."""
    wanted = {referral.id for referral in referrals}
    if not wanted:
        return []
    return list(
        db.session.scalars(
            select(ReferralEvent)
            .where(
                ReferralEvent.service_id == viewer.service_id, ReferralEvent.referral_id.in_(wanted)
            )
            .order_by(ReferralEvent.at.desc(), ReferralEvent.position.desc())
        )
    )


def refs_behind(viewer: Actor, notices: Iterable[Notice]) -> dict[UUID, str]:
    """Give the reference of the case each notice is about, by the id of its subject.

    Only cases the viewer may open; at most four queries, however many notices there are.
    """
    wanted: dict[str, set[UUID]] = {}
    for notice in notices:
        wanted.setdefault(notice.subject_type, set()).add(notice.subject_id)
    case_of: dict[UUID, UUID] = {}
    for link in (FollowUp, Referral, ListCall):
        if linked := wanted.get(link.__tablename__):
            # From the few rows to their cases: never from all cases that the viewer may see.
            rows = select(link.id, link.case_id).where(
                link.service_id == viewer.service_id, link.id.in_(linked)
            )
            case_of |= {link_id: case_id for link_id, case_id in db.session.execute(rows)}
    ids = {*wanted.get(Case.__tablename__, ()), *case_of.values()}
    persons = wanted.get(Person.__tablename__, set())
    found: dict[UUID, str] = {}
    if ids or persons:
        # A notice about a person leads to their newest case.
        about = [Case.id.in_(ids)] * bool(ids) + [Case.person_id.in_(persons)] * bool(persons)
        named = cases.visible_to(viewer).where(or_(*about))
        plain = named.with_only_columns(Case.id, Case.person_id, Case.ref).order_by(Case.opened_at)
        for case_id, person_id, ref in db.session.execute(plain):
            found[case_id] = found[person_id] = ref
    return found | {link: found[case_id] for link, case_id in case_of.items() if case_id in found}


@dataclass(frozen=True)
class Known:
    """One need whose outcome became known, with its case; the team's feed carries no case."""

    need: CaseNeed
    case: Case


@dataclass(frozen=True)
class Place:
    """Where the next page of outcomes begins."""

    at: datetime
    need_id: UUID


def outcomes_known(
    viewer: Actor, *, whole_service: bool = False, after: Place | None = None, limit: int = PAGE
) -> list[Known]:
    """List the outcomes of cases the viewer handled, newest first, failures too; or of all cases."""
    found = (
        select(CaseNeed, Case)
        .join(Case, and_(Case.service_id == CaseNeed.service_id, Case.id == CaseNeed.case_id))
        .where(CaseNeed.service_id == viewer.service_id, _is_known())
    )
    if not whole_service:
        found = found.where(_handled(viewer))
    if after is not None:
        place = tuple_(CaseNeed.outcome_at, CaseNeed.id)
        found = found.where(place < tuple_(after.at, after.need_id))
    found = found.order_by(CaseNeed.outcome_at.desc(), CaseNeed.id.desc()).limit(limit)
    return [Known(need, case) for need, case in db.session.execute(found)]


def team_outcomes(viewer: Actor, at: datetime, limit: int = PAGE) -> list[CaseNeed]:
    """List outcomes of the whole service as facts about nobody (domain.md section 7).

    Only with the person's consent to tell the story, never of sensitive cases, after a delay, and
    only where at least eleven alike exist in the period.
    """
    alike = func.count().over(partition_by=(CaseNeed.code, CaseNeed.outcome)).label("alike")
    agreed = exists().where(
        Consent.service_id == Case.service_id,
        Consent.person_id == Case.person_id,
        Consent.purpose == Purpose.DEIDENTIFIED_STORY,
        Consent.is_given,
        Consent.ended_at.is_(None),
        Consent.expires_at > at,
    )
    facts = (
        select(CaseNeed.id, alike)
        .join(Case, and_(Case.service_id == CaseNeed.service_id, Case.id == CaseNeed.case_id))
        .where(
            CaseNeed.service_id == viewer.service_id,
            _is_known(),
            CaseNeed.outcome_at.between(at - ALIKE_WITHIN, at - DELAY),
            Case.is_sensitive.is_(False),
            agreed,
        )
        .subquery()
    )
    wanted = (
        select(CaseNeed)
        .join(facts, facts.c.id == CaseNeed.id)
        .where(facts.c.alike >= ALIKE)
        .order_by(CaseNeed.outcome_at.desc())
        .limit(limit)
    )
    return list(db.session.scalars(wanted))


def newly_known(viewer: Actor, since: datetime) -> int:
    """Count the outcomes of the viewer's cases that became known since a moment."""
    found = (
        select(func.count())
        .select_from(CaseNeed)
        .join(Case, and_(Case.service_id == CaseNeed.service_id, Case.id == CaseNeed.case_id))
        .where(
            CaseNeed.service_id == viewer.service_id,
            _is_known(),
            _handled(viewer),
            CaseNeed.outcome_at >= since,
        )
    )
    return db.session.scalar(found) or 0


def _is_known() -> ColumnElement[bool]:
    return and_(CaseNeed.outcome != NeedOutcome.PENDING, CaseNeed.outcome_at.is_not(None))


def _handled(viewer: Actor) -> ColumnElement[bool]:
    return or_(Case.opened_by == viewer.id, Case.owner_id == viewer.id)


def moment_of_microseconds(number: int) -> datetime:
    """Turn whole microseconds since 1970 into an aware time."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=number)
