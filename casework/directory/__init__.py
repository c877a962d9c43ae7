"""The directory: organisations, what each offers, and finding the one that suits."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from casework.directory import (
    capacity_queries,
    capacity_services,
    giving,
    hours_queries,
    hours_services,
    listing_models,
    queries,
    search_queries,
    search_services,
    services,
    views,
)
from casework.web import navigation

__all__ = [
    "capacity_queries",
    "capacity_services",
    "giving",
    "hours_queries",
    "hours_services",
    "init_app",
    "listing_models",
    "queries",
    "search_queries",
    "search_services",
    "services",
]


def init_app(app: Flask) -> None:
    """Open the directory page, put it on the rail, and word what is given for a need."""
    app.jinja_env.filters["giving"] = giving.giving
    app.jinja_env.filters["giving_for_all"] = giving.giving_for_all
    app.register_blueprint(views.blueprint)
    navigation.add(
        navigation.Entry(
            "directory.search", "book-open", _l("Directory"), "directory:read", order=40
        )
    )
