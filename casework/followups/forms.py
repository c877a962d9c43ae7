"""The forms of the call-back screens; no answer about safety is chosen in advance."""

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, RadioField, SelectField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, StopValidation

from casework.cases.models import CaseNeed, ClosureCode, NeedOutcome, Reason
from casework.followups.models import AttemptResult, FreeReason, OverrideReason
from casework.followups.policy import ContactRule, NextCall
from casework.people.contact_plan import Plan
from casework.people.models import VoicemailRule
from casework.web.forms import Form, Line, Text, Version, coded

CHOOSE = _l("Choose one of the answers.")
# In the order in which they happen; what a plan forbids is left out.
RESULTS = (
    AttemptResult.REACHED_PERSON,
    AttemptResult.NO_ANSWER,
    AttemptResult.VOICEMAIL_NOT_LEFT,
    AttemptResult.VOICEMAIL_LEFT,
    AttemptResult.REACHED_OTHER,
    AttemptResult.ASKED_LATER,
    AttemptResult.UNSAFE_TO_TALK,
    AttemptResult.CODE_WORD_FAILED,
    AttemptResult.WRONG_NUMBER,
    AttemptResult.OUT_OF_SERVICE,
)
# After these somebody else may know, so the rule itself is asked for.
RULE_ASKED = frozenset({AttemptResult.REACHED_OTHER, AttemptResult.UNSAFE_TO_TALK})
CLOSURES = (
    ClosureCode.NEED_MET,
    ClosureCode.PARTIALLY_MET,
    ClosureCode.UNMET_NO_OPTION,
    ClosureCode.PERSON_ENDED,
    ClosureCode.TRANSFERRED,
    ClosureCode.MOVED_AWAY,
    ClosureCode.UNSAFE,
)
OUTCOMES = (
    NeedOutcome.MET,
    NeedOutcome.PARTIALLY_MET,
    NeedOutcome.PENDING,
    NeedOutcome.UNMET,
    NeedOutcome.RESOLVED_OTHERWISE,
    NeedOutcome.UNKNOWN,
    NeedOutcome.NOT_DISCLOSED,
)


class AskedWhen:
    """Asks for a field only while another answer makes it needed; otherwise it may stay empty."""

    def __init__(self, is_asked: Callable[[Any], bool], message: Any) -> None:
        self.is_asked = is_asked
        self.message = message

    def __call__(self, form: Any, field: Any) -> None:
        """End the checks of an empty field, with an error when it is asked for."""
        if field.raw_data and str(field.raw_data[0]).strip():
            return
        field.errors = []
        raise StopValidation(self.message if self.is_asked(form) else None)


class StartForm(Form):
    """Begin to dial; outside the agreed hours only with a reason."""

    override_reason = RadioField(
        _l("Why call outside the agreed hours?"),
        choices=coded(tuple(OverrideReason)),
        validators=[Optional()],
    )


class FreeForm(Form):
    """Free a call that got stuck, for a reason."""

    reason = RadioField(
        _l("Why is this call freed?"),
        choices=coded(tuple(FreeReason)),
        validators=[InputRequired(CHOOSE)],
    )


class OtherTime(Form):
    """A day and a time on the person's own clock."""

    local_day = DateField(_l("Day"), validators=[Optional()])
    local_time = TimeField(_l("Time, on the person’s clock"), validators=[Optional()])


class PlanForm(OtherTime):
    """Plan or move one call."""

    local_day = DateField(_l("Day"), validators=[InputRequired(_l("Choose a day."))])
    local_time = TimeField(
        _l("Time, on the person’s clock"), validators=[InputRequired(_l("Choose a time."))]
    )


class ReachForm(OtherTime):
    """Who answered, and the identity step; anything else asks only for the rule and the next try."""

    result = RadioField(_l("Who did you reach?"), validators=[InputRequired(CHOOSE)])
    code_word = Line(_l("The code word they said"), limit=80)
    agreed = Line(_l("Their answer to the agreed question"), limit=120)
    full_name = Line(_l("Full name, as they say it"), limit=120)
    children_ages = Line(_l("Ages of the children, as they say them"), limit=80)
    pets = Line(_l("Pets, as they say them"), limit=120)
    area = Line(_l("Area where they live, as they say it"), limit=120)
    rule = RadioField(
        _l("What changes for the next call?"),
        choices=coded(tuple(ContactRule)),
        validators=[
            AskedWhen(
                lambda form: form.result.data in RULE_ASKED,
                _l("Say what changes for the next call."),
            )
        ],
    )

    def offer(self, plan: Plan) -> None:
        """Offer only the results the plan allows: a voicemail never without its rule (R11)."""
        left_out = set()
        if plan.voicemail_rule is VoicemailRule.NEVER:
            left_out.add(AttemptResult.VOICEMAIL_LEFT)
        self.result.choices = coded([r for r in RESULTS if r not in left_out])

    def answers(self) -> dict[str, str]:
        """Give what was said in place of a code word, by the name of what it answers."""
        names = ("agreed", "full_name", "children_ages", "pets", "area")
        return {name: self[name].data for name in names if self[name].data}


