"""One person's needs and how each ended: opening, notes, outcomes, handing over, closing, look-up."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from casework import people
from casework.cases import policy, queries, services, signals, views
from casework.web import navigation

__all__ = ["init_app", "policy", "queries", "services", "signals"]


def init_app(app: Flask) -> None:
    """Open the pages, put look-up on the rail, and hear when a consent ends or a record is changed."""
    app.register_blueprint(views.blueprint)
    people.signals.consent_ended.connect(services.when_consent_ends)
    people.signals.person_changed.connect(services.when_person_changes)
    navigation.add(
        navigation.Entry(
            "cases.look_up",
            "phone-incoming",
            _l("Look up"),
            "case:look_up",
            order=30,
            also=("cases.identify", "cases.identify_caller", "cases.open_without_caller"),
        )
    )
