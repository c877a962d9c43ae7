"""Where a member of the cast may go: the addresses of the route table, and the rows they name."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from casework import accounts, database
from casework.extensions import db
from tests.browser.conftest import Site, Watched
from tests.followups.scenes import case_of
from tests.security.doors import AGENCY, DOORS, INSIDER, NOBODY
from tests.security.scene import Scene, set_scene
from tests.world import World

# Whoever comes first in this order is looked at most closely; the others see the same page again.
ORDER = (INSIDER, "sophie", "marc", AGENCY, NOBODY)
# A page made for one kind of visitor is first of all theirs, whoever else may open it.
MADE_FOR: dict[str, str] = {}
# What answers no page: a file, and words for machines.
NO_PAGES = {
    "static",
    "api.alive",
    "api.ready",
    "api.reminders",
    "metrics.metrics",
    "keys.progress",
    "importing.progress",
    "importing.refused",
    "followups.calls_seen",
    "desk.changes",
}
# Whoever is signed in is led on to their first page, which is looked at under its own address.
LEADS_ON = {"accounts.home", "accounts.sign_in"}


@dataclass(frozen=True)
class Place:
    """One page of one member: its address, and whether they are the first to open it."""

    endpoint: str
    path: str
    is_first: bool


def set_stage(site: Site) -> Scene:
    """Open amina's case, and a plain one that asks nothing of anybody; write both down."""
    with site.app.app_context():
        world = World.load()
        scene = set_scene(world)
        scene.arguments["plain_ref"] = case_of(world.amina.actor).ref
        database.commit()
        db.session.remove()
    return scene


def places_of(site: Site, scene: Scene, name: str) -> Iterator[Place]:
    """Give every page that a member may GET, by the table of all routes."""
    for rule in sorted(site.app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.endpoint in NO_PAGES or "GET" not in (rule.methods or ()):
            continue
        visitors = visitors_of(rule.endpoint)
        if name not in visitors:
            continue
        for method, path in scene.urls(site.app, rule):
            if method == "GET":
                yield Place(rule.endpoint, path, name == visitors[0])


def visitors_of(endpoint: str) -> list[str]:
    """Give the members for whom an endpoint is a page, in their order."""
    door = DOORS[endpoint]
    if door.is_link or endpoint in LEADS_ON:
        return [NOBODY] if endpoint != "accounts.home" else []
    order = sorted(ORDER, key=lambda name: name != MADE_FOR.get(endpoint))
    return [name for name in order if name in door.who]


def enter(watched: Watched, name: str, locale: str = "en_CA") -> Watched:
    """Sit a member down, signed in already, in a language; nobody only speaks it."""
    if name == NOBODY:
        return watched
    app = watched.site.app
    with app.app_context():
        member = getattr(World.load(), name)
        database.enter_service(member.service_id)
        membership = accounts.queries.membership_of(member.service_id, member.account_id)
        assert membership is not None
        membership.account.locale = locale
        token = accounts.services.begin_session(membership)
        database.commit()
        db.session.remove()
    cookie = {"name": app.config["SESSION_COOKIE_NAME"], "url": watched.site.address}
    watched.page.context.add_cookies([cookie | {"value": sealed(app, _user_id=token)}])  # type: ignore[typeddict-item]
    return watched


def sealed(app: Any, **content: str) -> str:
    """Write a session cookie as the application does."""
    return str(app.session_interface.get_signing_serializer(app).dumps(content))
