"""The runs that bring data keys and look-up terms under new keys while everybody goes on working."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from casework.keys import queries, services, tasks
from casework.keys.views import blueprint
from casework.web import navigation

__all__ = ["init_app", "queries", "services", "tasks"]


def init_app(app: Flask) -> None:
    """Open this room's pages and put them in the rail of administrators."""
    app.register_blueprint(blueprint)
    navigation.add(
        navigation.Entry("keys.overview", "key-round", _l("Keys"), "keys:manage", order=85)
    )
