"""How long we keep what, and how it ends: retention, legal holds, erasure."""

from flask import Flask
from flask_babel import lazy_pgettext

from casework.keeping import policy, queries, services, tasks, views
from casework.web import navigation

__all__ = ["init_app", "policy", "queries", "services", "tasks"]


def init_app(app: Flask) -> None:
    """Open this room's pages and put them on the rails of supervisors and administrators."""
    app.register_blueprint(views.blueprint)
    navigation.add(
        navigation.Entry(
            "keeping.holds",
            "scale",
            lazy_pgettext("rail", "Legal holds"),
            "hold:change",
            order=75,
            also=("keeping.hold",),
        )
    )
    navigation.add(
        navigation.Entry(
            "keeping.retention",
            "hourglass",
            lazy_pgettext("rail", "Retention"),
            "retention:change",
            order=85,
        )
    )
