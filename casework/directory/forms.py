"""The box of the directory page, and its filters."""

from babel import Locale
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional

from casework.directory.filter_policy import Filters
from casework.directory.needs import NeedCode
from casework.web.forms import Form, Line

DISTANCES = (5, 10, 25, 50, 100)
# The languages most asked for; what a directory says of others is found by words.
LANGUAGES = (
    "fr",
    "en",
    "ar",
    "cr",
    "es",
    "fa",
    "hi",
    "iu",
    "pa",
    "pt",
    "ru",
    "so",
    "tl",
    "uk",
    "ur",
)
MORE_LANGUAGES = ("vi", "yue", "zh")
AGE = _l("Write an age from 0 to 120.")


class Age(IntegerField):
    """An age in whole years; what is no number is told in the reader’s words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the age; keep what was typed where it is none."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(AGE)) from None


class SearchForm(Form):
    """Words, a need and filters; it is sent by GET, changes nothing and so carries no token."""

    class Meta:
        """A search has nothing to forge."""

        csrf = False

    # What a link to the next page carries.
    ASKED = ("q", "need", "near", "km", "language", "age", "open_now", "places")

    q = Line(_l("Name, place or condition"), limit=100)
    need = SelectField(_l("Need"), validators=[Optional()], default="", choices=[])
    near = Line(_l("Municipality"), limit=100)
    km = SelectField(_l("Distance"), validators=[Optional()], default="", choices=[])
    language = SelectField(_l("Language spoken"), validators=[Optional()], default="", choices=[])
    age = Age(_l("Age"), validators=[Optional(), NumberRange(0, 120, message=AGE)])
    open_now = BooleanField(_l("Open now"))
    places = BooleanField(_l("With a free place"))

    def offer_choices(self) -> None:
        """Fill the lists in the reader’s language."""
        needs = [SelectChoice(need.value, need.label) for need in NeedCode]
        self.need.choices = [SelectChoice("", _l("Every need")), *needs]
        self.km.choices = [
            SelectChoice("", _l("In the municipality")),
            *(SelectChoice(str(km), _l("Within %(km)d km", km=km)) for km in DISTANCES),
        ]
        names = Locale.parse(str(get_locale() or "en_CA")).languages
        spoken = [(code, names.get(code, code)) for code in (*LANGUAGES, *MORE_LANGUAGES)]
        self.language.choices = [
            SelectChoice("", _l("Every language")),
            *(SelectChoice(code, name[:1].upper() + name[1:]) for code, name in spoken),
        ]

    @property
    def is_more(self) -> bool:
        """Whether one of the filters is set that stand folded away, or cannot be used."""
        folded = (self.language, self.age, self.open_now, self.places)
        return any(field.data not in (None, "", False) or field.errors for field in folded)

    @property
    def is_filtered(self) -> bool:
        """Whether anything but words and a need is asked."""
        return bool(self.near.data) or self.is_more

    def filters(self) -> Filters:
        """Give what is asked; a distance without a municipality asks nothing."""
        near = self.near.data or ""
        return Filters(
            words=self.q.data or "",
            need=NeedCode(self.need.data) if self.need.data else None,
            near=near,
            km=int(self.km.data) if near and self.km.data else None,
            language=self.language.data or "",
            age=self.age.data,
            is_open=self.open_now.data,
            has_places=self.places.data,
        )
