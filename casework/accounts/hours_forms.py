"""The form of a service's own hours: day and night, or a week with holidays."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Form as PlainForm
from wtforms import FormField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from casework.accounts.models import Service
from casework.accounts.opening import (
    NOTICES,
    WEEK,
    DayHours,
    HoursUnfinished,
    NeverOpen,
    Province,
    read_day,
)
from casework.database import Refused
from casework.web.forms import Form, Line, add_error, coded, options

DAY_NAMES = (
    _l("Monday"),
    _l("Tuesday"),
    _l("Wednesday"),
    _l("Thursday"),
    _l("Friday"),
    _l("Saturday"),
    _l("Sunday"),
)
NOTICE_NAMES = (
    _l("No notice"),
    _l("30 minutes"),
    _l("1 hour"),
    _l("2 hours"),
    _l("4 hours"),
    _l("1 day"),
)


class DayForm(PlainForm):
    """One weekday; both times empty means closed."""

    start = Line(_l("Opens"), limit=8)
    end = Line(_l("Closes"), limit=8)


class OpeningHoursForm(Form):
    """When somebody is there to call."""

    is_limited = RadioField(
        _l("When is somebody there to call?"),
        choices=options([("no", _l("Day and night")), ("yes", _l("At these hours"))]),
        validators=[InputRequired(_l("Choose one of the answers."))],
    )
    day_0 = FormField(DayForm, DAY_NAMES[0])
    day_1 = FormField(DayForm, DAY_NAMES[1])
    day_2 = FormField(DayForm, DAY_NAMES[2])
    day_3 = FormField(DayForm, DAY_NAMES[3])
    day_4 = FormField(DayForm, DAY_NAMES[4])
    day_5 = FormField(DayForm, DAY_NAMES[5])
    day_6 = FormField(DayForm, DAY_NAMES[6])
    holidays_of = SelectField(
        _l("Statutory holidays on which we are closed"),
        choices=[SelectChoice("", _l("None: we are there on holidays too")), *coded(Province)],
    )
    notice = SelectField(
        _l("Shortest notice before a planned call"),
        choices=options(zip(map(str, NOTICES), NOTICE_NAMES, strict=True)),
    )

    @property
    def days(self) -> list[FormField]:
        """The rows of the week, Monday first."""
        return [self[f"day_{number}"] for number in range(WEEK)]

    def show(self, service: Service) -> None:
        """Fill the form with what is saved."""
        self.is_limited.data = "yes" if service.opening_hours else "no"
        self.holidays_of.data = service.holidays_of or ""
        self.notice.data = str(service.notice_minutes)
        for written in service.opening_hours:
            for day in written["days"]:
                self.days[day].form.start.data = written["start"]
                self.days[day].form.end.data = written["end"]

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate; each unfinished day says so beside itself."""
        is_valid = super().validate(extra_validators)
        if self.kept or self.is_limited.data != "yes":
            return is_valid
        for number, row in enumerate(self.days):
            try:
                read_day(number, row.form.start.data, row.form.end.data)
            except Refused:
                row.form.end.errors = [str(HoursUnfinished.message)]
                is_valid = False
        if is_valid and not self.week():
            add_error(self, NeverOpen.message, "is_limited")
            is_valid = False
        return is_valid

    def week(self) -> list[DayHours] | None:
        """Give the hours of each open day; None: day and night."""
        if self.is_limited.data != "yes":
            return None
        read = (
            read_day(number, row.form.start.data, row.form.end.data)
            for number, row in enumerate(self.days)
        )
        return [hours for hours in read if hours is not None]

    def province(self) -> Province | None:
        """Give whose holidays are kept."""
        return Province(self.holidays_of.data) if self.holidays_of.data else None
