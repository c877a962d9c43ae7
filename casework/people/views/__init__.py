"""The pages of a person, reached from a case: safe contact, details, consents."""

from flask import Blueprint, request

blueprint = Blueprint("people", __name__, url_prefix="/people/<uuid:person_id>")


def is_sent() -> bool:
    """Tell whether a form was sent to act; the language link only carries what was typed along."""
    return request.method == "POST" and "kept" not in request.form
