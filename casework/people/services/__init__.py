"""What can be done about a person: keep, open, reach, ask, recognise and give access."""

from casework.people.policy import ConsentAnswer, IdentityCheck
from casework.people.services.access import end_access, grant_access
from casework.people.services.consents import (
    hold_cases_with,
    record_consents,
    sentence,
    withdraw,
)
from casework.people.services.counting import count_anonymous
from casework.people.services.details import (
    change_details,
    mark_sensitive,
    open_details,
    open_names,
    register_person,
)
from casework.people.services.erasing import erase_person, hold_for_erasing
from casework.people.services.expiry import end_expired, warn_of_expiry
from casework.people.services.finding import find_people, open_sharers
from casework.people.services.identity import verify_identity
from casework.people.services.indexing import rebuild_terms
from casework.people.services.locking import lock_version
from casework.people.services.many_plans import OpenedPlan, open_plans
from casework.people.services.plans import (
    change_plan,
    confirm_plan,
    mark_unsafe,
    open_own_plan,
    open_plan,
    open_questions,
)
from casework.people.services.sharing import open_named_partners, open_sharing_consent
from casework.people.services.wordings import write_default_wordings

__all__ = [
    "ConsentAnswer",
    "IdentityCheck",
    "OpenedPlan",
    "change_details",
    "change_plan",
    "confirm_plan",
    "count_anonymous",
    "end_access",
    "end_expired",
    "erase_person",
    "find_people",
    "grant_access",
    "hold_cases_with",
    "hold_for_erasing",
    "lock_version",
    "mark_sensitive",
    "mark_unsafe",
    "open_details",
    "open_named_partners",
    "open_names",
    "open_own_plan",
    "open_plan",
    "open_plans",
    "open_questions",
    "open_sharers",
    "open_sharing_consent",
    "rebuild_terms",
    "record_consents",
    "register_person",
    "sentence",
    "verify_identity",
    "warn_of_expiry",
    "withdraw",
    "write_default_wordings",
]
