"""The pages of follow-ups: the call-back screens, and planning one call."""

from casework.followups.views import calling, handing, inbound, planning, policies
from casework.followups.views.door import blueprint

__all__ = ["blueprint", "calling", "handing", "inbound", "planning", "policies"]
