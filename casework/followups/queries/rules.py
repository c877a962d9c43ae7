"""The follow-up policy in force for a service, its versions, and what a new version would move."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.orm import lazyload

from casework.cases.models import Case, CaseStatus
from casework.extensions import db
from casework.followups import rules
from casework.followups.ladder import Ladder
from casework.followups.models import FollowUp, FollowUpKind, FollowUpState
from casework.followups.policy import Series
from casework.followups.policy_models import FollowUpPolicy, MoveState, PolicyName
from casework.security import Actor


def rules_of(service_id: UUID) -> dict[PolicyName, rules.Rule]:
    """Give the rules a service made itself, as they stand now."""
    return {row.name: rules.rule_of(row) for row in db.session.scalars(_current(service_id))}


def current_policies(viewer: Actor) -> dict[PolicyName, FollowUpPolicy]:
    """Give the versions in force of the viewer’s service, by name."""
    return {row.name: row for row in db.session.scalars(_current(viewer.service_id))}


def versions_of_policy(viewer: Actor, name: PolicyName) -> list[FollowUpPolicy]:
    """List all versions of one rule, the newest first."""
    return list(
        db.session.scalars(
            select(FollowUpPolicy)
            .where(FollowUpPolicy.service_id == viewer.service_id, FollowUpPolicy.name == name)
            .order_by(FollowUpPolicy.version.desc())
        )
    )


def hold_policy(viewer: Actor, name: PolicyName) -> FollowUpPolicy | None:
    """Give the version in force; until the commit nobody else writes a newer one."""
    key = (viewer.service_id.int ^ _number_of(name)) % 2**62
    db.session.execute(select(func.pg_advisory_xact_lock(key)))
    return db.session.scalars(
        _current(viewer.service_id)
        .where(FollowUpPolicy.name == name)
        .execution_options(populate_existing=True)
    ).one_or_none()


def ladder_of(service_id: UUID, series_name: str) -> Ladder:
    """Tell who hears that a call-back of a series is overdue, counted from its latest_at."""
    return rules.ladder_for(series_name, rules_of(service_id))


def ladders_of(service_id: UUID, series_names: Iterable[str]) -> dict[str, Ladder]:
    """Give the ladders of several series, in one question to the database."""
    own = rules_of(service_id)
    return {name: rules.ladder_for(name, own) for name in set(series_names)}


def series_of_case(case: Case) -> Series:
    """Give the series that the needs of a case lead to, by the rules of its service."""
    own = rules_of(case.service_id)
    name = rules.name_for(
        [need.code for need in case.needs], is_sensitive=case.is_sensitive, own=own
    )
    return rules.series_in_force(name, own)


def first_calls_from(viewer: Actor, at: datetime) -> tuple[datetime, datetime]:
    """Give before when no first call is planned for a contact at a moment: in danger, and otherwise."""
    own = rules_of(viewer.service_id)
    first = {name: rules.series_in_force(name, own).steps[0].earliest for name in PolicyName}
    in_danger = first.pop(PolicyName.CRISIS)
    return at + in_danger, at + min(first.values())


def series_of_follow_ups(follow_ups: Sequence[FollowUp]) -> dict[UUID, Series | None]:
    """Give the series each follow-up belongs to, as its rule stands now; None for one of its own."""
    if not follow_ups:
        return {}
    own = rules_of(follow_ups[0].service_id)
    return {
        follow_up.id: rules.series_in_force(PolicyName(follow_up.series), own)
        if follow_up.series in rules.NAMES
        else None
        for follow_up in follow_ups
    }


def count_planned(service_id: UUID, name: PolicyName) -> int:
    """Count the call-backs of a rule that are still to come."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(FollowUp)
            .join(Case, Case.id == FollowUp.case_id)
            .where(_planned_under(service_id, name))
        )
        or 0
    )


def planned_under(
    service_id: UUID, name: PolicyName, *, after: UUID | None = None, limit: int
) -> list[UUID]:
    """Name the call-backs of a rule that are still to come, in the order of their ids."""
    planned = (
        select(FollowUp.id)
        .join(Case, Case.id == FollowUp.case_id)
        .where(_planned_under(service_id, name))
        .order_by(FollowUp.id)
        .limit(limit)
    )
    return list(db.session.scalars(planned.where(FollowUp.id > after) if after else planned))


def hold_if_free(follow_up_ids: Collection[UUID]) -> list[FollowUp]:
    """Give those of them that nobody else is changing, locked until the commit, without waiting."""
    return list(
        db.session.scalars(
            select(FollowUp)
            .where(FollowUp.id.in_(follow_up_ids), FollowUp.state == FollowUpState.SCHEDULED)
            .order_by(FollowUp.id)
            .options(lazyload(FollowUp.case))
            .with_for_update(of=FollowUp, skip_locked=True)
            .execution_options(populate_existing=True)
        )
    )


def call_moments(person_ids: Collection[UUID], *, but: UUID | None = None) -> list[datetime]:
    """List when these people are planned to be called back, whatever the case (R33)."""
    begins = func.greatest(
        FollowUp.due_at, func.coalesce(FollowUp.window_opens_at, FollowUp.due_at)
    )
    is_another = FollowUp.id != but if but else true()
    return list(
        db.session.scalars(
            select(begins)
            .join(Case, Case.id == FollowUp.case_id)
            .where(
                Case.person_id.in_(person_ids),
                FollowUp.kind == FollowUpKind.CALL_BACK,
                FollowUp.state == FollowUpState.SCHEDULED,
                is_another,
            )
        )
    )


def moving_policies(service_id: UUID) -> list[FollowUpPolicy]:
    """List the versions in force whose planned calls are still being moved, held by one sweep."""
    return list(
        db.session.scalars(
            _current(service_id)
            .where(FollowUpPolicy.move_state == MoveState.RUNNING)
            .order_by(FollowUpPolicy.changed_at)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
    )


def _number_of(name: PolicyName) -> int:
    """Give a number for a name that is the same in every process."""
    return int.from_bytes(name.value.encode()[:7], "big")


def _current(service_id: UUID) -> Select[FollowUpPolicy]:
    return select(FollowUpPolicy).where(
        FollowUpPolicy.service_id == service_id, FollowUpPolicy.is_current
    )


def _planned_under(service_id: UUID, name: PolicyName) -> ColumnElement[bool]:
    return and_(
        FollowUp.service_id == service_id,
        FollowUp.kind == FollowUpKind.CALL_BACK,
        FollowUp.series == name.value,
        FollowUp.state == FollowUpState.SCHEDULED,
        Case.status == CaseStatus.OPEN,
    )
