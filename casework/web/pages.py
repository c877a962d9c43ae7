"""Rendering a page: one place decides the status, so that a page with errors says so."""

from typing import Any

from flask import make_response, render_template
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response


def render(template: str, **context: Any) -> Response:
    """Render a template; the answer is 422 when any form in the context carries errors."""
    forms = [value for value in context.values() if isinstance(value, FlaskForm)]
    has_errors = any(form.errors for form in forms)
    response = make_response(render_template(template, has_errors=has_errors, **context))
    if has_errors:
        response.status_code = 422
    return response
