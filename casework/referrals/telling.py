"""What a request may tell an agency: which lines for which need, and what stands before each."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from casework.directory.needs import NeedCode

# What is ticked rather than written.
YES = "yes"
TICKED = ("delivery", "other_collects")
ALWAYS = ("alias", "access", "arrival", "meeting_point")
# What only this kind of help needs to know (R28, R38); of other requests it is dropped.
ONLY_FOR: dict[NeedCode, tuple[str, ...]] = {
    NeedCode.TRANSPORT: ("infant_seats", "toddler_seats", "booster_seats"),
    NeedCode.FOOD: ("diet", "formula", *TICKED),
}
LABELS: dict[str, LazyString] = {
    "arrival": _l("Arrival"),
    "meeting_point": _l("Meeting point"),
    "infant_seats": _l("Infant seats"),
    "toddler_seats": _l("Toddler seats"),
    "booster_seats": _l("Booster seats"),
    "diet": _l("Diet"),
    "formula": _l("Infant formula"),
    "delivery": _l("Delivery needed"),
    "other_collects": _l("Somebody else picks it up"),
    "access": _l("Access, diet, pets"),
    "alias": _l("Name to use"),
    "reply": _l("Our answer"),
}

# What an agency says with its answer; the appointment is read to the person on the call-back.
ANSWERED: dict[str, LazyString] = {
    "appointment": _l("Appointment"),
    "documents": _l("Documents"),
    "bring": _l("What to bring"),
    "note": _l("The agency asks"),
    "words": _l("The agency says"),
}


def fields_for(need: NeedCode) -> tuple[str, ...]:
    """List what a request for this need may tell; nothing else is kept (R28)."""
    return (*ALWAYS, *ONLY_FOR.get(need, ()))


def lines(
    told: Mapping[str, str | LazyString] | None,
) -> list[tuple[LazyString, str | LazyString]]:
    """Give what was told, each under its label, in one order for whoever reads it."""
    said = told or {}
    return [
        (label, _l("Yes") if said[name] == YES and name in TICKED else said[name])
        for name, label in LABELS.items()
        if said.get(name)
    ]


def answered(details: Mapping[str, str] | None) -> list[tuple[LazyString, str]]:
    """Give what an agency said in its own words, each under its label."""
    said = details or {}
    return [(label, said[name]) for name, label in ANSWERED.items() if said.get(name)]
