"""The fields of the New case page that need more than a text: answers, agreed hours, ages."""

from collections.abc import Iterable
from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, IntegerField, RadioField, SelectField, TimeField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from casework.intake.policy import AgreedHours, Days
from casework.web.forms import coded

Pairs = Iterable[tuple[str, Any]]
UNKNOWN_ANSWER = _l("Choose one of the answers shown.")
NOT_A_TIME = _l("Write a time such as 14:30.")


class Answer(RadioField):
    """One answer out of a few; none is chosen in advance, and no answer is no error by itself."""

    def __init__(
        self, label: Any, choices: list[SelectChoice], *, missing: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(label, choices=choices, **kwargs)
        self.missing = missing

    def pre_validate(self, form: Any) -> None:
        """Refuse an answer that was never offered."""
        if self.data and self.data not in {choice.value for choice in self.choices}:
            raise ValidationError(str(UNKNOWN_ANSWER))

    def require(self) -> None:
        """Say what is missing when nothing was answered."""
        if not self.data and not self.errors:
            refuse(self, self.missing or UNKNOWN_ANSWER)


class Listed(SelectField):
    """One entry of a long list, empty at first; what is not in the list is refused in our words."""

    def __init__(self, label: Any, *, unknown: Any, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.unknown = unknown

    def pre_validate(self, form: Any) -> None:
        """Refuse what is not in the list."""
        if self.data and self.data not in {choice.value for choice in self.choices or ()}:
            raise ValidationError(str(self.unknown))


class Count(IntegerField):
    """A whole number of people."""

    def process_formdata(self, valuelist: Any) -> None:
        """Read the number; keep what was typed when it is none."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(_l("Write a whole number."))) from None


class Clock(TimeField):
    """A time of day."""

    def process_formdata(self, valuelist: Any) -> None:
        """Read the time; keep what was typed when it is none."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(NOT_A_TIME)) from None


class HoursForm(Form):
    """One row of agreed hours; an empty row says nothing."""

    days = SelectField(
        _l("Days"),
        choices=[SelectChoice("", _l("Choose days")), *coded(Days)],
        validators=[Optional()],
    )
    start = Clock(_l("From"), [Optional()])
    end = Clock(_l("Until"), [Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse half a row, and a row that ends before it starts."""
        if not super().validate(extra_validators):
            return False
        if not (self.days.data or self.start.data or self.end.data):
            return True
        for field in (self.days, self.start, self.end):
            if field.data in (None, ""):
                refuse(field, _l("Fill in the days and both times of this row, or empty it."))
                return False
        if not _is_before(self.start.data, self.end.data):
            refuse(
                self.end,
                _l(
                    "These hours end before they start. For a night, use two rows: until 23:59, and from 00:00."
                ),
            )
            return False
        return True

    def hours(self) -> AgreedHours | None:
        """Give the agreed hours of this row, if it says any."""
        if not self.days.data:
            return None
        return AgreedHours(Days(self.days.data), self.start.data, self.end.data)


def _is_before(start: time, end: time) -> bool:
    return start < end


def refuse(field: Field, message: Any) -> None:
    """Put an error on a field, in the words of the reader."""
    field.errors = [*field.errors, str(message)]


def forgive(field: Field) -> None:
    """Take back every error of a field and of the fields inside it."""
    for inner in getattr(field, "entries", None) or getattr(field, "form", None) or ():
        forgive(inner)
    if not hasattr(field, "form"):
        field.errors = []


def ages_of(text: str) -> list[int]:
    """Read the ages of children out of “3, 5, 8”; raise ValueError when it is no list of ages."""
    ages = [int(word) for word in text.replace(",", " ").replace(";", " ").split() if word]
    if any(not 0 <= age <= 17 for age in ages):
        raise ValueError
    return ages
