"""What may be done with a case; each change writes its timeline and its audit entry in one act."""

from casework.cases.services.access import admit, assign, take
from casework.cases.services.closing import (
    close_case,
    obstacle,
    when_consent_ends,
    when_person_changes,
)
from casework.cases.services.emergency import record_emergency
from casework.cases.services.erasing import erase_case
from casework.cases.services.events import record_event
from casework.cases.services.holding import lift_hold, open_hold_note, place_hold
from casework.cases.services.look_up import (
    Recognition,
    Said,
    open_for_reason,
    recognise,
    recognise_by,
)
from casework.cases.services.needs import (
    add_need,
    add_needs,
    record_outcome,
    tell_referred_with,
)
from casework.cases.services.notes import add_note, open_notes
from casework.cases.services.opening import open_case

__all__ = [
    "Recognition",
    "Said",
    "add_need",
    "add_needs",
    "add_note",
    "admit",
    "assign",
    "close_case",
    "erase_case",
    "lift_hold",
    "obstacle",
    "open_case",
    "open_for_reason",
    "open_hold_note",
    "open_notes",
    "place_hold",
    "recognise",
    "recognise_by",
    "record_emergency",
    "record_event",
    "record_outcome",
    "take",
    "tell_referred_with",
    "when_consent_ends",
    "when_person_changes",
]
