"""Supervisors: how needs ended, in numbers that identify nobody, and who did what."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from casework.oversight.views import pages
from casework.web import navigation


def init_app(app: Flask) -> None:
    """Open this room's pages and put them in the rail of supervisors."""
    app.register_blueprint(pages)
    navigation.add(
        navigation.Entry(
            "oversight.outcomes", "chart-column", _l("Outcomes"), "outcome:report", order=70
        )
    )
    navigation.add(
        navigation.Entry("oversight.audit_log", "scroll-text", _l("Audit"), "audit:read", order=80)
    )
