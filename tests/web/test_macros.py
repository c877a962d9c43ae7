"""The pieces pages are written from: labels, errors, silent drawings, light sheets."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import StrictUndefined
from lucide.jinja import lucide
from wtforms import (
    BooleanField,
    EmailField,
    FieldList,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from casework.web.icons import icon

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "casework" / "static"
TEMPLATES = ROOT / "templates"
OURS = sorted([*(TEMPLATES / "macros").glob("*.html"), *(TEMPLATES / "layout").glob("*.html")])


class ManyField(SelectMultipleField):
    """Checkboxes, as pages use them."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SampleForm(FlaskForm):
    """One control of each kind."""

    name = StringField("Name to use", validators=[InputRequired("Give a name")])
    mail = EmailField("Email")
    note = TextAreaField("Note")
    due = SelectField("Due", choices=[SelectChoice("1", "Tomorrow"), SelectChoice("2", "Later")])
    keep = RadioField(
        "Keep?",
        choices=[SelectChoice("yes", "Yes"), SelectChoice("no", "No")],
        validators=[InputRequired("Choose yes or no")],
    )
    needs = ManyField("Needs", choices=[SelectChoice("food", "Food"), SelectChoice("rent", "Rent")])
    agree = BooleanField("Agreed")
    lines = FieldList(StringField("Line", [InputRequired("Fill the line")]), min_entries=1)


@pytest.fixture
def page() -> Iterator[Any]:
    app = Flask(__name__, template_folder=str(TEMPLATES))
    app.secret_key = "only for this test"
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)
    app.jinja_env.globals.update(icon=icon, asset=lambda path: f"/static/{path}")
    CSRFProtect(app)
    with app.test_request_context("/", method="POST", data={"name": ""}):
        yield app


def draw(macros: str, names: str, body: str, **context: Any) -> str:
    """Render a few lines that import the named macros."""
    source = f"{{% from 'macros/{macros}.html' import {names} %}}{body}"
    return " ".join(render_template_string(source, **context).split())


def refused_form() -> SampleForm:
    form = SampleForm(meta={"csrf": False})
    assert not form.validate()
    return form


def test_a_field_goes_label_hint_error_control(page: Flask) -> None:
    body = "{{ field(form.name, hint='A nickname will do') }}"
    html = draw("forms", "field", body, form=refused_form())
    places = [html.index(part) for part in ("<label", "name-hint", "name-error", "<input")]
    assert places == sorted(places)
    assert '<label for="name">' in html
    assert 'aria-describedby="name-hint name-error"' in html
    assert 'aria-invalid="true"' in html
    assert "placeholder" not in html


def test_a_field_without_a_fault_says_nothing_of_one(page: Flask) -> None:
    html = draw("forms", "field", "{{ field(form.mail) }}", form=SampleForm(meta={"csrf": False}))
    assert "aria-invalid" not in html
    assert "aria-describedby" not in html


def test_nothing_typed_is_kept_by_the_browser_unless_asked(page: Flask) -> None:
    form = SampleForm(meta={"csrf": False})
    assert 'autocomplete="off"' in draw("forms", "field", "{{ field(form.note) }}", form=form)
    asked = draw("forms", "field", "{{ field(form.mail, autocomplete='username') }}", form=form)
    assert 'autocomplete="username"' in asked
    assert 'autocomplete="off"' not in asked


@pytest.mark.parametrize(("name", "kind"), [("keep", "radio"), ("needs", "checkbox")])
def test_picks_are_real_inputs_in_a_named_group(page: Flask, name: str, kind: str) -> None:
    form = SampleForm(meta={"csrf": False})
    html = draw("forms", "picks", "{{ picks(form[name]) }}", form=form, name=name)
    assert "<fieldset" in html and f"<legend>{form[name].label.text}" in html
    assert html.count(f'<input type="{kind}" name="{name}"') == 2
    assert f'id="{name}"' in html
    assert " checked" not in html


def test_picks_carry_their_error_and_open_folds(page: Flask) -> None:
    html = draw(
        "forms",
        "picks",
        "{{ picks(form.keep, say='May I?', opens={'yes': 'more'}, data_gate='no') }}",
        form=refused_form(),
    )
    assert 'aria-describedby="keep-error"' in html
    assert 'aria-invalid="true"' in html
    assert 'data-opens="more"' in html
    assert 'data-gate="no"' in html


def test_the_summary_links_to_every_fault(page: Flask) -> None:
    html = draw("forms", "error_summary", "{{ error_summary(form) }}", form=refused_form())
    for target in ("name", "keep", "lines-0"):
        assert f'href="#{target}"' in html
    assert 'role="alert"' in html and "autofocus" in html


