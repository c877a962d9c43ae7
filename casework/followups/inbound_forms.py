"""The form for a call from the person: one answer for each planned call, and a time where it moves."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, TimeField
from wtforms.validators import InputRequired

from casework.followups.forms import CHOOSE, AskedWhen
from casework.followups.inbound import InboundAnswer
from casework.followups.models import FollowUp
from casework.followups.services import Answered
from casework.web.forms import Form, coded


class InboundForm(Form):
    """What this call answers."""

    planned: tuple[FollowUp, ...] = ()

    def propose(self, guessed: Mapping[FollowUp, InboundAnswer]) -> None:
        """Choose what is near in advance; everything stands on the page before it is saved."""
        if not self.is_submitted():
            for number, follow_up in enumerate(self.planned):
                self[f"answer_{number}"].data = guessed[follow_up].value

    def answers(self) -> list[Answered]:
        """Give what was answered, call by call."""
        return [
            Answered(
                follow_up,
                InboundAnswer(self[f"answer_{number}"].data),
                self[f"day_{number}"].data,
                self[f"time_{number}"].data,
            )
            for number, follow_up in enumerate(self.planned)
        ]

    def rows(self) -> list[tuple[FollowUp, Any, Any, Any]]:
        """Give each call with its three fields."""
        return [
            (one, self[f"answer_{number}"], self[f"day_{number}"], self[f"time_{number}"])
            for number, one in enumerate(self.planned)
        ]


def inbound_form_for(planned: list[FollowUp]) -> type[InboundForm]:
    """Make the form of the calls that are planned for one case."""
    fields: dict[str, Any] = {"planned": tuple(planned)}
    for number, _follow_up in enumerate(planned):
        moves = _moves(number)
        fields[f"answer_{number}"] = RadioField(
            _l("What this call does to it"),
            choices=coded(tuple(InboundAnswer)),
            validators=[InputRequired(CHOOSE)],
        )
        fields[f"day_{number}"] = DateField(
            _l("Day"), validators=[AskedWhen(moves, _l("Choose a day."))]
        )
        fields[f"time_{number}"] = TimeField(
            _l("Time, on the person’s clock"), validators=[AskedWhen(moves, _l("Choose a time."))]
        )
    return type("InboundFormOfCase", (InboundForm,), fields)


def _moves(number: int) -> Any:
    return lambda form: form[f"answer_{number}"].data == InboundAnswer.MOVED
