"""What an administrator says about the file to be imported."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FileField, RadioField, SelectField
from wtforms.validators import InputRequired

from casework.importing.models import ImportFormat
from casework.web.forms import Form, Line, coded, options

REQUIRED = _l("Choose one.")


class ImportForm(Form):
    """A file, its format, where it comes from and the language of its texts."""

    file = FileField(_l("File"))
    format = SelectField(_l("Format"), choices=[])
    source = Line(_l("Source"), [InputRequired(_l("A name is needed."))], limit=40)
    language = RadioField(
        _l("Language of the texts"), [InputRequired(REQUIRED)], choices=[], default="en"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.format.choices = coded(ImportFormat)
        self.language.choices = options([("en", _l("English")), ("fr", _l("French"))])
