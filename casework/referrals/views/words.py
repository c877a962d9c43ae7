"""Words for pages: why a place suits, and what it does not say."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casework.directory.policy import Fit

SUITS: dict[str, LazyString] = {
    "language": _l("speaks their language"),
    "families": _l("takes families"),
    "region": _l("in their region"),
    "open_all_hours": _l("open day and night"),
}
UNKNOWN: dict[str, LazyString] = {
    "language": _l("language not known"),
    "families": _l("families not known"),
    "open_all_hours": _l("not known if open at night"),
}


def fit_words(fit: Fit) -> tuple[list[str], list[str]]:
    """Say why a place suits and what is unknown, in the reader’s language."""
    return (
        [str(SUITS[code]) for code in fit.reasons],
        [str(UNKNOWN[code]) for code in fit.unknowns if code in UNKNOWN],
    )
