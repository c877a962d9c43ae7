"""The desk's two small forms: why details are shown, and a note to add."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from casework.desk.policy import RevealPurpose
from casework.web.forms import Form


class RevealForm(Form):
    """Why the details of a person are to be shown."""

    purpose = RadioField(
        _l("Why do you need them?"),
        choices=[SelectChoice(purpose.value, purpose.label) for purpose in RevealPurpose],
        validators=[InputRequired(_l("Choose why you need the details."))],
    )


class SeenForm(Form):
    """Nothing but its token: every notice is marked as seen."""
