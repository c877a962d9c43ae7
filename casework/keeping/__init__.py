"""How long we keep what, and how it ends: retention, legal holds, erasure, key rotation."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from casework.keeping import queries, services, tasks
from casework.keeping.views import blueprint
from casework.web import navigation

__all__ = ["init_app", "queries", "services", "tasks"]


def init_app(app: Flask) -> None:
    """Open this room's pages and put them in the rail of administrators."""
    app.register_blueprint(blueprint)
    navigation.add(
        navigation.Entry("keeping.keys", "key-round", _l("Keys"), "keys:manage", order=85)
    )
