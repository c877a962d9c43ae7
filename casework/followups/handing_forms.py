"""The form of a hand-over: to whom, which calls, and a note for each."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from casework.followups.list_models import ListCall
from casework.followups.models import FollowUp
from casework.web.forms import Form, Text

TEAM = "team"


class HandOverForm(Form):
    """Who takes over, and what."""

    to = RadioField(
        _l("Who takes over?"), validators=[InputRequired(_l("Choose a colleague, or the team."))]
    )
    chosen = SelectMultipleField(
        _l("Which calls?"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        # A call that somebody else has done meanwhile is left out, and nothing typed is lost.
        validate_choice=False,
    )

    planned: Sequence[FollowUp | ListCall] = ()

    def offer(self, colleagues: Iterable[tuple[UUID, str]]) -> None:
        """Offer those at work, and the team; all calls are chosen until one is left out."""
        self.to.choices = [SelectChoice(str(key), name) for key, name in colleagues]
        self.to.choices.append(SelectChoice(TEAM, _l("The team: whoever is there first")))
        ids = [str(task.id) for task in self.planned]
        self.chosen.choices = [SelectChoice(key, key) for key in ids]
        if not self.is_submitted():
            self.chosen.data = ids

    def receiver(self) -> UUID | None:
        """Give who was chosen; None is the team."""
        return None if self.to.data == TEAM else UUID(self.to.data)

    def handed(self) -> list[tuple[FollowUp | ListCall, str]]:
        """Give the chosen calls with their notes."""
        chosen = set(self.chosen.data or ())
        return [
            (task, self[f"note_{task.id}"].data or "")
            for task in self.planned
            if str(task.id) in chosen
        ]


def hand_over_form_for(planned: Sequence[FollowUp | ListCall]) -> type[HandOverForm]:
    """Make the form of one person’s calls, each with a note of its own."""
    fields: dict[str, Any] = {"planned": tuple(planned)}
    for task in planned:
        # By its id: a note never comes to stand in another case, whatever else was done meanwhile.
        fields[f"note_{task.id}"] = Text(_l("Note for whoever takes over"), limit=2_000)
    return type("HandOverFormOfShift", (HandOverForm,), fields)
