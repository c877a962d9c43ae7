"""The pages of follow-ups: the call-back screens, and planning one call."""

from casework.followups.views import calling, planning
from casework.followups.views.door import blueprint

__all__ = ["blueprint", "calling", "planning"]
