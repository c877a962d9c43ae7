"""Finding the no-login links of a referral, and the referral a link or letter is about."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select, text

from casework.extensions import db
from casework.notices.models import Letter
from casework.referrals.models import LinkPurpose, Referral, ReferralLink
from casework.referrals.queries.asked import of_service
from casework.referrals.queries.holding import row_alone

LINK = text("SELECT service_id, link_id FROM casework_link(:token_hash)")


def of_letter(letter: Letter) -> Referral | None:
    """Give the referral a letter is about, locked, since its link is made now."""
    same = select(Referral.id).where(
        Referral.service_id == letter.service_id, Referral.id == letter.subject_id
    )
    referral_id = db.session.scalar(same)
    return row_alone(letter.service_id, referral_id) if referral_id else None


def link_by_hash(token_hash: bytes) -> tuple[UUID, UUID] | None:
    """Find the service and id of a link before any service is entered."""
    row = db.session.execute(LINK, {"token_hash": token_hash}).one_or_none()
    return None if row is None else (row.service_id, row.link_id)


def link(service_id: UUID, link_id: UUID) -> ReferralLink | None:
    """Give a link of the entered service."""
    return db.session.scalar(
        select(ReferralLink).where(
            ReferralLink.service_id == service_id, ReferralLink.id == link_id
        )
    )


def of_link(link: ReferralLink) -> Referral | None:
    """Give the referral a proven link is bound to."""
    return db.session.scalar(of_service(link.service_id).where(Referral.id == link.referral_id))


def live_links(
    referral: Referral, purposes: Iterable[LinkPurpose] = tuple(LinkPurpose)
) -> list[ReferralLink]:
    """List the links of a referral that could still be used."""
    return list(
        db.session.scalars(
            select(ReferralLink).where(
                ReferralLink.referral_id == referral.id,
                ReferralLink.purpose.in_(list(purposes)),
                ReferralLink.revoked_at.is_(None),
                ReferralLink.consumed_at.is_(None),
            )
        )
    )
