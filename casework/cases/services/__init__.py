"""What may be done with a case; each change writes its timeline and its audit entry in one act."""

from casework.cases.services.access import admit, assign
from casework.cases.services.closing import (
    close_case,
    when_consent_ends,
    when_person_changes,
)
from casework.cases.services.emergency import record_emergency
from casework.cases.services.events import record_event
from casework.cases.services.look_up import (
    Recognition,
    count_failed_identity,
    find_cases,
    open_for_reason,
    recognise,
)
from casework.cases.services.needs import add_need, record_outcome
from casework.cases.services.notes import add_note, open_notes
from casework.cases.services.opening import open_case

__all__ = [
    "Recognition",
    "add_need",
    "add_note",
    "admit",
    "assign",
    "close_case",
    "count_failed_identity",
    "find_cases",
    "open_case",
    "open_for_reason",
    "open_notes",
    "recognise",
    "record_emergency",
    "record_event",
    "record_outcome",
    "when_consent_ends",
    "when_person_changes",
]
