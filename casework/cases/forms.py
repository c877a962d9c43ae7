"""The forms of the cases room: notes, needs, outcomes, closing, handing over, look-up, emergency."""

import uuid
from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from casework.cases import policy
from casework.cases.models import EmergencyKind, NeedOutcome, Reason
from casework.cases.searching import NothingToFind, Search, Way, read_search
from casework.cases.services import Said
from casework.database import Code, Refused
from casework.directory.needs import NeedCode
from casework.people.models import AccessReason
from casework.web.forms import Form, Line, Text, Version, coded
from casework.web.references import parse_reference

TEAM = "team"  # the choice that hands a case to nobody in particular
ANSWERS = ("agreed", "full_name", "area", "children_ages", "pets", "email")


class OneOf(RadioField):
    """One answer out of a few, none chosen in advance."""

    def __init__(
        self, label: Any, codes: Iterable[Code] = (), *, missing: Any, **more: Any
    ) -> None:
        super().__init__(label, [InputRequired(missing)], choices=coded(codes), **more)


class NoteForm(Form):
    """A note in a navigator's own words; its limits stand in policy."""

    body = Text(_l("Note"), limit=policy.NOTE_LIMIT)


class NeedsForm(Form):
    """What else the person needs."""

    needs = SelectMultipleField(
        _l("What else do they need?"),
        choices=coded(NeedCode),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class OutcomeForm(Form):
    """How one need ended, why, and who says so."""

    outcome = OneOf(_l("How did it end?"), NeedOutcome, missing=_l("Choose how it ended."))
    reason = SelectField(
        _l("Why?"),
        [Optional()],
        choices=[SelectChoice("", _l("Choose a reason")), *coded(Reason)],
    )
    source = OneOf(_l("Who says so?"), policy.SOURCES, missing=_l("Choose who says so."))
    version = Version(missing=-1)


class CloseForm(Form):
    """Why a case ends."""

    closure = OneOf(_l("Why does it end?"), policy.CLOSURES, missing=_l("Choose why it ends."))
    version = Version(missing=-1)


class AssignForm(Form):
    """Who looks after a case from now on: a colleague, or the team."""

    owner = SelectField(
        _l("Hand over to"), [InputRequired(policy.NotColleague.message)], validate_choice=False
    )
    version = Version(missing=-1)

    def offer(self, colleagues: Iterable[tuple[uuid.UUID, str]]) -> None:
        """List the team first, then colleagues by name."""
        self.owner.choices = [
            SelectChoice("", _l("Choose")),
            SelectChoice(TEAM, _l("The team: whoever takes it")),
            *(SelectChoice(str(account_id), name) for account_id, name in colleagues),
        ]

    def owner_id(self) -> uuid.UUID | None:
        """Give the chosen colleague, None for the team; raise NotColleague for anything else."""
        if self.owner.data == TEAM:
            return None
        try:
            return uuid.UUID(self.owner.data)
        except ValueError:
            raise policy.NotColleague from None


class LookUpForm(Form):
    """One box; the three others arrive from the New case page, where a match was announced."""

    find = Line(_l("Phone, email, chat handle or case reference"), limit=254)
    phone = Line(limit=254)
    email = Line(limit=254)
    handle = Line(limit=254)

    search: Search | None = None

    def validate_find(self, field: Any) -> None:
        """Read what was typed, and say what is wrong with it."""
        field.data = field.data or self.phone.data or self.email.data or self.handle.data
        try:
            if not field.data:
                raise NothingToFind
            self.search = read_search(field.data)
        except Refused as refusal:
            raise ValidationError(str(refusal.message)) from None


class IdentityForm(Form):
    """What the caller says, so that the words and not the number decide (R32)."""

    find = HiddenField()
    code_word = Line(_l("Code word"), limit=60)
    agreed = Line(_l("Answer to the agreed question"), limit=200)
    full_name = Line(_l("Full name"), limit=200)
    area = Line(_l("Town or area"), limit=80)
    children_ages = Line(_l("Ages of the children"), limit=80)
    pets = Line(_l("Pets"), limit=120)
    email = Line(_l("Email"), limit=254)

    def said(self) -> Said:
        """Give what was said, by the names the identity check knows."""
        return Said(self.code_word.data or "", {name: self[name].data or "" for name in ANSWERS})

    def search(self) -> Search | None:
        """Give what was looked for on the page before; None when it was tampered with."""
        try:
            search = read_search(self.find.data or "")
        except Refused:
            return None
        return None if search.way is Way.REFERENCE else search

    def answered_otherwise(self) -> bool:
        """Tell whether something other than the code word was said, so that it stays in view."""
        return any(self[name].data or self[name].errors for name in ANSWERS)


class OpenForm(Form):
    """Why a case is opened with nobody on the line."""

    reason = OneOf(_l("Why?"), missing=policy.AccessReasonMissing.message)

    def offer(self, reasons: Iterable[AccessReason]) -> None:
        """List the reasons of the reader's role."""
        self.reason.choices = coded(reasons)


class EmergencyForm(Form):
    """To whom an emergency was handed, written down afterwards (R34)."""

    kind = OneOf(_l("Who took over?"), EmergencyKind, missing=_l("Choose who took over."))
    ref = Line(_l("Case reference"), limit=20)

    def validate_ref(self, field: Any) -> None:
        """Refuse what cannot be a reference; none is needed."""
        if field.data and not self.case_ref():
            raise ValidationError(str(_l("Check this reference, or leave it empty.")))

    def case_ref(self) -> str | None:
        """Give the reference in its one form."""
        ref = parse_reference(self.ref.data or "")
        return ref if ref and ref.startswith("C") else None