def test_the_summary_is_absent_when_all_is_well(page: Flask) -> None:
    assert draw("forms", "error_summary", "{{ error_summary(form) }}", form=SampleForm()) == ""


@pytest.mark.parametrize("tone", ["late", "due", "safe", "waiting", "unmet", "idle"])
def test_a_chip_is_icon_and_word_and_tone(page: Flask, tone: str) -> None:
    html = draw("status", "chip", "{{ chip(tone, 'clock', 'A word') }}", tone=tone)
    assert f'class="chip {tone}"' in html
    assert "<svg" in html and "A word" in html


def test_a_row_without_a_name_shows_the_reference_only(page: Flask) -> None:
    body = "{% call row(chip('due', 'clock', 'Due'), t, 'C-7K4M2Q', '/c') %}x{% endcall %}"
    assert "data-private" in draw("status", "chip, row", body, t="Maya T.")
    hidden = draw("status", "chip, row", body, t=None)
    assert "C-7K4M2Q" in hidden and "data-private" not in hidden


def test_the_next_step_stands_apart_in_a_timeline(page: Flask) -> None:
    entries = "{{ entry('Call back', 'Today', 'next') }}{{ entry('Opened') }}"
    body = f"{{% call timeline() %}}{entries}{{% endcall %}}"
    html = draw("status", "timeline, entry", body)
    assert '<li class="next">' in html and '<li class="done">' in html


def test_a_button_that_changes_something_is_a_form_with_a_token(page: Flask) -> None:
    body = "{{ post_button('/hold', 'Hold', 'check', fields={'a': 'b'}) }}"
    html = draw("actions", "post_button", body)
    assert 'method="post" action="/hold"' in html
    assert 'name="csrf_token"' in html and 'name="a" value="b"' in html


def test_a_masked_value_is_spoken_in_words(page: Flask) -> None:
    html = draw("page", "masked", "{{ masked('•••-42', 'hidden, ends in 42') }}")
    assert 'aria-hidden="true">•••-42' in html and "hidden, ends in 42" in html
    assert "data-private" in html


def test_a_picture_of_numbers_is_silent_and_has_its_table(page: Flask) -> None:
    rows = [{"label": "Full", "value": 82}, {"label": "Rare", "value": None, "text": "< 5"}]
    body = "{{ chart_bar('Most were full', rows, ['Reason', 'Count']) }}"
    html = draw("charts", "chart_bar", body, rows=rows)
    assert 'aria-hidden="true"' in html and "<table" in html
    assert 'rect width="100.0%"' in html and html.count("<rect") == 1
    assert html.count("&lt; 5") == 2


def test_the_flow_lists_suppressed_cells_without_drawing_them(page: Flask) -> None:
    left = [{"key": "s", "label": "Shelter", "value": 12}]
    right = [{"key": "m", "label": "Met", "value": 12, "tone": "safe"}]
    link = {"source": "s", "target": "m"}
    both = [{**link, "value": 12}, {**link, "value": None, "text": "< 5"}]
    body = "{{ chart_flow('Title', left, right, both, ['Need', 'Outcome', 'Count']) }}"
    html = draw("charts", "chart_flow", body, left=left, right=right, both=both)
    assert html.count('class="link safe"') == 1 and "&lt; 5" in html


@pytest.mark.parametrize("name", ["phone", "circle-alert", "message-circle-question-mark"])
def test_an_icon_is_what_its_set_draws(name: str) -> None:
    silent = {"class": "icon", "aria-hidden": "true", "focusable": "false"}
    drawn = " ".join(lucide(name, size=24, **silent).split()).replace("> <", "><")
    assert icon(name, 24) == drawn


def test_an_icon_is_silent_and_an_unknown_name_raises() -> None:
    drawing = icon("phone", 24)
    assert 'aria-hidden="true"' in drawing and 'width="24"' in drawing and "style=" not in drawing
    with pytest.raises(KeyError):
        icon("no-such-drawing")


@pytest.mark.parametrize("path", OURS, ids=lambda p: p.name)
def test_a_template_has_no_inline_style_script_or_placeholder(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=|placeholder|<style|\|safe\b", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
    assert text.startswith("{#") and len(text.splitlines()) <= 150


@pytest.mark.parametrize(("folder", "limit"), [("css", 8192), ("js", 10240)])
def test_the_sheets_and_scripts_stay_light(folder: str, limit: int) -> None:
    assert sum(len(gzip.compress(f.read_bytes(), 9)) for f in (STATIC / folder).iterdir()) <= limit


def test_scripts_never_write_markup() -> None:
    for script in (STATIC / "js").glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|eval\(", script.read_text())
