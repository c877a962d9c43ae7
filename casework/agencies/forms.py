"""The forms of agencies' own pages."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import DataRequired

from casework.accounts.forms import LANGUAGES, NEEDED
from casework.security import Role
from casework.web.forms import Form, Line, options
from casework.web.i18n import LOCALES

ROLES = options(
    [
        (Role.PARTNER.value, _l("Answers requests")),
        (Role.PARTNER_LEAD.value, _l("Answers requests, and lets colleagues in")),
    ]
)


class ColleagueForm(Form):
    """Somebody new who signs in for an agency."""

    display_name = Line(_l("Name, as colleagues see it"), [DataRequired(NEEDED)], limit=80)
    email = Line(_l("Email"), [DataRequired(NEEDED)], limit=254)
    role = RadioField(
        _l("What they do"), choices=ROLES, default=Role.PARTNER.value,
        validators=[DataRequired(NEEDED)],
    )  # fmt: skip
    locale = RadioField(_l("Language"), choices=LANGUAGES, default=LOCALES[0])


class FindAgencyForm(Form):
    """One box; it is sent by GET, changes nothing and so carries no token."""

    class Meta:
        """A search has nothing to forge."""

        csrf = False

    q = Line(_l("Name or place of an agency"), limit=100)
