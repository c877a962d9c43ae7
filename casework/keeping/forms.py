"""The forms of keeping: erasing a case, placing a hold, and how long cases are kept."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, RadioField
from wtforms.validators import InputRequired, ValidationError

from casework.cases.erasure_models import HoldReason
from casework.cases.models import ClosureCode
from casework.keeping.policy import FEWEST_DAYS, MOST_DAYS, DaysImpossible, OtherReference
from casework.web.forms import Form, Line, Text, coded
from casework.web.references import parse_reference

NOTE_LIMIT = 2_000  # characters


class EraseForm(Form):
    """The reference, typed once more; for supervisors also whether it was asked in writing."""

    ref = Line(
        _l("Type the reference of the case"), [InputRequired(OtherReference.message)], limit=20
    )
    in_writing = BooleanField(_l("They asked in writing, and I checked who wrote"))


class HoldForm(Form):
    """Which case must be kept, and why."""

    ref = Line(_l("Case reference"), [InputRequired(_l("Write the reference."))], limit=20)
    reason = RadioField(
        _l("Why must it be kept?"),
        [InputRequired(_l("Choose why it must be kept."))],
        choices=coded(HoldReason),
    )
    note = Text(_l("Who asks for it, and under which number"), limit=NOTE_LIMIT)

    def validate_ref(self, field: Line) -> None:
        """Refuse what cannot be a reference."""
        if not self.case_ref():
            raise ValidationError(str(_l("Check this reference.")))

    def case_ref(self) -> str | None:
        """Give the reference in its one form."""
        ref = parse_reference(self.ref.data or "")
        return ref if ref and ref.startswith("C") else None


class LiftForm(Form):
    """Nothing but the press of a button."""


class RetentionForm(Form):
    """Days by closure code; what was counted travels along, so that a report comes before saving."""

    counted = HiddenField()

    def days(self) -> dict[ClosureCode, int]:
        """Give the days that were typed, by closure code."""
        return {closure: self[closure.value].data for closure in ClosureCode}

    def fill(self, days: Mapping[ClosureCode, int]) -> None:
        """Show the days that hold now."""
        for closure, number in days.items():
            self[closure.value].data = number


class Days(IntegerField):
    """A number of days; what is none is refused in one sentence."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a whole number within the limits."""
        text = valuelist[0].strip() if valuelist else ""
        is_number = text.isdecimal() and text.isascii() and len(text) < 6
        self.data = int(text) if is_number else None
        if self.data is None or not FEWEST_DAYS <= self.data <= MOST_DAYS:
            self.data = None
            raise ValueError(str(DaysImpossible.message))


for _closure in ClosureCode:
    setattr(RetentionForm, _closure.value, Days(_closure.label))
