"""Intake: the New case page, one POST that writes person, consents, case and first call."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from casework.intake import services, views
from casework.web import navigation

__all__ = ["init_app", "services"]


def init_app(app: Flask) -> None:
    """Open the New case page and put it on the rail."""
    app.register_blueprint(views.pages)
    navigation.add(
        navigation.Entry("intake.new_case", "plus", _l("New case"), "case:open", order=20, key="n")
    )
