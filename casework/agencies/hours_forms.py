"""The form of a service’s hours as its agency says them: a week of spans, day and night, a closing."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FormField, RadioField
from wtforms.validators import InputRequired

from casework.accounts.hours_forms import DAY_NAMES, DayForm
from casework.accounts.opening import WEEK, read_day
from casework.database import Refused
from casework.directory import weekly
from casework.directory.hours_services import BadClosing, NoHours, Overlapping
from casework.directory.weekly import MOST_SPANS, Span, Weekly
from casework.web.forms import Form, Line, Version, add_error, options

WEEKLY, ALL_HOURS = "week", "all"
BAD_DAY = _l("Write a day such as 2026-12-24, or nothing.")


class HoursForm(Form):
    """When a service is open; what is typed stays, whatever is wrong with it."""

    how = RadioField(
        _l("When is it open?"),
        choices=options([(WEEKLY, _l("At these hours")), (ALL_HOURS, _l("Day and night"))]),
        validators=[InputRequired(_l("Choose one of the answers."))],
    )
    closed_from = Line(_l("First closed day"), limit=10)
    closed_until = Line(_l("Last closed day"), limit=10)
    for_all = BooleanField(_l("Save the same for all our services"), false_values=("", None, "no"))
    version = Version(missing=-1)

    @property
    def days(self) -> list[tuple[Any, list[FormField]]]:
        """The rows of the week, Monday first: the name of the day, and its spans."""
        return [
            (DAY_NAMES[day], [self[f"day_{day}_{number}"] for number in range(MOST_SPANS)])
            for day in range(WEEK)
        ]

    def show(self, said: Weekly, version: int) -> None:
        """Fill the form with what was said."""
        self.version.data = version
        self.how.data = ALL_HOURS if said.is_all_hours else WEEKLY
        self.closed_from.data = said.closed_from.isoformat() if said.closed_from else ""
        self.closed_until.data = said.closed_until.isoformat() if said.closed_until else ""
        for day, (_name, rows) in enumerate(self.days):
            spans = [span for span in said.spans if span.day == day]
            for row, span in zip(rows, spans, strict=False):
                row.form.start.data = span.opens.isoformat(timespec="minutes")
                row.form.end.data = span.closes.isoformat(timespec="minutes")

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate; what is wrong with a day or the closing says so beside itself."""
        is_valid = super().validate(extra_validators)
        if self.kept:
            return is_valid
        return all([is_valid, self._are_days_good(), self._is_closing_good()])

    def weekly(self) -> Weekly:
        """Give what was typed, once it is valid."""
        is_all_hours = self.how.data == ALL_HOURS
        return Weekly(
            () if is_all_hours else tuple(sorted(self._spans())),
            is_all_hours,
            _day(self.closed_from.data),
            _day(self.closed_until.data),
        )

    def _spans(self) -> list[Span]:
        read = [
            read_day(day, row.form.start.data, row.form.end.data)
            for day, (_name, rows) in enumerate(self.days)
            for row in rows
        ]
        return [Span(each.day, each.start, each.end) for each in read if each is not None]

    def _are_days_good(self) -> bool:
        if self.how.data != WEEKLY:
            return True
        is_good = True
        for day, (_name, rows) in enumerate(self.days):
            for row in rows:
                try:
                    read_day(day, row.form.start.data, row.form.end.data)
                except Refused as refusal:
                    row.form.end.errors = [str(refusal.message)]
                    is_good = False
        if not is_good:
            return False
        spans = self._spans()
        for day in weekly.overlapping(spans):
            self[f"day_{day}_0"].form.end.errors = [str(Overlapping.message)]
        if not spans:
            add_error(self, NoHours.message, "how")
        return bool(spans) and not weekly.overlapping(spans)

    def _is_closing_good(self) -> bool:
        for field in (self.closed_from, self.closed_until):
            try:
                _day(field.data)
            except ValueError:
                add_error(self, BAD_DAY, field.name)
                return False
        first, last = _day(self.closed_from.data), _day(self.closed_until.data)
        if last is not None and (first is None or last < first):
            add_error(self, BadClosing.message, "closed_until")
            return False
        return True


def _day(text: str | None) -> date | None:
    """Read a day as a date field sends it; raise ValueError."""
    return date.fromisoformat(text) if text else None


for _weekday in range(WEEK):
    for _number in range(MOST_SPANS):
        setattr(HoursForm, f"day_{_weekday}_{_number}", FormField(DayForm, DAY_NAMES[_weekday]))
