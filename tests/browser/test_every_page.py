"""Every page anybody may open, from the table of all routes: two languages, two themes, two widths.

Each language is shown in two of the four faces, so that together they show every face of a page;
sideways scroll is measured in all of them and on the smallest screen. Axe looks at one of the two,
by turns, so that every page meets it in both languages and every face at every second page; `make
soak` has it look at both. What somebody before has opened already is looked at once more, in French.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from flask_babel import force_locale

from casework.directory.needs import NeedCode
from tests.browser.conftest import Site, Watched
from tests.browser.faces import FACES, NIGHT, THEMES, look
from tests.browser.places import NO_PAGES, ORDER, Place, enter, places_of, set_stage
from tests.security.doors import DOORS
from tests.security.scene import Scene
from tests.world import ORGANIZATIONS

pytestmark = pytest.mark.browser
# What stands in the scene about the person, and what R15 keeps out of every title.
PRIVATE = ["Zyxwvut", "Qponmlk", "5550142", "555-0142", "blue heron"]


@pytest.fixture(scope="module")
def scene(shared_site: Site) -> Scene:
    return set_stage(shared_site)


@pytest.fixture(scope="module")
def unspeakable(shared_site: Site) -> list[str]:
    """Give every word that no title may hold: names, agencies, needs in both languages."""
    words = PRIVATE + [name for name, *_ in ORGANIZATIONS]
    with shared_site.app.test_request_context():
        for locale in FACES:
            with force_locale(locale):
                words += [str(code.label) for code in NeedCode]
    return [word.lower() for word in words]


def themes_for_axe(place: Place, turn: int, locale: str, *, whole: bool) -> tuple[str, ...]:
    """Give the faces in which axe looks at a page."""
    if not place.is_first:
        return (NIGHT,) if locale == "fr_CA" else ()
    # In turn light and night; the widths change with the language.
    return THEMES if whole else (THEMES[turn % 2],)


def visit(
    watched: Watched, place: Place, locale: str, unspeakable: list[str], themes: tuple[str, ...]
) -> Iterator[Any]:
    """Open one page and list what is wrong with it."""
    watched.go(place.path, status=404 if DOORS[place.endpoint].is_link else 200)
    title = watched.page.title()
    if not title or "·" not in title:
        yield f"a title that says nothing: {title!r}"
    yield from (f"{word} in the title" for word in unspeakable if word in title.lower())
    language = watched.page.locator("html").get_attribute("lang")
    if language != locale.replace("_", "-") and not DOORS[place.endpoint].is_link:
        yield f"speaks {language}"
    yield from look(watched, locale, closely=themes)


@pytest.mark.parametrize("name", ORDER)
@pytest.mark.parametrize("locale", FACES)
@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_every_page_anybody_may_open(
    watch_shared: Any,
    shared_site: Site,
    scene: Scene,
    unspeakable: list[str],
    name: str,
    locale: str,
    *,
    whole: bool,
) -> None:
    watched = enter(watch_shared(locale=locale.replace("_", "-")), name, locale)
    places = [p for p in places_of(shared_site, scene, name) if p.is_first or locale == "fr_CA"]
    wrong = {}
    for turn, place in enumerate(places):
        themes = themes_for_axe(place, turn, locale, whole=whole)
        found = list(visit(watched, place, locale, unspeakable, themes))
        if found:
            wrong[place.path] = found
    watched.page.context.close()
    assert wrong == {}
    assert places


def test_every_page_of_the_table_is_opened_by_somebody(shared_site: Site, scene: Scene) -> None:
    opened = {p.endpoint for name in ORDER for p in places_of(shared_site, scene, name)}
    pages = {
        rule.endpoint
        for rule in shared_site.app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
    }
    assert pages - opened == {*NO_PAGES, "accounts.home"}
