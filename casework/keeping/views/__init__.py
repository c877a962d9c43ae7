"""The pages of keeping."""

from casework.keeping.views import erasing, holding, retention
from casework.keeping.views.blueprint import blueprint

__all__ = ["blueprint", "erasing", "holding", "retention"]
