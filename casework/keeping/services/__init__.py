"""What may be done about keeping: choose times, erase what is past them, erase because somebody asks."""

from casework.keeping.services.retention import change_days, erase_one, tell_report
from casework.keeping.services.wishes import erase_for_person, is_by_own_word, is_recognised

__all__ = [
    "change_days",
    "erase_for_person",
    "erase_one",
    "is_by_own_word",
    "is_recognised",
    "tell_report",
]
