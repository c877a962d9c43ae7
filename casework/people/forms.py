"""The forms of a person's pages: safe contact, details, and one consent answer at a time."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    SelectField,
    SelectMultipleField,
)
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from casework.database import Refused
from casework.directory.needs import NeedCode
from casework.people.contact_plan import Plan, Window
from casework.people.date_fields import DatedFields, check_dated, dated_plan, show_dated
from casework.people.fields import Answer, Listed, Version
from casework.people.models import HowGiven, PhoneKind, Purpose, VoicemailRule, WhenToCall
from casework.people.plan_checks import NoWindows, UnknownTimeZone, read_window
from casework.people.policy import UnknownLanguage
from casework.people.words import DAYS, DETAILS
from casework.web.forms import Form, Line, add_error, coded, options

YES_NO = options([("yes", _l("Yes")), ("no", _l("No"))])
ROWS = 6  # rows of agreed hours on the page


class HoursForm(PlainForm):
    """One row of agreed hours; an empty row says nothing."""

    days = SelectMultipleField(_l("Days"), coerce=int, choices=options(enumerate(DAYS)))
    start = Line(_l("From"), limit=8)
    end = Line(_l("Until"), limit=8)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said in this row."""
        return not (self.days.data or self.start.data or self.end.data)

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

    def read(self) -> Window:
        """Give the row as a window; raise a Refused that says what is wrong with it."""
        return read_window({"days": self.days.data, "start": self.start.data, "end": self.end.data})


class PlanForm(DatedFields, Form):
    """Safe contact (R9): when, how, and what to say to whom."""

    version = Version()
    when = Answer(_l("When may we call?"), coded(WhenToCall), missing=_l("Say when we may call."))
    windows = FieldList(FormField(HoursForm), min_entries=ROWS, max_entries=ROWS)
    time_zone = Listed(_l("Time zone of the person"), unknown=UnknownTimeZone.message)
    phone_kind = Answer(_l("Whose phone is it?"), coded(PhoneKind))
    voicemail_rule = Answer(
        _l("Voicemail"), coded(VoicemailRule), missing=_l("Say whether a voicemail may be left.")
    )
    voicemail_script = Line(_l("Words agreed for a voicemail"))
    code_word = Line(_l("New code word"), limit=60)
    forget_code_word = BooleanField(_l("Remove the code word"))
    agreed_question = Line(_l("A question only they can answer"), limit=120)
    agreed_answer = Line(_l("Its answer"), limit=80)
    cover_name = Line(_l("Name we give when we call"), limit=80)
    who_may_answer = Line(_l("Who else may answer, and what to say"))
    dropped_call_rule = Line(_l("If the line drops"))
    caller_id = Answer(_l("May our number show on their phone?"), YES_NO)
    text_allowed = Answer(_l("May we send a text?"), YES_NO)

    def show(self, plan: Plan, today: date) -> None:
        """Fill the form with what is saved and not over; code word and answer stay in the vault."""
        self.when.data = plan.when.value
        self.time_zone.data = plan.time_zone
        self.phone_kind.data = plan.phone_kind.value if plan.phone_kind else None
        self.voicemail_rule.data = plan.voicemail_rule.value
        self.caller_id.data = "yes" if plan.is_caller_id_shown else "no"
        self.text_allowed.data = "yes" if plan.is_text_allowed else "no"
        for name in ("voicemail_script", "cover_name", "who_may_answer", "dropped_call_rule"):
            self[name].data = getattr(plan, name)
        for row, window in zip(self.windows, plan.windows, strict=False):
            row.form.days.data = sorted(window.days)
            row.form.start.data = window.start.isoformat(timespec="minutes")
            row.form.end.data = window.end.isoformat(timespec="minutes")
        show_dated(self, plan, today)

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate; agreed hours need at least one row (R11)."""
        is_valid = super().validate(extra_validators) and check_dated(self)
        is_empty = all(row.form.is_empty for row in (*self.windows, *self.one_offs))
        if self.when.data == WhenToCall.WINDOWS.value and is_empty:
            add_error(self, NoWindows.message, "when")
            is_valid = False
        return is_valid

    def plan(self) -> dict[str, Any]:
        """Give what was said, for people.services.change_plan."""
        names = ("voicemail_script", "cover_name", "who_may_answer", "dropped_call_rule")
        said: dict[str, Any] = {name: self[name].data for name in names}
        said |= {
            "when": self.when.data,
            "windows": [row.form.read() for row in self.windows if not row.form.is_empty],
            "time_zone": self.time_zone.data,
            "phone_kind": self.phone_kind.data,
            "voicemail_rule": self.voicemail_rule.data,
            "is_caller_id_shown": self.caller_id.data == "yes",
            "is_text_allowed": self.text_allowed.data == "yes",
            **dated_plan(self),
        }
        if self.code_word.data or self.forget_code_word.data:
            said["code_word"] = self.code_word.data
        if self.agreed_question.data or self.agreed_answer.data:
            said["agreed_questions"] = [
                {
                    "question": self.agreed_question.data or "",
                    "answer": self.agreed_answer.data or "",
                }
            ]
        return said


class DetailsForm(Form):
    """What is known of a person; every line may stay empty (R38)."""

    version = Version()
    safe_name = Line(DETAILS["safe_name"], limit=80)
    full_name = Line(DETAILS["full_name"], limit=120)
    phone = Line(DETAILS["phone"], limit=40)
    email = Line(DETAILS["email"], limit=254)
    handle = Line(DETAILS["handle"], limit=80)
    area = Line(DETAILS["area"], limit=80)
    children_ages = Line(DETAILS["children_ages"], limit=80)
    pets = Line(DETAILS["pets"], limit=120)
    access_needs = Line(DETAILS["access_needs"])
    culture_faith = Line(DETAILS["culture_faith"])
    language = Listed(DETAILS["language"], unknown=UnknownLanguage.message)
    needs_interpreter = BooleanField(_l("An interpreter is needed"))

    def show(self, values: dict[str, Any]) -> None:
        """Fill the form with what is saved."""
        for name, value in values.items():
            is_list = isinstance(value, list)
            self[name].data = ", ".join(str(item) for item in value) if is_list else value

    def details(self) -> dict[str, Any]:
        """Give what was said, for people.services.change_details."""
        return {name: self[name].data for name in DETAILS if name in self}


class ConsentForm(Form):
    """One answer to one question (R2): nothing is chosen in advance."""

    purpose = Answer(
        _l("Which question?"), coded(Purpose), missing=_l("Choose the question that was asked.")
    )
    is_given = Answer(_l("The answer"), YES_NO, missing=_l("Record the answer: yes or no."))
    category = SelectField(_l("With agencies for"), validators=[Optional()], default="")
    partner = SelectField(_l("Or with one agency"), validators=[Optional()], default="")
    how_given = Answer(_l("How it was given"), coded(HowGiven), default=HowGiven.VERBAL.value)
    language = Listed(_l("Language it was asked in"), unknown=UnknownLanguage.message)
    expires_on = DateField(_l("Until"), [Optional()])

    def offer(self, *, languages: list[tuple[str, str]], agencies: list[tuple[str, str]]) -> None:
        """Fill the long lists."""
        self.language.choices = options(languages)
        self.category.choices = [
            SelectChoice("", _l("Choose a kind of help")),
            *coded(NeedCode),
        ]
        self.partner.choices = options([("", _l("Choose an agency")), *agencies])

    @property
    def last_day(self) -> date | None:
        """The last day of the consent, when one was chosen."""
        day: date | None = self.expires_on.data
        return day
