"""What supervisors ask: how needs ended in a period, and who did what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, func, or_, select

from casework.audit.chain import microseconds
from casework.audit.models import AuditEntry, AuditSubject
from casework.cases.models import Case, CaseNeed, ClosureCode
from casework.directory.needs import GROUP_OF, NeedGroup
from casework.extensions import db
from casework.oversight.counting import Tally
from casework.oversight.policy import Period
from casework.people.models import AnonymousContact
from casework.referrals.models import Referral, ReferralEvent, Remark
from casework.security import Actor

PAGE = 50
LAST_SEQ = 2**63  # no entry has a greater number
UTC_ZONE = ZoneInfo("UTC")
# What never was a case says nothing about needs.
NOT_COUNTED = (ClosureCode.OPENED_IN_ERROR, ClosureCode.DUPLICATE)


def needs_counted(viewer: Actor, period: Period) -> list[Tally]:
    """Count the needs raised in a period by how they stand now; only counting.py may show it."""
    wanted = (
        select(CaseNeed.code, CaseNeed.outcome, CaseNeed.unmet_kind, CaseNeed.reason, func.count())
        .join(Case, and_(Case.service_id == CaseNeed.service_id, Case.id == CaseNeed.case_id))
        .where(
            CaseNeed.service_id == viewer.service_id,
            CaseNeed.created_at >= period.starts_at,
            CaseNeed.created_at < period.ends_at,
            or_(Case.closure.is_(None), Case.closure.not_in(NOT_COUNTED)),
        )
        .group_by(CaseNeed.code, CaseNeed.outcome, CaseNeed.unmet_kind, CaseNeed.reason)
    )
    return [Tally(*row) for row in db.session.execute(wanted)]


def anonymous_counted(viewer: Actor, period: Period) -> dict[NeedGroup, int]:
    """Count the contacts of which nothing was kept (R1), by need group."""
    wanted = (
        select(AnonymousContact.need_group, func.sum(AnonymousContact.n))
        .where(
            AnonymousContact.service_id == viewer.service_id,
            AnonymousContact.day.between(period.first, period.last),
        )
        .group_by(AnonymousContact.need_group)
    )
    return {group: int(n) for group, n in db.session.execute(wanted)}


def transfers_counted(viewer: Actor, period: Period) -> dict[NeedGroup, int]:
    """Count the needs raised in a period whose person was connected on the line, by need group.

    One that was taken back is not counted; only counting.py may show it.
    """
    was_said = case((ReferralEvent.is_undo, -1), else_=1)
    connected = (
        select(CaseNeed.id, CaseNeed.code)
        .join(Case, and_(Case.service_id == CaseNeed.service_id, Case.id == CaseNeed.case_id))
        .join(
            Referral,
            and_(Referral.service_id == CaseNeed.service_id, Referral.need_id == CaseNeed.id),
        )
        .join(
            ReferralEvent,
            and_(
                ReferralEvent.service_id == Referral.service_id,
                ReferralEvent.referral_id == Referral.id,
            ),
        )
        .where(
            CaseNeed.service_id == viewer.service_id,
            CaseNeed.created_at >= period.starts_at,
            CaseNeed.created_at < period.ends_at,
            or_(Case.closure.is_(None), Case.closure.not_in(NOT_COUNTED)),
            ~Referral.is_entered_in_error,
            ReferralEvent.remark == Remark.WARM_TRANSFER,
        )
        .group_by(CaseNeed.id, CaseNeed.code)
        .having(func.sum(was_said) > 0)
    )
    counts: dict[NeedGroup, int] = {}
    for _need_id, code in db.session.execute(connected):
        counts[GROUP_OF[code]] = counts.get(GROUP_OF[code], 0) + 1
    return counts


@dataclass(frozen=True, kw_only=True)
class EntriesWanted:
    """What to narrow the audit to; None does not narrow."""

    action: str | None = None
    actor_id: UUID | None = None
    case: Case | None = None
    day: date | None = None
    zone: ZoneInfo = UTC_ZONE

    @property
    def told(self) -> dict[str, object]:
        """What the audit keeps of the filter: ids and codes."""
        told = {
            "action": self.action,
            "actor": self.actor_id,
            "case": self.case.id if self.case else None,
            "day": self.day,
        }
        return {name: value for name, value in told.items() if value is not None}


def audit_entries(
    viewer: Actor, wanted: EntriesWanted, *, before_seq: int | None = None, limit: int = PAGE
) -> list[AuditEntry]:
    """List the service's audit entries, newest first, those before a seq if one is given (R21)."""
    found = select(AuditEntry).where(AuditEntry.service_id == viewer.service_id)
    if before_seq is not None:
        found = found.where(AuditEntry.seq < before_seq)
    if wanted.action:
        found = found.where(AuditEntry.action.startswith(wanted.action, autoescape=True))
    if wanted.actor_id is not None:
        found = found.where(AuditEntry.actor_id == wanted.actor_id)
    if wanted.day is not None:
        start, end = (_midnight_us(day, wanted.zone) for day in (wanted.day, _after(wanted.day)))
        found = found.where(AuditEntry.at_us >= start, AuditEntry.at_us < end)
    if wanted.case is not None:
        about = select(AuditSubject.seq).where(
            AuditSubject.service_id == viewer.service_id,
            AuditSubject.person_id == wanted.case.person_id,
        )
        found = found.where(
            or_(
                AuditEntry.seq.in_(about),
                and_(
                    AuditEntry.object_type == Case.__tablename__,
                    AuditEntry.object_id == str(wanted.case.id),
                ),
            )
        )
    return list(db.session.scalars(found.order_by(AuditEntry.seq.desc()).limit(limit)))


def case_of_ref(viewer: Actor, ref: str) -> Case | None:
    """Find a case by its reference, for filtering entries and nothing else."""
    wanted = select(Case).where(Case.service_id == viewer.service_id, Case.ref == ref)
    return db.session.scalar(wanted)


def refs_of(
    viewer: Actor, case_ids: Iterable[UUID], person_ids: Iterable[UUID]
) -> tuple[dict[UUID, str], dict[UUID, list[str]]]:
    """Give the case references of these cases, and of these people's cases."""
    wanted = select(Case.id, Case.person_id, Case.ref).where(
        Case.service_id == viewer.service_id,
        or_(Case.id.in_(set(case_ids)), Case.person_id.in_(set(person_ids))),
    )
    by_case: dict[UUID, str] = {}
    by_person: dict[UUID, list[str]] = {}
    for case_id, person_id, ref in db.session.execute(wanted.order_by(Case.ref)):
        by_case[case_id] = ref
        by_person.setdefault(person_id, []).append(ref)
    return by_case, by_person


def referral_refs(viewer: Actor, referral_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Give the references of these referrals, which say nothing about the agency (R19)."""
    wanted = select(Referral.id, Referral.ref).where(
        Referral.service_id == viewer.service_id, Referral.id.in_(set(referral_ids))
    )
    return {row.id: row.ref for row in db.session.execute(wanted)}


def _midnight_us(day: date, zone: ZoneInfo) -> int:
    return microseconds(datetime.combine(day, time(), zone))


def _after(day: date) -> date:
    return day + timedelta(days=1)
