"""The filters above a supervisor's pages; they are read from the address and change nothing."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, Form, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from casework.oversight.policy import Span


class FilterForm(Form):
    """A form that only narrows what is shown: sent by GET, so it needs no token."""

    def read(self, args: Any) -> bool:
        """Take what the address says; what cannot be read narrows nothing and says so."""
        self.process(args)
        return bool(self.validate())


class PeriodForm(FilterForm):
    """Which days the outcomes cover."""

    span = RadioField(
        _l("Period"),
        choices=[SelectChoice(span.value, span.label) for span in Span],
        default=Span.MONTH.value,
        validators=[Optional()],
    )
    first = DateField(_l("From"), [Optional()])
    last = DateField(_l("To"), [Optional()])


class AuditForm(FilterForm):
    """Which entries of the audit to list; the choices are the words and colleagues known now."""

    action = SelectField(_l("What was done"), [Optional()])
    actor = SelectField(_l("By whom"), [Optional()])
    case = StringField(_l("Case reference"))
    day = DateField(_l("Day"), [Optional()])
