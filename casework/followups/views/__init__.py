"""The pages of follow-ups: the call-back screens, planning one call, and how the machine stands."""

from casework.followups.views import calling, handing, inbound, machine, planning, policies
from casework.followups.views.door import blueprint

__all__ = ["blueprint", "calling", "handing", "inbound", "machine", "planning", "policies"]
