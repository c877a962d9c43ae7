"""The faces of a page: a theme and a width; each language shows two of the four."""

from collections.abc import Iterator
from typing import Any

from tests.browser.watched import DESKTOP, PHONE, SMALLEST, Watched

LIGHT, NIGHT = "light", "night"
FACES = {
    "en_CA": ((LIGHT, DESKTOP), (NIGHT, PHONE)),
    "fr_CA": ((NIGHT, DESKTOP), (LIGHT, PHONE)),
}


def look(watched: Watched, locale: str, *, closely: bool = True) -> Iterator[Any]:
    """List what is wrong with the page in every face of this language, and when it is narrowest.

    A page that is not looked at closely (somebody else's was) meets axe in one face of the four.
    """
    for theme, viewport in FACES[locale]:
        by_axe = closely or (locale, theme) == ("fr_CA", NIGHT)
        yield from watched.faults_in(theme, viewport, by_axe=by_axe)
    yield from watched.faults_in(LIGHT, SMALLEST, by_axe=False)
    watched.page.set_viewport_size(DESKTOP)
