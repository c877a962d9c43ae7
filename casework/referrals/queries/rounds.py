"""Agencies asked one after the other: who stands in the same round, and whose turn it is."""

from uuid import UUID

from sqlalchemy import exists, func, select

from casework.extensions import db
from casework.referrals import policy
from casework.referrals.models import Referral, ReferralState


def hold_round(service_id: UUID, round_id: UUID) -> list[Referral]:
    """Give the requests of a round by turn, and let nobody else ask one of them until the commit.

    The lock is the round’s own: an agency that is just answering holds its row, and waits here.
    """
    number = func.hashtextextended(str(round_id), 0)
    db.session.execute(select(func.pg_advisory_xact_lock(number)))
    return of_round(service_id, round_id)


def of_round(service_id: UUID, round_id: UUID) -> list[Referral]:
    """Give the requests of a round by turn, as they stand now."""
    return list(
        db.session.scalars(
            select(Referral)
            .where(Referral.service_id == service_id, Referral.round_id == round_id)
            .order_by(Referral.turn)
            .execution_options(populate_existing=True)
        )
    )


def next_in_line(referral: Referral) -> Referral | None:
    """Give whose turn it would be when nobody of a round is asked any more; None otherwise."""
    if referral.round_id is None or policy.is_asked(referral.state):
        return None
    line = of_round(referral.service_id, referral.round_id)
    if any(policy.is_asked(each.state) for each in line):
        return None
    return next((each for each in line if each.state is ReferralState.DRAFT), None)


def is_overtaken(referral: Referral) -> bool:
    """Tell whether another of the round is being asked: an answer is no longer taken back (R4)."""
    if referral.round_id is None:
        return False
    line = of_round(referral.service_id, referral.round_id)
    return any(policy.is_asked(each.state) for each in line if each.id != referral.id)


def is_another_open(referral: Referral) -> bool:
    """Tell whether another request for the same need has not ended: nothing is decided yet."""
    others = exists().where(
        Referral.need_id == referral.need_id,
        Referral.service_id == referral.service_id,
        Referral.id != referral.id,
        Referral.state.in_(policy.OPEN_STATES),
        ~Referral.is_entered_in_error,
    )
    return bool(db.session.scalar(select(others)))
