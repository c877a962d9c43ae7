"""Finding referrals and their links, always through the cases their viewer may see."""

from casework.referrals.queries.asked import (
    cases_of,
    consents_in_force,
    due,
    event_by_key,
    events_of,
    for_case,
    get,
    is_taken,
    last_position,
    newest_event,
    of_need,
    open_for,
    open_of_case,
    open_of_person,
    reason_for,
    siblings,
)
from casework.referrals.queries.holding import (
    hold,
    hold_of_case,
    locked,
)
from casework.referrals.queries.links import (
    link,
    link_by_hash,
    live_links,
    of_letter,
    of_link,
)

__all__ = [
    "cases_of",
    "consents_in_force",
    "due",
    "event_by_key",
    "events_of",
    "for_case",
    "get",
    "hold",
    "hold_of_case",
    "is_taken",
    "last_position",
    "link",
    "link_by_hash",
    "live_links",
    "locked",
    "newest_event",
    "of_letter",
    "of_link",
    "of_need",
    "open_for",
    "open_of_case",
    "open_of_person",
    "reason_for",
    "siblings",
]
