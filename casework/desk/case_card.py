"""The person card: which details there are, masked, and the same in clear after a reveal."""

from dataclasses import dataclass
from typing import Any

from flask_babel.speaklater import LazyString

from casework.cases.models import Case
from casework.desk.policy import LABELS, REVEALED, RevealPurpose
from casework.people import languages
from casework.people import services as people
from casework.security import Actor
from casework.web.filters import phone
from casework.web.i18n import page_locale

MASKS = {"phone": "•••-•••-••••"}
DOTS = "••••••"


@dataclass(frozen=True)
class Detail:
    """One line of the card; value is None while it is masked."""

    label: LazyString
    mask: str
    value: str | None = None


def masked_details(case: Case) -> list[Detail]:
    """List what is known of a person, without opening any of it."""
    return [
        Detail(LABELS[name], MASKS.get(name, DOTS))
        for name in REVEALED
        if getattr(case.person, name) is not None
    ]


def open_details(viewer: Actor, case: Case, purpose: RevealPurpose) -> list[Detail]:
    """Open what is known of a person for a purpose; one audit entry tells which fields (R21)."""
    known = [name for name in REVEALED if getattr(case.person, name) is not None]
    if not known:
        return []
    opened = people.open_details(viewer, case.person, *known, purpose=purpose.value)
    return [
        Detail(LABELS[name], MASKS.get(name, DOTS), _written(name, opened[name])) for name in known
    ]


def language_of(case: Case) -> str:
    """Name the language of a case in the reader's language."""
    return languages.name(case.language, page_locale())


def _written(name: str, value: Any) -> str:
    if name == "phone":
        return phone(str(value))
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)
