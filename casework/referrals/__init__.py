"""Referrals: asking an agency for a place, its no-login links, and the table of its 12 states."""

from flask import Flask
from flask_babel import lazy_pgettext

from casework import directory, vault
from casework.referrals import listing, queries, services, tasks
from casework.referrals.services import indexing, letters, listeners
from casework.referrals.signals import referral_changed
from casework.referrals.views import blueprint
from casework.web import navigation

__all__ = ["init_app", "queries", "referral_changed", "services", "tasks"]


def init_app(app: Flask) -> None:
    """Open the pages, word the letters to agencies, and listen for consents and cases that end."""
    app.jinja_env.filters["listed_lines"] = listing.listed_lines
    app.register_blueprint(blueprint)
    navigation.add(
        navigation.Entry(
            "referrals.clocks",
            "alarm-clock",
            lazy_pgettext("rail", "Clocks of requests"),
            "service:clocks",
            order=84,
            also=("referrals.change_clock",),
        )
    )
    directory.capacity_queries.count_holds_with(queries.holds)
    vault.rebuild_index_with(indexing.rebuild_routes, vault.IndexKind.PARTNER_ROUTE)
    letters.connect()
    listeners.connect()
