"""Form fields that more than one page about people and cases needs."""

from typing import Any

from wtforms import HiddenField, RadioField, SelectField, ValidationError


class Version(HiddenField):
    """The version of a row as this page saw it; what was altered by hand counts as the oldest."""

    @property
    def number(self) -> int:
        """Give the version as a number."""
        text = str(self.data or "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0

    def is_behind(self, version: int) -> bool:
        """Tell whether a row has moved on since, and take its version for the next try."""
        is_behind = self.number != version
        self.data = str(version)
        return is_behind


class Answer(RadioField):
    """One answer out of a few, none chosen in advance; its message is ours when none is."""

    data: Any

    def __init__(self, label: Any, choices: Any, *, missing: Any = None, **kwargs: Any) -> None:
        super().__init__(label, choices=list(choices), **kwargs)
        self.missing = missing

    def pre_validate(self, form: Any) -> None:
        """Refuse no answer where one is needed, and an answer that was never offered."""
        is_known = str(self.data) in {str(choice.value) for choice in self.choices}
        if self.data in (None, "", "None"):
            self.data = None
            if self.missing is not None:
                raise ValidationError(str(self.missing))
        elif not is_known:
            raise ValidationError(str(self.missing or self.gettext("Not a valid choice.")))


class Listed(SelectField):
    """One entry of a long list; what is not in the list is refused in our words."""

    def __init__(self, label: Any, *, unknown: Any, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.unknown = unknown

    def pre_validate(self, form: Any) -> None:
        """Refuse what is not in the list."""
        if self.data not in {choice.value for choice in self.choices or ()}:
            raise ValidationError(str(self.unknown))
