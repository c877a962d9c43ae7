"""The forms of shifts: a week of hours, and single days that differ from it."""

from datetime import time

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, TimeField
from wtforms.validators import InputRequired, Optional

from casework.web.forms import Form, add_error

BOTH = _l("Write when it begins and when it ends.")


class WeekForm(Form):
    """One shift for each day of the week; an empty day is free."""

    def week(self) -> dict[int, tuple[time, time]] | None:
        """Give the hours by weekday; None, with an error, when only one end was written."""
        found = {}
        for weekday in range(7):
            starts, ends = self[f"starts_{weekday}"], self[f"ends_{weekday}"]
            if starts.data is not None and ends.data is not None:
                found[weekday] = (starts.data, ends.data)
            elif starts.data is not None or ends.data is not None:
                add_error(self, BOTH, f"starts_{weekday}")
        return None if self.errors else found


class DayForm(Form):
    """One day that is off, or worked at other hours."""

    day = DateField(_l("Day"), validators=[InputRequired(_l("Choose a day."))])
    is_off = BooleanField(_l("Off that day"))
    day_starts = TimeField(_l("From"), validators=[Optional()])
    day_ends = TimeField(_l("Until"), validators=[Optional()])

    def hours(self) -> tuple[time, time] | None:
        """Give the hours; None for a day off, or, with an error, when they are missing."""
        if self.is_off.data:
            return None
        if self.day_starts.data is None or self.day_ends.data is None:
            add_error(self, BOTH, "day_starts")
            return None
        return self.day_starts.data, self.day_ends.data


class RemoveForm(Form):
    """Which single day is to be as its week again."""

    shift_id = HiddenField()


for _weekday in range(7):
    setattr(WeekForm, f"starts_{_weekday}", TimeField(_l("From"), validators=[Optional()]))
    setattr(WeekForm, f"ends_{_weekday}", TimeField(_l("Until"), validators=[Optional()]))
