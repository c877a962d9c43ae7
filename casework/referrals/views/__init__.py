"""The pages of referrals: the navigator’s, and the one an agency opens from its letter."""

from casework.referrals.views import agency, asking, continuing, ladders, recording
from casework.referrals.views.door import blueprint

__all__ = ["agency", "asking", "blueprint", "continuing", "ladders", "recording"]
