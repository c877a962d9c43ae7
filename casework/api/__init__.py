"""The machine door: what other programs ask of Casework; today, whether it is well."""

from flask import Flask

from casework.api import health, metrics


def init_app(app: Flask) -> None:
    """Register the doors for machines."""
    app.register_blueprint(health.blueprint)
    app.register_blueprint(metrics.blueprint)
