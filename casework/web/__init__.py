"""What every page shares: forms, filters, headers, errors, language, navigation."""

from flask import Flask

from casework.web import (
    errors,
    filters,
    headers,
    i18n,
    navigation,
    readable,
    references,
    same_origin,
    static_files,
)


def init_app(app: Flask) -> None:
    """Register what every page relies on."""
    app.url_map.converters["ref"] = references.ReferenceConverter
    static_files.init_app(app)
    i18n.init_app(app)
    filters.init_app(app)
    navigation.init_app(app)
    headers.init_app(app)
    readable.init_app(app)
    same_origin.init_app(app)
    errors.init_app(app)