def _is_custom(form: Any) -> bool:
    return bool(form.still_ok.data == "yes" and form.next_call.data == NextCall.CUSTOM)


class NoAnswerForm(Form):
    """Nobody at the agency answered; the button stands on My day and on the page of the case."""

    version = Version()
    day = HiddenField()

    @property
    def is_from_day(self) -> bool:
        """Whether it was pressed on My day."""
        return bool(self.day.data)


class FinishForm(Form):
    """Consent again, what was told, a note, and what follows; each need adds its own fields."""

    still_ok = RadioField(
        _l("Still OK with us checking in?"),
        choices=[SelectChoice("yes", _l("Yes")), SelectChoice("no", _l("No: no more calls"))],
        validators=[InputRequired(CHOOSE)],
    )
    told = RadioField(
        _l("Did you tell them?"),
        choices=[
            SelectChoice("told", _l("Yes, they know")),
            SelectChoice("not_yet", _l("Not yet")),
        ],
        validators=[
            AskedWhen(lambda form: form.has_news, _l("Say whether you told them the answer."))
        ],
    )
    are_hours_right = RadioField(
        _l("Are these hours still right?"),
        choices=[SelectChoice("yes", _l("Yes")), SelectChoice("no", _l("No: they changed"))],
        validators=[
            AskedWhen(
                lambda form: form.still_ok.data == "yes",
                _l("Ask whether the hours are still right."),
            )
        ],
    )
    note = Text(_l("Note"))
    next_call = RadioField(
        _l("What follows?"),
        validators=[AskedWhen(lambda form: form.still_ok.data == "yes", CHOOSE)],
    )
    local_day = DateField(_l("Day"), validators=[AskedWhen(_is_custom, _l("Choose a day."))])
    local_time = TimeField(
        _l("Time, on the person’s clock"), validators=[AskedWhen(_is_custom, _l("Choose a time."))]
    )
    closure = SelectField(
        _l("Why the case ends"),
        choices=[SelectChoice("", _l("Choose a reason")), *coded(CLOSURES)],
        validators=[
            AskedWhen(
                lambda form: form.next_call.data == NextCall.CLOSE,
                _l("Choose why the case ends."),
            )
        ],
    )
    case_version = HiddenField()

    needs: Sequence[CaseNeed] = ()
    has_news: bool = False

    def offer(self, following: str | None) -> None:
        """Offer the planned call, named by its moment, and only then choose it in advance."""
        planned = SelectChoice(
            NextCall.SERIES.value, _l("As planned: %(moment)s", moment=following)
        )
        first = planned if following else coded((NextCall.NONE,))[0]
        self.next_call.choices = [first, *coded((NextCall.CUSTOM, NextCall.CLOSE))]
        if following and not self.is_submitted():
            self.next_call.data = NextCall.SERIES.value

    def start_again_from(self, case_version: int) -> None:
        """Take the versions that stand now: this page shows them, so the next try may save."""
        self.case_version.data = str(case_version)
        for number, need in enumerate(self.needs):
            self[f"version_{number}"].data = str(need.version)


def finish_form_for(needs: Sequence[CaseNeed], *, has_news: bool) -> type[FinishForm]:
    """Make the form of one call: an outcome, a reason and a version for each need of its case."""
    fields: dict[str, Any] = {"needs": tuple(needs), "has_news": has_news}
    for number, need in enumerate(needs):
        fields[f"outcome_{number}"] = RadioField(
            need.code.label, choices=coded(OUTCOMES), validators=[Optional()]
        )
        fields[f"reason_{number}"] = SelectField(
            _l("Why not"),
            choices=[SelectChoice("", _l("Choose a reason")), *coded(tuple(Reason))],
            validators=[AskedWhen(_is_unmet(number), _l("Choose why the need was not met."))],
        )
        fields[f"version_{number}"] = HiddenField(default=str(need.version))
    return type("FinishFormOfCall", (FinishForm,), fields)


def _is_unmet(number: int) -> Callable[[Any], bool]:
    return lambda form: bool(form[f"outcome_{number}"].data == NeedOutcome.UNMET)
