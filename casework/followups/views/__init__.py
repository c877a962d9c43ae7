"""The pages of follow-ups: the call-back, who is calling, planning, and how the machine stands."""

from casework.followups.views import (
    calling,
    handing,
    inbound,
    leases,
    list_calls,
    machine,
    planning,
    policies,
)
from casework.followups.views.door import blueprint

__all__ = [
    "blueprint",
    "calling",
    "handing",
    "inbound",
    "leases",
    "list_calls",
    "machine",
    "planning",
    "policies",
]
