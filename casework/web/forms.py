"""The base of all forms: our length limit, and services run so that a refusal keeps what was typed."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, FieldList, FormField, IntegerField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length
from wtforms.widgets import HiddenInput

from casework import database
from casework.database import Code

LINE = 200  # characters in a one-line field that sets no limit of its own
TEXT = 8_000  # characters in a note
TOO_LONG = _l("This is too long: %(max)d characters at most.")


WHOLE = _l("Write a whole number.")
STALE_PAGE = _l("This page was open for too long. What you typed is still here: save it again.")


class Form(FlaskForm):
    """A form with CSRF, and a word of its own for errors that belong to no single field."""

    class Meta(FlaskForm.Meta):
        """Where a form reads from: its own fields; no file and no JSON stands in for a text."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Give the fields that were sent, unless the form was handed others."""
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            return request.form if form.is_submitted() and request.form else None

    @property
    def kept(self) -> bool:
        """Whether what was typed only came along while the language of the page changed."""
        return request.method == "POST" and "kept" in request.form

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate; a stale CSRF token is told in words that say nothing was lost.

        A form that was only kept is never valid and has no errors: its page shows what was typed
        in the other language, and nothing is done.
        """
        if self.kept:
            return False
        is_valid = super().validate(extra_validators)
        if "csrf_token" in self and self["csrf_token"].errors:
            self["csrf_token"].errors = [STALE_PAGE]
        for field in self:
            _say_errors(field)
        return bool(is_valid)


def _say_errors(field: Field) -> None:
    """Turn lazy messages into the reader's words, also those of rows inside a field."""
    for inner in (*getattr(field, "entries", ()), *getattr(field, "form", ())):
        _say_errors(inner)
    if isinstance(field.errors, list | tuple) and not isinstance(field, FieldList | FormField):
        field.errors = [str(error) for error in field.errors]


class Line(StringField):
    """A one-line text, trimmed, of limited length."""

    def __init__(
        self, label: Any = None, validators: Any = (), *, limit: int = LINE, **kwargs: Any
    ) -> None:
        checks = [*validators, Length(max=limit, message=TOO_LONG)]
        kwargs.setdefault("filters", [lambda text: text.strip() if text else text])
        super().__init__(label, checks, **kwargs)
        self.limit = limit


class Text(TextAreaField):
    """A text of several lines, of limited length; what is too long is refused, never cut."""

    def __init__(
        self, label: Any = None, validators: Any = (), *, limit: int = TEXT, **kwargs: Any
    ) -> None:
        super().__init__(label, [*validators, Length(max=limit, message=TOO_LONG)], **kwargs)
        self.limit = limit


class Whole(IntegerField):
    """A whole number, or nothing; anything else is refused in one sentence and kept as typed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = int(text) if text.isdecimal() and text.isascii() and len(text) < 6 else None
        if text and self.data is None:
            raise ValueError(str(WHOLE))


class Version(IntegerField):
    """The version of the row a page was opened with; nonsense reads as one that has moved on.

    missing is what no version at all means: None asks nothing, -1 is a row that has moved on.
    """

    widget = HiddenInput()

    def __init__(self, *, missing: int | None = None, **more: Any) -> None:
        super().__init__(**more)
        self.missing = missing

    def process_formdata(self, valuelist: Any) -> None:
        """Read the number; what is no number is no version that ever was."""
        text = valuelist[0] if valuelist else ""
        is_number = text.isdecimal() and len(text) < 10
        self.data = int(text) if is_number else -1 if text else self.missing

    def _value(self) -> str:
        """Write the version a view last set, not the one that was sent: the next try starts there."""
        return "" if self.data is None else str(self.data)


def coded(codes: Iterable[Code]) -> list[SelectChoice]:
    """Give codes as the choices of a field, labels in the reader's language."""
    return [SelectChoice(code.value, code.label) for code in codes]


def options(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Give (value, label) pairs as the choices of a field."""
    return [SelectChoice(value, label) for value, label in pairs]


def add_error(form: FlaskForm, message: Any, field: str | None = None) -> None:
    """Put an error on a field, or on the form as a whole when it belongs to no field."""
    target: Field | None = form[field] if field and field in form else None
    if target is None:
        form.form_errors.append(str(message))
    else:
        target.errors = [*target.errors, str(message)]


def perform(form: FlaskForm, service: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a service in a savepoint; a Refused becomes an error of the form and gives None.

    NotFound passes through: it is a 404, not something to correct.
    """
    try:
        with database.attempt():
            result = service(*args, **kwargs)
    except database.NotFound:
        raise
    except database.Refused as refusal:
        add_error(form, refusal.message, refusal.field)
        return None
    return True if result is None else result
