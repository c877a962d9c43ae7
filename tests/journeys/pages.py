"""What a browser makes of a page: its forms with what already stands in them, links and messages."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

Answers = dict[str, Any]


@dataclass
class Form:
    """One form: where it goes, what already stands in it, and what it offers (None: any text)."""

    action: str
    filled: dict[str, list[str]] = field(default_factory=dict)
    offered: dict[str, set[str] | None] = field(default_factory=dict)

    def answered(self, **answers: Any) -> Answers:
        """Give what a browser would send; an answer that the page does not offer fails the test."""
        data: Answers = dict(self.filled)
        for name, answer in answers.items():
            assert name in self.offered, f"{self.action} does not ask for {name}"
            values = [answer] if isinstance(answer, str) else list(answer)
            choices = self.offered[name]
            assert choices is None or set(values) <= choices, f"{name} offers {choices}"
            data[name] = values
        return data


class Page(HTMLParser):
    """A page as its reader has it before them."""

    def __init__(self, url: str, status: int, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.url, self.status, self.html = url, status, html
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.text = ""
        self._form: Form | None = None
        self._named = ""  # the select or textarea that is being read
        self._is_hidden = False  # inside a script or style
        self.feed(html)
        self.close()
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in one element."""
        given = {name: value or "" for name, value in attrs}
        is_on = {name for name, _value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "form":
            self._form = Form(given.get("action") or self.url)
            self.forms.append(self._form)
        elif tag in ("script", "style"):
            self._is_hidden = True
        elif self._form is not None:
            self._take_control(self._form, tag, given, is_on)
        if tag in ("p", "li", "div", "h1", "h2", "dt", "dd", "option", "button", "label", "td"):
            self.text += " "

    def handle_endtag(self, tag: str) -> None:
        """Leave one element."""
        if tag == "form":
            self._form = None
        elif tag in ("select", "textarea"):
            self._named = ""
        elif tag in ("script", "style"):
            self._is_hidden = False

    def handle_data(self, data: str) -> None:
        """Read text, and what was typed into a text area."""
        if not self._is_hidden:
            self.text += data
        if self._form is not None and self._named and self._form.offered[self._named] is None:
            self._form.filled[self._named] = [data.removeprefix("\n")]

    def form(self, action: str = "", *, offering: str = "", value: str = "") -> Form:
        """Find the form that goes to an address, or that offers a field with this value."""
        for form in self.forms:
            choices = form.offered.get(offering, set())
            fits = not offering or (offering in form.offered)
            if value:
                fits = choices is not None and value in choices
            if fits and action in form.action:
                return form
        raise AssertionError(f"{self.url} has no form {action} {offering} {value}: {self.text}")

    def link(self, part: str, *, ending: str = "") -> str:
        """Find the first link whose address holds this part."""
        found = next((href for href in self.links if part in href and href.endswith(ending)), None)
        assert found is not None, f"{self.url} has no link {part}…{ending}: {self.links}"
        return found

    def has_link(self, part: str, *, ending: str = "") -> bool:
        """Tell whether a link leads there."""
        return any(part in href and href.endswith(ending) for href in self.links)

    def _take_control(self, form: Form, tag: str, given: dict[str, str], is_on: set[str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        kind = given.get("type", "text")
        if tag == "option" and self._named:
            choices = form.offered[self._named]
            if choices is not None:
                choices.add(value)
            if "selected" in is_on:
                form.filled[self._named] = [value]
            return
        if not name or tag not in ("input", "button", "select", "textarea"):
            return
        if tag in ("select", "textarea"):
            self._named = name
            form.offered[name] = set() if tag == "select" else None
        elif tag == "button" or kind in ("radio", "checkbox"):
            choices = form.offered.setdefault(name, set())
            if choices is not None:
                choices.add(value)
            if "checked" in is_on:
                form.filled.setdefault(name, []).append(value)
        else:
            form.filled[name] = [value]
            form.offered.setdefault(name, {value} if kind == "hidden" else None)
