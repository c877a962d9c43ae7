"""How many places are free: a number on a button, or one that is typed."""

from typing import Any, Self

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField
from wtforms.validators import InputRequired, NumberRange, Optional

from casework.directory.capacity_models import PlaceUnit
from casework.directory.capacity_policy import MOST
from casework.directory.models import DirectoryService
from casework.web.forms import Form, coded

NUMBER = _l("Write a number from 0 to 999.")


class PlacesForm(Form):
    """One number; each button carries its own."""

    available = IntegerField(
        _l("Free places"),
        validators=[InputRequired(message=NUMBER), NumberRange(0, MOST, message=NUMBER)],
    )
    unit = RadioField(_l("What is counted"), validators=[Optional()], choices=coded(PlaceUnit))

    @classmethod
    def of(cls, offer: DirectoryService, **more: Any) -> Self:
        """Make the form of one service: several stand on a page, so each has names of its own."""
        return cls(prefix=f"places-{offer.id.hex[:12]}-", **more)

    @property
    def chosen_unit(self) -> PlaceUnit:
        """Give what is counted; a place when nothing was chosen."""
        return PlaceUnit(self.unit.data) if self.unit.data else PlaceUnit.PLACE
