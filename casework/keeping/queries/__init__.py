"""What is asked about keeping."""

from casework.keeping.queries.key_runs import (
    KeyLine,
    KeysView,
    active_run,
    keys_view,
    latest_runs,
    run,
)

__all__ = [
    "KeyLine",
    "KeysView",
    "active_run",
    "keys_view",
    "latest_runs",
    "run",
]
