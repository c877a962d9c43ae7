"""How long a session and a link live, and who may be changed by whom: pure questions."""

import uuid
from datetime import datetime, timedelta

from casework.security import Actor, Role

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
# A page opened every second must not write every second.
TOUCH_EVERY = timedelta(minutes=1)
LINK_LIFE = timedelta(hours=24)

# Agencies answer by link until their own sign-in is built, so the staff page offers no such role.
STAFF_ROLES = (Role.NAVIGATOR, Role.SUPERVISOR, Role.ADMINISTRATOR)
# Who appears in lists of colleagues to whom a case can be handed.
CASE_ROLES = (Role.NAVIGATOR, Role.SUPERVISOR)


def is_over(seen_at: datetime, expires_at: datetime, at: datetime) -> bool:
    """Tell whether a session has passed its idle or its absolute limit."""
    return at >= expires_at or at - seen_at >= IDLE


def needs_touch(seen_at: datetime, at: datetime) -> bool:
    """Tell whether it is time to write down again that a session is in use."""
    return at - seen_at >= TOUCH_EVERY


def may_change(actor: Actor, account_id: uuid.UUID) -> bool:
    """Tell whether an administrator may change this member: anybody but themselves."""
    return actor.can("staff:manage") and actor.id != account_id
