"""The pages of follow-ups: the call-back screens, what keeps a call from others, and planning one call."""

from casework.followups.views import calling, leases, planning
from casework.followups.views.door import blueprint

__all__ = ["blueprint", "calling", "leases", "planning"]
