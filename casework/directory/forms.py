"""The one box of the directory page."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from casework.directory.needs import NeedCode
from casework.web.forms import Form, Line


class SearchForm(Form):
    """Words and a need; it is sent by GET, changes nothing and so carries no token."""

    class Meta:
        """A search has nothing to forge."""

        csrf = False

    q = Line(_l("Name, place or condition"), limit=100)
    need = SelectField(_l("Need"), validators=[Optional()], default="", choices=[])

    def offer_needs(self) -> None:
        """Fill the list of needs in the reader’s language."""
        needs = [SelectChoice(need.value, need.label) for need in NeedCode]
        self.need.choices = [SelectChoice("", _l("Every need")), *needs]
