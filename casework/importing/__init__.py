"""Imports of directories that others publish, while everybody goes on working."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from casework.importing import models, queries, services, tasks
from casework.importing.views import blueprint
from casework.web import navigation

__all__ = ["init_app", "models", "queries", "services", "tasks"]


def init_app(app: Flask) -> None:
    """Open this room’s page and put it in the rail of administrators."""
    app.register_blueprint(blueprint)
    navigation.add(
        navigation.Entry(
            "importing.imports", "file-up", _l("Imports"), "directory:import", order=84
        )
    )
