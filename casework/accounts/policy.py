"""How long a session and a link live, and who may be changed by whom: pure questions."""

from datetime import datetime, timedelta

from casework.accounts.models import Membership
from casework.security import Actor, Role

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
# A page opened every second must not write every second.
TOUCH_EVERY = timedelta(minutes=1)
LINK_LIFE = timedelta(hours=24)

# Agencies' members are let in on the pages of their agency, so the staff page offers no such role.
STAFF_ROLES = (Role.NAVIGATOR, Role.SUPERVISOR, Role.ADMINISTRATOR)
# Who appears in lists of colleagues to whom a case can be handed.
CASE_ROLES = (Role.NAVIGATOR, Role.SUPERVISOR)


def is_over(seen_at: datetime, expires_at: datetime, at: datetime) -> bool:
    """Tell whether a session has passed its idle or its absolute limit."""
    return at >= expires_at or at - seen_at >= IDLE


def needs_touch(seen_at: datetime, at: datetime) -> bool:
    """Tell whether it is time to write down again that a session is in use."""
    return at - seen_at >= TOUCH_EVERY


def may_enable(actor: Actor, membership: Membership) -> bool:
    """Tell whether a disabled member may be let in again: by the service, if it shut them out."""
    if not may_change(actor, membership):
        return False
    return not membership.is_shut_by_service or actor.can("staff:manage")


def may_change(actor: Actor, membership: Membership) -> bool:
    """Tell whether a member may be changed: by an administrator or their own agency's coordinator.

    Nobody changes themselves.
    """
    if actor.id == membership.account_id:
        return False
    if actor.can("staff:manage"):
        return True
    is_colleague = actor.organization_id == membership.organization_id
    return actor.can("inbox:staff") and actor.organization_id is not None and is_colleague
