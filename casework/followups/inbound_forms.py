"""The form for a call from the person: one answer for each planned call, and a time where it moves.

Each field bears the id of its call: an answer never reaches another one, whatever was planned or
done while the page stood open, and what is new on it is asked before anything is saved.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

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
            for follow_up in self.planned:
                self[f"answer_{follow_up.id}"].data = guessed[follow_up].value

    def answers(self) -> list[Answered]:
        """Give what was answered, call by call."""
        return [
            Answered(
                follow_up,
                InboundAnswer(self[f"answer_{follow_up.id}"].data),
                self[f"day_{follow_up.id}"].data,
                self[f"time_{follow_up.id}"].data,
            )
            for follow_up in self.planned
        ]

    def rows(self) -> list[tuple[FollowUp, Any, Any, Any]]:
        """Give each call with its three fields."""
        return [
            (one, self[f"answer_{one.id}"], self[f"day_{one.id}"], self[f"time_{one.id}"])
            for one in self.planned
        ]


def inbound_form_for(planned: list[FollowUp]) -> type[InboundForm]:
    """Make the form of the calls that are planned for one case."""
    fields: dict[str, Any] = {"planned": tuple(planned)}
    for key in (follow_up.id for follow_up in planned):
        moves = _moves(key)
        fields[f"answer_{key}"] = RadioField(
            _l("What this call does to it"),
            choices=coded(tuple(InboundAnswer)),
            validators=[InputRequired(CHOOSE)],
        )
        fields[f"day_{key}"] = DateField(
            _l("Day"), validators=[AskedWhen(moves, _l("Choose a day."))]
        )
        fields[f"time_{key}"] = TimeField(
            _l("Time, on the person’s clock"), validators=[AskedWhen(moves, _l("Choose a time."))]
        )
    return type("InboundFormOfCase", (InboundForm,), fields)


def _moves(key: UUID) -> Any:
    return lambda form: form[f"answer_{key}"].data == InboundAnswer.MOVED
