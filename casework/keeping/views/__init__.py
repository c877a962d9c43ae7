"""The pages of the keeping room."""

from casework.keeping.views import keys
from casework.keeping.views.blueprint import blueprint

__all__ = ["blueprint", "keys"]
