"""The one blueprint of the room; importing its modules puts their routes on it."""

from flask import Blueprint, request

blueprint = Blueprint("keeping", __name__)


def is_sent() -> bool:
    """Tell whether a form was sent to be acted on, not only to be shown in another language."""
    return request.method == "POST" and "kept" not in request.form
