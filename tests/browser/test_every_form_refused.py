"""Every form when it is refused: the title says so, the summary has the focus, and axe finds nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import TimeoutError

from tests.browser.conftest import PATIENCE, Site, Watched
from tests.browser.faces import DESKTOP, LIGHT, NIGHT, PHONE
from tests.browser.places import enter, set_stage
from tests.security.doors import DOORS, INSIDER, NOBODY
from tests.security.scene import Scene
from tests.world import PASSWORD

pytestmark = pytest.mark.browser
# Who opens the form, which one, and what is typed that cannot be right; nothing else is filled in.
WRONG: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        NOBODY,
        "accounts.sign_in",
        {"email": "nobody@north.example", "password": "not the right one"},
    ),
    (INSIDER, "accounts.change_passphrase", {"current": PASSWORD, "password": "short"}),
    (INSIDER, "intake.new_case", {"phone": "12"}),
    (INSIDER, "people.consents", {}),
    (INSIDER, "people.details", {"phone": "12"}),
    (INSIDER, "people.plan", {"windows-0-start": "14:00", "windows-0-end": "09:00"}),
    (INSIDER, "cases.emergency", {"ref": "C-AAAAAA"}),
    (INSIDER, "cases.look_up", {}),
    (INSIDER, "cases.identify", {}),
    (INSIDER, "cases.assign", {}),
    (INSIDER, "cases.record_outcome", {}),
    (INSIDER, "cases.add_need", {}),
    (INSIDER, "cases.add_note", {}),
    (INSIDER, "referrals.new", {}),
    (INSIDER, "referrals.record_answer", {}),
    (INSIDER, "followups.plan_call", {}),
    (INSIDER, "cases.close", {}),
    (INSIDER, "followups.move_call", {"local_day": "2020-01-02"}),
    (INSIDER, "accounts.shifts", {"starts_0": "09:00"}),
    ("sophie", "cases.open_without_caller", {}),
    ("sophie", "followups.change_policy", {"max_attempts": "9"}),
    ("marc", "accounts.add_member", {"email": "nobody"}),
    ("agency", "agencies.add_colleague", {"email": "nobody"}),
)
# One face in each language.
FACE = {"en_CA": (LIGHT, DESKTOP), "fr_CA": (NIGHT, PHONE)}
TITLE = {"en_CA": "Error: ", "fr_CA": "Erreur\u00a0: "}
TYPED = ("password", "current")


@pytest.fixture(scope="module")
def scene(shared_site: Site) -> Scene:
    return set_stage(shared_site)


def address(site: Site, scene: Scene, endpoint: str) -> str:
    """Give the address of a form; nothing stands in the way of closing the plain case."""
    rule = next(iter(site.app.url_map.iter_rules(endpoint)))
    values = scene.arguments | DOORS[endpoint].arguments
    if endpoint == "cases.close":
        values |= {"ref": scene.arguments["plain_ref"]}
    with site.app.test_request_context():
        return site.app.url_for(endpoint, **{name: values[name] for name in rule.arguments})


def refused(watched: Watched, typed: dict[str, str], locale: str) -> Iterator[Any]:
    """Send a form that cannot be accepted, and list what is wrong with the page that says so."""
    page = watched.page
    for name, value in typed.items():
        page.locator(f"[name='{name}']").fill(value)
    button = page.locator("main [data-save], main button.primary[type=submit]").first
    with page.expect_navigation() as led:
        button.click()
    if led.value.status != 422:
        yield f"answered {led.value.status}"
        return
    if not page.title().startswith(TITLE[locale]):
        yield f"title {page.title()!r}"
    # The script that moves the focus is a module: it runs after the page has been read. It is looked
    # for by a selector: the page's own policy forbids a text that is run again and again.
    try:
        page.locator(".errors:focus").wait_for(timeout=PATIENCE)
    except TimeoutError:
        yield "the summary of errors has not the focus"
    for name, value in typed.items():
        kept = page.locator(f"[name='{name}']").input_value()
        if kept != value and name not in TYPED:
            yield f"{name} was {value!r}, now {kept!r}"
    yield from watched.faults_in(*FACE[locale])


@pytest.mark.parametrize("name", sorted({row[0] for row in WRONG}))
@pytest.mark.parametrize("locale", ["fr_CA", pytest.param("en_CA", marks=pytest.mark.soak)])
def test_a_refused_form_says_so_and_keeps_what_was_typed(
    watch_shared: Any, shared_site: Site, scene: Scene, name: str, locale: str
) -> None:
    watched = enter(watch_shared(locale=locale.replace("_", "-")), name, locale)
    wrong = {}
    for who, endpoint, typed in WRONG:
        if who != name:
            continue
        watched.page.set_viewport_size(DESKTOP)
        watched.go(address(shared_site, scene, endpoint))
        found = list(refused(watched, typed, locale))
        if found:
            wrong[endpoint] = found
    watched.page.context.close()
    assert wrong == {}
