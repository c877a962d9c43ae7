"""Every visible word stands in brackets in the pseudo-language, unless it is data or a name."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from babel.dates import get_day_names

from tests.browser.conftest import DESKTOP, PHONE, Site, Watched
from tests.browser.places import enter, places_of, set_stage
from tests.browser.watched import SMALLEST
from tests.security.scene import Scene
from tests.world import ORGANIZATIONS, STAFF

pytestmark = pytest.mark.browser
# The texts of a page in the order of reading, one for each block; what nobody sees is left out.
BLOCKS = """
    () => {
        const BLOCK = "address, article, button, caption, dd, div, dt, fieldset, figcaption, form, h1, h2, "
            + "h3, h4, header, label, legend, li, main, nav, ol, option, p, section, select, summary, td, th, ul";
        const DATA = "bdi, time, kbd, code, [data-private], [lang]:not(html), .masked, .revealed";
        const texts = new Map();
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const owner = walker.currentNode.parentElement;
            if (owner.closest("script, style, noscript") || owner.closest(DATA)) continue;
            const box = owner.closest("select") ?? owner;
            if (!box.checkVisibility()) continue;
            const block = owner.closest(BLOCK) ?? document.body;
            texts.set(block, (texts.get(block) ?? "") + walker.currentNode.data);
        }
        for (const e of document.querySelectorAll("[aria-label], [placeholder], [title]"))
            for (const name of ["aria-label", "placeholder", "title"])
                if (e.hasAttribute(name)) texts.set({}, e.getAttribute(name));
        return [...texts.values()].map(text => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
    }
"""
# Names of people, services and places; of days, which Babel has in this language; languages and time zones; words that are the same everywhere.
NAMES = [
    *(name for name, *_ in ORGANIZATIONS),
    *(display_name for _, display_name, *_ in STAFF),
    "North River 211",
    "Denis C.",  # whom a coordinator has let in
    "Casework",
    "English",
    "Français",
    "French",
    *(day.capitalize() for day in get_day_names("wide", locale="eo").values()),
]
DATA = re.compile(
    "|".join(
        [
            *map(re.escape, sorted(NAMES, key=len, reverse=True)),
            r"[CR]-[2-9A-Z]{6}",  # references
            r"[\w.+-]+@[\w.-]+",  # email addresses
            r"\d{1,2}(:\d\d)?\s[ap]\.m\.",  # times
            r"\b\d+\s?(min|h)\b",
        ]
    )
)
WORD = re.compile(r"[^\W\d_]{2,}")
UNFOLD = """
    document.querySelectorAll("details, dialog").forEach(e => { e.open = true });
    document.querySelectorAll("main [hidden]").forEach(e => { e.hidden = false });
"""
# The long lists of languages and of time zones come from a library, in a language it speaks.
FROM_A_LIBRARY = "select[name$=time_zone], select[name$=language]"


def bare_words(texts: list[str]) -> Iterator[str]:
    """Give the texts in which a word stands outside all brackets and is not data."""
    for text in texts:
        left = DATA.sub(" ", text)
        before = None
        while before != left:
            before, left = left, re.sub(r"\[[^\[\]]*\]", " ", left)
        if WORD.search(left):
            yield text


@pytest.fixture(scope="module")
def scene(shared_site: Site) -> Scene:
    return set_stage(shared_site)


def texts_of(watched: Watched) -> list[str]:
    """Open everything that is folded, and give the title and all texts of the page."""
    page = watched.page
    page.evaluate(
        f"document.querySelectorAll('{FROM_A_LIBRARY}').forEach(e => e.replaceChildren())"
    )
    page.evaluate(UNFOLD)
    return [page.title(), *page.evaluate(BLOCKS)]


@pytest.mark.parametrize("name", ["amina", "sophie", "marc", "agency"])
def test_every_visible_word_of_ours_is_translated(
    watch_shared: Any, shared_site: Site, scene: Scene, name: str
) -> None:
    watched = enter(watch_shared(), name, "eo")
    wrong = {}
    for place in places_of(shared_site, scene, name):
        if not place.is_first:
            continue
        watched.go(place.path)
        found: list[Any] = []
        for viewport in (PHONE, SMALLEST, DESKTOP):
            watched.page.set_viewport_size(viewport)
            found += [(viewport["width"], fault) for fault in watched.faults(by_axe=False)]
        found += bare_words(texts_of(watched))
        if found:
            wrong[place.endpoint] = found
    watched.page.context.close()
    assert wrong == {}


def test_a_bare_word_is_found_between_brackets_and_data() -> None:
    texts = ["[Ñéŵ~]", "[Çâŝé C-7K4M2Q~~]", "Amina R. [ĥêrê]", "Save", "[Ôñé] and [ţŵö]"]
    assert list(bare_words(texts)) == ["Save", "[Ôñé] and [ţŵö]"]
