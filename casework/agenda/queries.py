"""Numbers for calendars and digests, the calendar address of a member, and who may get a digest."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select, text
from sqlalchemy.orm import joinedload

from casework.accounts import policy as account_policy
from casework.accounts.models import Account, Membership, WebSession
from casework.agenda.models import CalendarLink
from casework.agenda.policy import SEEN_WITHIN
from casework.cases.models import Case, CaseStatus
from casework.extensions import db
from casework.followups.models import FollowUp, FollowUpState, Reminder, ReminderStatus
from casework.followups.queries.conditions import begins_at, is_open, may_be_called, waits
from casework.followups.safe_time import Span
from casework.notices.models import Letter, LetterStatus, MailChoice
from casework.people.models import Consent, ContactPlan
from casework.people.policy import WARN_BEFORE, WARNED
from casework.security import Actor

LINK = text("SELECT service_id, account_id FROM casework_calendar(:token_hash)")
MOST_BLOCKS = 2_000
# Of how many hours a summary counts messages that may not have left: since the one before.
UNSURE_SINCE = timedelta(hours=24)

# --- the calendar ----------------------------------------------------------------------------------


def token_hash(token: str) -> bytes:
    """Give what the database keeps of a token: 256 random bits need no salt and no slow hash."""
    return sha256(token.encode("utf-8", errors="replace")).digest()


def owner_of(token: str) -> tuple[UUID, UUID] | None:
    """Find whose calendar a token opens: service and account, both active; None for any other."""
    row = db.session.execute(LINK, {"token_hash": token_hash(token)}).one_or_none()
    return None if row is None else (row.service_id, row.account_id)


def link_of(service_id: UUID, account_id: UUID | None) -> CalendarLink | None:
    """Give the calendar address of a member, if they have one."""
    return db.session.scalars(
        select(CalendarLink).where(
            CalendarLink.service_id == service_id, CalendarLink.account_id == account_id
        )
    ).one_or_none()


def agreed_times(
    viewer: Actor, at: datetime, until: datetime, limit: int = MOST_BLOCKS
) -> list[tuple[UUID, Span]]:
    """List when the viewer’s own call-backs are both due and agreed, with whom they concern (R10)."""
    begins = begins_at()
    planned = (
        _planned(viewer.service_id)
        .with_only_columns(Case.person_id, begins, FollowUp.window_closes_at)
        .where(
            _is_of(viewer.id),
            may_be_called(at),
            or_(begins < FollowUp.latest_at, begins <= at),
            FollowUp.window_closes_at > at,
            begins < until,
        )
    )
    rows = db.session.execute(planned.order_by(begins, FollowUp.id).limit(limit))
    return [
        (person_id, Span(opens_at, closes_at))
        for person_id, opens_at, closes_at in rows
        if closes_at is not None
    ]


# --- digests ---------------------------------------------------------------------------------------


def readers(service_id: UUID) -> list[tuple[Membership, MailChoice | None]]:
    """List the active navigators and supervisors of a service with what they chose about mails."""
    found = (
        select(Membership, MailChoice)
        .join(Account, Account.id == Membership.account_id)
        .outerjoin(
            MailChoice,
            and_(
                MailChoice.service_id == Membership.service_id,
                MailChoice.account_id == Membership.account_id,
            ),
        )
        .options(joinedload(Membership.account))
        .where(
            Membership.service_id == service_id,
            Membership.is_active,
            Account.is_active,
            Membership.role.in_(account_policy.CASE_ROLES),
        )
        .order_by(Membership.id)
    )
    return [(member, chosen) for member, chosen in db.session.execute(found)]


def queued_already(service_id: UUID, keys: Iterable[str]) -> set[str]:
    """Tell which of these digests stand in the outbox already, whatever became of them."""
    found = select(Letter.idempotency_key).where(
        Letter.service_id == service_id, Letter.idempotency_key.in_(list(keys))
    )
    return set(db.session.scalars(found))


def is_at_desk(service_id: UUID, account_id: UUID, at: datetime) -> bool:
    """Tell whether somebody has the application open before them: they see there what a mail says."""
    found = select(WebSession.id).where(
        WebSession.service_id == service_id,
        WebSession.account_id == account_id,
        WebSession.ended_at.is_(None),
        WebSession.locked_at.is_(None),
        WebSession.expires_at > at,
        WebSession.seen_at > at - SEEN_WITHIN,
    )
    return db.session.scalar(found.limit(1)) is not None


def due_until(viewer: Actor, at: datetime, until: datetime) -> tuple[int, datetime | None]:
    """Count whom the viewer can call until then within agreed hours, and when the first one ends."""
    agreed = agreed_times(viewer, at, until)
    return len({person_id for person_id, _ in agreed}), min(
        (span.closes_at for _, span in agreed), default=None
    )


@dataclass(frozen=True)
class TeamNumbers:
    """What waits in a whole service, as numbers about nobody."""

    overdue: int
    due_today: int
    no_agreed_hour: int
    parked: int
    unassigned: int
    unsure_letters: int
    ending_consents: int

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to say."""
        return not any(getattr(self, field.name) for field in fields(self))


