"""The clock of referrals at work."""

from uuid import UUID

from casework.background import Job, sweep
from casework.referrals.services.watch import watch


@sweep(Job.REFERRAL_CLOCKS, every=30.0)
def clocks(service_id: UUID) -> None:
    """Expire, warn and ask for what is due in one service."""
    watch(service_id)
