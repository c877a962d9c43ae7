"""Agencies' own access: their inbox, the places they have, and who of them signs in."""

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from casework.agencies import day_views, hours_views, services, staff_views, views
from casework.web import navigation

__all__ = ["init_app", "services"]

# Importing them puts all their routes on the one blueprint.
PAGES = (views, staff_views, day_views, hours_views)


def init_app(app: Flask) -> None:
    """Open the pages of agencies and put them on the rail."""
    app.register_blueprint(views.blueprint)
    for entry in (
        navigation.Entry(
            "agencies.inbox",
            "inbox",
            lazy_pgettext("rail", "Requests"),
            "inbox:read",
            order=10,
            also=(
                "agencies.request_page",
                "agencies.answer",
                "agencies.details",
                "agencies.places",
                "agencies.day",
            ),
        ),
        navigation.Entry(
            "agencies.hours",
            "clock",
            lazy_pgettext("rail", "Hours"),
            "inbox:answer",
            order=15,
            also=("agencies.change_hours",),
        ),
        navigation.Entry(
            "agencies.colleagues",
            "users",
            lazy_pgettext("rail", "Colleagues"),
            "inbox:staff",
            order=20,
            also=("agencies.add_colleague", "agencies.reset_colleague"),
        ),
        navigation.Entry(
            "agencies.agencies",
            "building-2",
            _l("Agencies"),
            "staff:manage",
            order=82,
            also=(
                "agencies.members",
                "agencies.add_member",
                "agencies.hours_of_agency",
                "agencies.change_hours_of_agency",
            ),
        ),
    ):
        navigation.add(entry)
