"""The form of mails: which ones, when the day begins, and when none may leave."""

from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField
from wtforms.validators import ValidationError

from casework.notices.policy import MailWishes
from casework.web.filters import clock_time
from casework.web.forms import Form, options
from casework.web.i18n import page_locale

BOTH_OR_NONE = _l("Choose both hours, or neither.")


class MailsForm(Form):
    """What somebody wants by mail; hours are on their own clock."""

    wants_call_backs = BooleanField(_l("Call-backs that can be made now"))
    wants_day = BooleanField(_l("My day, when it begins"))
    wants_team = BooleanField(_l("Summary of the team, at 7 a.m. and 7 p.m."))
    day_begins = SelectField(_l("My day begins at"), coerce=int)
    quiet_from = SelectField(_l("No email from"))
    quiet_until = SelectField(_l("No email until"))

    def offer_hours(self) -> None:
        """List the hours of a day as the language of the page writes them."""
        locale = page_locale()
        hours = [(hour, clock_time(time(hour), locale)) for hour in range(24)]
        self.day_begins.choices = options(hours)
        none = ("", _l("No quiet hours"))
        for field in (self.quiet_from, self.quiet_until):
            field.choices = options([none, *((str(hour), text) for hour, text in hours)])

    def show(self, wishes: MailWishes) -> None:
        """Fill in what was chosen, unless a form was sent."""
        if self.is_submitted():
            return
        for name in ("wants_call_backs", "wants_day", "wants_team", "day_begins"):
            self[name].data = getattr(wishes, name)
        for name in ("quiet_from", "quiet_until"):
            hour = getattr(wishes, name)
            self[name].data = "" if hour is None else str(hour)

    def validate_quiet_until(self, field: Any) -> None:
        """Refuse quiet hours that begin and never end, or end and never begin."""
        if bool(field.data) != bool(self.quiet_from.data):
            raise ValidationError(BOTH_OR_NONE)

    def wishes(self, *, for_team: bool) -> MailWishes:
        """Give what was chosen; who gets no summary of the team keeps what stands for all."""
        return MailWishes(
            wants_call_backs=self.wants_call_backs.data,
            wants_day=self.wants_day.data,
            wants_team=self.wants_team.data if for_team else MailWishes().wants_team,
            day_begins=self.day_begins.data,
            quiet_from=int(self.quiet_from.data) if self.quiet_from.data else None,
            quiet_until=int(self.quiet_until.data) if self.quiet_until.data else None,
        )
