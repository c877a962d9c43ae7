"""The audit's codes in the words of a supervisor; a code without a word is shown as it is."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

ACTIONS: dict[str, LazyString] = {
    "audit:read": _l("Read the audit"),
    "page:open": _l("Tried to open a page"),
    "vault:open": _l("A sealed field could not be opened"),
}
PURPOSES: dict[str, LazyString] = {}


def action_label(code: str) -> LazyString | str:
    """Say what was done."""
    return ACTIONS.get(code, code)


def purpose_label(code: str | None) -> LazyString | str:
    """Say why; an act that needs no reason has none."""
    return PURPOSES.get(code, code) if code else ""
