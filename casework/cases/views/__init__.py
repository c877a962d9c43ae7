"""The pages of the cases room."""

from casework.cases.views import emergency, handing_over, look_up, writing
from casework.cases.views.blueprint import blueprint

__all__ = ["blueprint", "emergency", "handing_over", "look_up", "writing"]
