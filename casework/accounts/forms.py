"""The forms of sign-in, settings, passphrases and the staff page."""

from typing import Any

from babel.dates import get_timezone_location
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, RadioField, SelectField
from wtforms.validators import AnyOf, DataRequired, Length

from casework.accounts import policy
from casework.accounts.models import Theme
from casework.security.passwords import LONGEST
from casework.web.forms import TOO_LONG, Form, Line, options
from casework.web.i18n import LOCALES, NAMES, page_locale

# Canada from east to west; an account may carry another zone, which then stands in the list too.
ZONES = (
    "America/St_Johns",
    "America/Halifax",
    "America/Moncton",
    "America/Blanc-Sablon",
    "America/Toronto",
    "America/Iqaluit",
    "America/Winnipeg",
    "America/Regina",
    "America/Edmonton",
    "America/Vancouver",
    "America/Whitehorse",
)
NEEDED = _l("Fill this in.")


LANGUAGES = options((code, NAMES[code]) for code in LOCALES)
ROLES = options((role.value, role.label) for role in policy.STAFF_ROLES)


def passphrase(label: Any) -> PasswordField:
    """Make a passphrase field: pasted or typed, never trimmed, never shown again."""
    return PasswordField(
        label,
        [DataRequired(NEEDED), Length(max=LONGEST, message=TOO_LONG)],
    )


class SignInForm(Form):
    """Address and passphrase."""

    email = Line(_l("Email"), [DataRequired(NEEDED)], limit=254)
    password = passphrase(_l("Passphrase"))


class UnlockForm(Form):
    """The passphrase of whoever locked the screen."""

    password = passphrase(_l("Passphrase"))


class SettingsForm(Form):
    """How one's own pages look and speak."""

    locale = RadioField(_l("Language"), choices=LANGUAGES)
    time_zone = SelectField(_l("Time zone"))
    theme = RadioField(_l("Look"), choices=options((theme.value, theme.label) for theme in Theme))
    has_shortcuts = BooleanField(_l("Single-letter keyboard shortcuts"))

    def offer_zones(self, current: str) -> None:
        """List the zones by city, in the language of the page."""
        zones = ZONES if current in ZONES else (*ZONES, current)
        language = page_locale() if page_locale() in LOCALES else LOCALES[0]
        self.time_zone.choices = options(
            (zone, get_timezone_location(zone, locale=language, return_city=True)) for zone in zones
        )


class ChangePassphraseForm(Form):
    """The current passphrase and the new one."""

    current = passphrase(_l("Current passphrase"))
    password = passphrase(_l("New passphrase"))


class SetPassphraseForm(Form):
    """The first passphrase, or the one after a reset."""

    password = passphrase(_l("New passphrase"))


class AddMemberForm(Form):
    """Somebody new on the staff."""

    display_name = Line(_l("Name, as colleagues see it"), [DataRequired(NEEDED)], limit=80)
    email = Line(_l("Email"), [DataRequired(NEEDED)], limit=254)
    role = RadioField(
        _l("Role"),
        choices=ROLES,
        validators=[DataRequired(NEEDED)],
    )
    locale = RadioField(_l("Language"), choices=LANGUAGES, default=LOCALES[0])


class RoleForm(Form):
    """Another role for a member."""

    role = SelectField(_l("Role"), choices=ROLES)


class LanguageForm(Form):
    """The one language link of every page, which may carry a half-filled form along.

    Its field has a name of its own: people have a language too.
    """

    kept = False
    page_language = Line(validators=[AnyOf(LOCALES)])


class ThemeForm(Form):
    """Light, night, or as the device says."""

    theme = Line(validators=[AnyOf([theme.value for theme in Theme])])
