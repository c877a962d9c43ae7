"""Accounts: services, the people who work in them, and how they sign in and out."""

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from casework import background
from casework.accounts import (
    hours_views,
    lock_views,
    member_services,
    queries,
    recognition,
    services,
    settings_views,
    shift_queries,
    shift_services,
    shift_views,
    staff_views,
    views,
)
from casework.accounts.lock_views import stay_locked
from casework.accounts.recognition import recognise_visitor
from casework.accounts.services import on_service_created
from casework.security import passwords
from casework.web import navigation

__all__ = [
    "init_app",
    "member_services",
    "on_service_created",
    "queries",
    "recognise_visitor",
    "services",
    "shift_queries",
    "shift_services",
    "stay_locked",
]

# Importing them puts all their routes on the one blueprint.
PAGES = (views, lock_views, hours_views, settings_views, shift_views, staff_views)


def init_app(app: Flask) -> None:
    """Open the pages of accounts, put them on the rail, and say which services sweeps go through."""
    recognition.init_app()
    passwords.warm_up()
    app.register_blueprint(views.blueprint)
    app.register_error_handler(401, views.sign_in_again)
    background.list_services_with(queries.every_service_id)
    for entry in (
        navigation.Entry(
            "accounts.staff",
            "users",
            _l("Staff"),
            "staff:manage",
            order=80,
            also=("accounts.add_member", "accounts.change_role", "accounts.start_reset"),
        ),
        navigation.Entry(
            "accounts.opening_hours",
            "clock",
            _l("Opening hours"),
            "service:hours",
            order=85,
        ),
        navigation.Entry(
            "accounts.shifts",
            "calendar-days",
            lazy_pgettext("rail", "Shifts"),
            "desk:read",
            order=66,
            also=("accounts.team_shifts", "accounts.member_shifts"),
        ),
        navigation.Entry(
            "accounts.settings",
            "settings",
            _l("Settings"),
            None,
            order=90,
            also=("accounts.change_passphrase", "agenda.messages", "agenda.make_link"),
        ),
    ):
        navigation.add(entry)
