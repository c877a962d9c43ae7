"""The fields of days off, dates off and hours of one date, shared by two pages (R10, R11)."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FieldList, Form, FormField, SelectMultipleField

from casework.database import Refused
from casework.people.contact_plan import Plan
from casework.people.date_checks import MOST_DATES, EveryDayOff, read_dates, read_one_off
from casework.people.dates import Dates, OneOff
from casework.people.words import DAYS
from casework.web.forms import Line, add_error, options

ROWS = 2  # empty rows of each kind on the page


class DatesForm(Form):
    """Some days in a row on which nobody calls; an empty row says nothing."""

    first = Line(_l("First day"), limit=10)
    last = Line(_l("Last day"), limit=10)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said in this row."""
        return not (self.first.data or self.last.data)

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse half a row, and days in the wrong order, beside the row itself."""
        is_valid = bool(super().validate(extra_validators))
        if is_valid and not self.is_empty:
            try:
                self.read()
            except Refused as refusal:
                self.first.errors = [refusal.message]
                is_valid = False
        return is_valid

    def read(self) -> Dates:
        """Give the row as dates; raise a Refused that says what is wrong with it."""
        return read_dates((self.first.data, self.last.data))


class OneOffForm(Form):
    """Hours of one date; an empty row says nothing."""

    day = Line(_l("Date"), limit=10)
    start = Line(_l("From"), limit=8)
    end = Line(_l("Until"), limit=8)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said in this row."""
        return not (self.day.data or self.start.data or self.end.data)

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse half a row, and hours that end before they start, beside the row itself."""
        is_valid = bool(super().validate(extra_validators))
        if is_valid and not self.is_empty:
            try:
                self.read()
            except Refused as refusal:
                self.end.errors = [refusal.message]
                is_valid = False
        return is_valid

    def read(self) -> OneOff:
        """Give the row as hours; raise a Refused that says what is wrong with it."""
        return read_one_off((self.day.data, self.start.data, self.end.data))


class DatedFields:
    """Three questions that two forms ask; each begins folded away and empty."""

    days_off = SelectMultipleField(
        _l("Never on these days"), coerce=int, choices=options(enumerate(DAYS))
    )
    dates_off = FieldList(FormField(DatesForm), min_entries=ROWS, max_entries=MOST_DATES)
    one_offs = FieldList(FormField(OneOffForm), min_entries=ROWS, max_entries=MOST_DATES)

    @property
    def has_dates(self) -> bool:
        """Whether anything was said of them, so that the page shows it."""
        rows = (*self.dates_off, *self.one_offs)
        return bool(self.days_off.data) or not all(row.form.is_empty for row in rows)


def check_dated(form: Any) -> bool:
    """Refuse seven days off; the rows check themselves."""
    if len(set(form.days_off.data or ())) < len(DAYS):
        return True
    add_error(form, EveryDayOff.message, "days_off")
    return False


def show_dated(form: Any, plan: Plan, today: date) -> None:
    """Fill in what is saved and not over yet, with room for one more of each."""
    form.days_off.data = sorted(plan.days_off)
    coming_off = [dates for dates in plan.dates_off if dates.last >= today]
    coming_on = [hours for hours in plan.one_offs if hours.day >= today]
    _make_room(form.dates_off, len(coming_off))
    for row, dates in zip(form.dates_off, coming_off, strict=False):
        row.form.first.data = dates.first.isoformat()
        row.form.last.data = dates.last.isoformat()
    _make_room(form.one_offs, len(coming_on))
    for row, hours in zip(form.one_offs, coming_on, strict=False):
        row.form.day.data = hours.day.isoformat()
        row.form.start.data = hours.start.isoformat(timespec="minutes")
        row.form.end.data = hours.end.isoformat(timespec="minutes")


def _make_room(rows: FieldList, saved: int) -> None:
    while len(rows.entries) < min(saved + 1, MOST_DATES):
        rows.append_entry()


def dated_plan(form: Any) -> dict[str, Any]:
    """Give what was said of dates, for people.services.change_plan."""
    return {
        "days_off": form.days_off.data or [],
        "dates_off": [row.form.read() for row in form.dates_off if not row.form.is_empty],
        "one_offs": [row.form.read() for row in form.one_offs if not row.form.is_empty],
    }
