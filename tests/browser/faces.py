"""The faces of a page: a theme and a width; each language shows two of the four."""

from collections.abc import Collection, Iterator
from typing import Any

from tests.browser.watched import DESKTOP, PHONE, SMALLEST, Watched

THEMES = LIGHT, NIGHT = "light", "night"
FACES = {
    "en_CA": ((LIGHT, DESKTOP), (NIGHT, PHONE)),
    "fr_CA": ((NIGHT, DESKTOP), (LIGHT, PHONE)),
}


def look(watched: Watched, locale: str, *, closely: Collection[str] = THEMES) -> Iterator[Any]:
    """List what is wrong with the page in every face of this language, and when it is narrowest.

    It meets axe in the faces of the themes that are named.
    """
    for theme, viewport in FACES[locale]:
        yield from watched.faults_in(theme, viewport, by_axe=theme in closely)
    yield from watched.faults_in(LIGHT, SMALLEST, by_axe=False)
    watched.page.set_viewport_size(DESKTOP)