def team_numbers(viewer: Actor, at: datetime, until: datetime) -> TeamNumbers:
    """Count what waits in the viewer’s service: late, still to come until then, and stuck."""
    planned, has_time = _planned(viewer.service_id), FollowUp.latest_at > at
    is_no_time = and_(
        FollowUp.due_at <= at,
        not_(func.coalesce(is_open(at), False)),
        not_(
            func.coalesce(
                and_(may_be_called(at), begins_at() > at, begins_at() < FollowUp.latest_at), False
            )
        ),
        not_(func.coalesce(waits(at), False)),
    )
    is_parked = exists().where(
        Reminder.follow_up_id == FollowUp.id, Reminder.status == ReminderStatus.DEAD
    )
    overdue, due_today, no_hour, parked = db.session.execute(
        planned.with_only_columns(
            func.count().filter(FollowUp.latest_at <= at),
            func.count().filter(has_time, FollowUp.due_at < until),
            func.count().filter(is_no_time),
            func.count().filter(is_parked),
        )
    ).one()
    return TeamNumbers(
        overdue,
        due_today,
        no_hour,
        parked,
        _unassigned(viewer),
        _unsure(viewer, at),
        _ending(viewer, at),
    )


def _planned(service_id: UUID) -> Select[FollowUp]:
    return (
        select(FollowUp)
        .join(Case, Case.id == FollowUp.case_id)
        .outerjoin(ContactPlan, ContactPlan.person_id == Case.person_id)
        .where(
            FollowUp.service_id == service_id,
            FollowUp.state == FollowUpState.SCHEDULED,
            Case.status == CaseStatus.OPEN,
        )
    )


def _is_of(account_id: UUID | None) -> ColumnElement[bool]:
    return func.coalesce(FollowUp.assigned_to, Case.owner_id) == account_id


def _count(found: Select[UUID]) -> int:
    return db.session.scalar(select(func.count()).select_from(found.subquery())) or 0


def _unassigned(viewer: Actor) -> int:
    return _count(
        select(Case.id).where(
            Case.service_id == viewer.service_id,
            Case.status == CaseStatus.OPEN,
            Case.owner_id.is_(None),
        )
    )


def _unsure(viewer: Actor, at: datetime) -> int:
    return _count(
        select(Letter.id).where(
            Letter.service_id == viewer.service_id,
            Letter.status == LetterStatus.UNKNOWN,
            Letter.created_at > at - UNSURE_SINCE,
        )
    )


def _ending(viewer: Actor, at: datetime) -> int:
    has_case = exists().where(
        Case.service_id == Consent.service_id,
        Case.person_id == Consent.person_id,
        Case.status == CaseStatus.OPEN,
    )
    return _count(
        select(Consent.id).where(
            Consent.service_id == viewer.service_id,
            Consent.is_given,
            Consent.ended_at.is_(None),
            Consent.purpose.in_(WARNED),
            Consent.expires_at > at,
            Consent.expires_at <= at + WARN_BEFORE,
            has_case,
        )
    )
