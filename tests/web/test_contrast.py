"""Every pair of colours is computed from the style sheet itself, in light and at night."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "casework" / "static" / "css"
TOKEN = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\);")
TOKENS = {name: both for name, *both in TOKEN.findall((CSS / "tokens.css").read_text())}
THEMES = pytest.mark.parametrize("theme", [0, 1], ids=["light", "night"])
TONES = ("late", "due", "safe", "waiting", "unmet", "idle")


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str, theme: int) -> float:
    """Return the contrast ratio of two tokens in one theme."""
    low, high = sorted(luminance(TOKENS[name][theme]) for name in (one, other))
    return (high + 0.05) / (low + 0.05)


@THEMES
@pytest.mark.parametrize("ground", ["bg", "surface", "accent-tint", *(f"{t}-tint" for t in TONES)])
def test_body_text_reaches_seven_on_every_ground(ground: str, theme: int) -> None:
    assert contrast("ink", ground, theme) >= 7


@THEMES
@pytest.mark.parametrize("ground", ["bg", "surface", "accent-tint", "idle-tint"])
def test_secondary_text_reaches_four_and_a_half(ground: str, theme: int) -> None:
    assert contrast("ink-2", ground, theme) >= 4.5


@THEMES
@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("ground", ["tint", "bg", "surface"])
def test_a_tone_can_be_read_on_its_tint_and_on_paper(tone: str, ground: str, theme: int) -> None:
    assert contrast(tone, f"{tone}-tint" if ground == "tint" else ground, theme) >= 4.5


@THEMES
@pytest.mark.parametrize("tone", TONES)
def test_links_and_quiet_buttons_can_be_read_on_a_tint(tone: str, theme: int) -> None:
    assert contrast("accent", f"{tone}-tint", theme) >= 4.5


@THEMES
@pytest.mark.parametrize("ground", ["bg", "surface", "accent-tint"])
def test_the_accent_can_be_read(ground: str, theme: int) -> None:
    assert contrast("accent", ground, theme) >= 4.5


@THEMES
@pytest.mark.parametrize("button", ["accent", "accent-deep"])
def test_words_on_the_main_button_reach_seven(button: str, theme: int) -> None:
    assert contrast("on-accent", button, theme) >= 7


@THEMES
@pytest.mark.parametrize("edge", ["control", "focus", "accent"])
@pytest.mark.parametrize("ground", ["bg", "surface", "accent-tint"])
def test_edges_of_controls_and_the_focus_ring_reach_three(
    edge: str, ground: str, theme: int
) -> None:
    assert contrast(edge, ground, theme) >= 3


@THEMES
@pytest.mark.parametrize("tone", TONES)
def test_the_focus_ring_is_seen_on_a_tint(tone: str, theme: int) -> None:
    assert contrast("focus", f"{tone}-tint", theme) >= 3


def test_no_colour_is_written_outside_the_tokens() -> None:
    allowed = {"modes.css": {"#fff"}}
    for sheet in CSS.glob("*.css"):
        if sheet.name != "tokens.css":
            found = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text()))
            assert found <= allowed.get(sheet.name, set()), sheet.name


def test_night_is_a_choice_and_not_only_the_system() -> None:
    text = (CSS / "tokens.css").read_text()
    assert ":root { color-scheme: light dark; }" in text
    assert ':root[data-theme="light"] { color-scheme: light; }' in text
    assert ':root[data-theme="night"] { color-scheme: dark; }' in text


def test_paper_is_always_light_and_hides_what_is_private() -> None:
    paper = (CSS / "modes.css").read_text().split("@media print", 1)[1]
    assert "color-scheme: light" in paper
    assert "[data-private]" in paper


@pytest.mark.parametrize("sheet", sorted(CSS.glob("*.css")), ids=lambda s: s.name)
def test_only_logical_directions_are_used(sheet: Path) -> None:
    side = "(?:left|right|top|bottom)"
    physical = rf"(?<![\w-])(?:(?:margin|padding|border)-{side}|{side}|width|height)\s*:"
    declarations = re.sub(r"@media[^{]+", "", re.sub(r"@container[^{]+", "", sheet.read_text()))
    assert not re.findall(physical, declarations)
