"""The desk: pages that combine rooms and change nothing: My day, the case page, what happened next."""

from flask import Flask, g
from flask_babel import lazy_gettext as _l

from casework.database import now
from casework.desk import views
from casework.followups import queries as followups
from casework.web import navigation


def _due() -> int | None:
    """Count whom this visitor can call now, for the rail."""
    actor = g.get("actor")
    if actor is None or actor.id is None:
        return None
    counted: int | None = g.get("callable_people")
    if counted is not None:
        return counted
    return followups.people_to_call(actor, now())


def init_app(app: Flask) -> None:
    """Open the desk's pages and put them on the rail."""
    app.register_blueprint(views.pages)
    for entry in (
        navigation.Entry(
            "desk.my_day",
            "sun",
            _l("My day"),
            "desk:read",
            order=10,
            key="d",
            count=_due,
            also=("desk.case_page", "desk.reveal", "desk.notices"),
        ),
        navigation.Entry(
            "desk.what_happened_next", "sprout", _l("What happened next"), "desk:read", order=50
        ),
    ):
        navigation.add(entry)
