"""The New case form: three answers, a safe way to reach the person, and what they need."""

from datetime import date, time

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    SelectMultipleField,
)
from wtforms.validators import NumberRange, Optional

from casework.directory.needs import NeedCode
from casework.intake.fields import Answer, Clock, Count, HoursForm, Listed
from casework.intake.policy import MOST_WINDOWS, QUICK_DAYS, PartOfDay, Share
from casework.people.date_fields import DatedFields
from casework.people.models import Channel, PhoneKind, VoicemailRule
from casework.web.forms import Form, Line, Text, coded, options

YES_NO = options([("yes", _l("Yes")), ("no", _l("No"))])
SPOKEN = options([("en", "English"), ("fr", "Français"), ("other", _l("Another language"))])
FIRST_CALL = options(
    [
        ("usual", _l("First agreed hour, as the follow-up policy says")),
        ("chosen", _l("At a time they ask for")),
    ]
)


class NewCaseForm(DatedFields, Form):
    """Everything on the New case page; what must hold across fields stands in checking.py."""

    # 1. Three answers, each to its own question (R2).
    keep = Answer(
        _l("May we keep a case?"),
        YES_NO,
        missing=_l("Ask whether we may keep a case, and record the answer."),
    )
    call_back = Answer(
        _l("May we call back?"),
        YES_NO,
        missing=_l("Ask whether we may call back, and record the answer."),
    )
    share = Answer(
        _l("May we tell an agency what it needs to know?"),
        coded(Share),
        missing=_l("Ask whether we may share with an agency, and record the answer."),
    )
    share_with = Listed(_l("Which agency?"), unknown=_l("Choose an agency from the list."))
    spoken = Answer(_l("Language of this contact"), SPOKEN)

    # 2. Safe contact (R9, R11, R37).
    phone = Line(_l("Phone"), limit=40)
    safe_name = Line(_l("Name to use"), limit=80)
    voicemail = Answer(
        _l("Voicemail"), coded(VoicemailRule), missing=_l("Say whether a voicemail may be left.")
    )
    times = SelectMultipleField(_l("When to call"), choices=coded(PartOfDay))
    days = Answer(
        _l("On which days"), coded(QUICK_DAYS), missing=_l("Say on which days these hours hold.")
    )
    hours = FieldList(FormField(HoursForm), min_entries=MOST_WINDOWS, max_entries=MOST_WINDOWS)
    time_zone = Listed(
        _l("Time zone of the person"), unknown=_l("Choose a time zone from the list.")
    )
    email = Line(_l("Email"), limit=254)
    handle = Line(_l("Chat handle"), limit=80)
    phone_kind = Answer(_l("Whose phone is it?"), coded(PhoneKind))
    code_word = Line(_l("Code word"), limit=60)
    agreed_question = Line(_l("A question only they can answer"), limit=120)
    agreed_answer = Line(_l("Its answer"), limit=80)
    cover_name = Line(_l("Name we give when we call"), limit=80)
    who_may_answer = Line(_l("Who else may answer, and what to say"), limit=200)
    voicemail_script = Line(_l("Words agreed for a voicemail"), limit=200)
    dropped_call = Line(_l("If the line drops"), limit=200)
    caller_id = Answer(_l("May our number show on their phone?"), YES_NO)
    text_allowed = Answer(_l("May we send a text?"), YES_NO)

    # 3. Needs, and what they open.
    needs = SelectMultipleField(_l("What do they need?"), choices=coded(NeedCode))
    region = Line(_l("Town or region"), limit=80)
    note = Text(_l("Note"))
    adults = Count(_l("Adults"), [Optional(), NumberRange(0, 30)], default=1)
    children = Count(_l("Children"), [Optional(), NumberRange(0, 30)], default=0)
    children_ages = Line(_l("Ages of the children"), limit=80)
    pets = Line(_l("Pets"), limit=120)
    culture_faith = Line(_l("Culture and faith"), limit=200)
    access_needs = Line(_l("Access and mobility"), limit=200)
    their_language = Listed(_l("Their language"), unknown=_l("Choose a language from the list."))
    needs_interpreter = BooleanField(_l("An interpreter is needed"))
    channel = Answer(_l("They reached us by"), coded(Channel), default=Channel.PHONE.value)

    # The next call.
    first_call = Answer(_l("First call"), FIRST_CALL, default="usual")
    next_on = DateField(_l("Day"), [Optional()])
    next_at = Clock(_l("Time, where they are"), [Optional()])

    @property
    def keeps(self) -> bool:
        """Whether the person let us keep a case."""
        return bool(self.keep.data == "yes")

    @property
    def counts_only(self) -> bool:
        """Whether the person said no, so that the contact is counted and nothing else."""
        return bool(self.keep.data == "no")

    def offer(
        self,
        *,
        languages: list[tuple[str, str]],
        time_zones: list[tuple[str, str]],
        agencies: list[tuple[str, str]],
    ) -> None:
        """Fill the long lists, whose entries the view looks up."""
        self.their_language.choices = options([("", _l("Choose a language")), *languages])
        self.time_zone.choices = options(time_zones)
        self.share_with.choices = options([("", _l("Choose an agency")), *agencies])

    def chosen_call(self) -> tuple[date, time] | None:
        """Give the day and time the person asked for, if they did."""
        if self.first_call.data != "chosen" or not (self.next_on.data and self.next_at.data):
            return None
        return self.next_on.data, self.next_at.data

    def has_way_to_reach(self) -> bool:
        """Tell whether there is a phone, an email or a handle (R11)."""
        return any(field.data for field in (self.phone, self.email, self.handle))
