"""Error pages in both languages, which say what to do and nothing about whom."""

import structlog
from flask import Flask, current_app, make_response, render_template, request
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_wtf.csrf import CSRFError
from psycopg.errors import ForeignKeyViolation
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from casework import database

log = structlog.get_logger()

WORDS = {
    400: (_l("This request cannot be read"), _l("Go back, reload the page and try again.")),
    401: (_l("Please sign in again"), _l("Your session ended. Nothing was saved.")),
    403: (_l("This is not allowed"), _l("Ask your supervisor if you need it for your work.")),
    404: (_l("This page does not exist"), _l("Check the reference, or go back to My day.")),
    405: (_l("This page does not exist"), _l("Check the reference, or go back to My day.")),
    410: (_l("This link no longer works"), _l("Call the service.")),
    413: (_l("This is too much at once"), _l("Go back and shorten the text.")),
    429: (_l("Too many tries"), _l("Wait a few minutes, then try again.")),
    500: (_l("Something went wrong"), _l("Nothing was saved. Go back and try again.")),
    503: (
        _l("Casework is not available"),
        _l("Try again in a moment. Call as you would on paper."),
    ),
}


# When even the error page cannot be drawn (the database is gone, say), these words need nothing.
BARE = (
    "<!doctype html><html lang='en-CA'><title>Casework</title>"
    "<p>Something went wrong. Nothing was saved. Go back and try again.</p>"
    "<p lang='fr-CA'>Un problème est survenu. Rien n’a été enregistré. Revenez en arrière et "
    "réessayez.</p></html>"
)


def answer_with(app: Flask, kind: type[Exception], title: LazyString, advice: LazyString) -> None:
    """Let a room say in its own words what happened and what to do, whenever this error reaches a page."""

    def answer(error: Exception) -> Response:
        database.rollback()
        return _page(500, (title, advice))

    app.register_error_handler(kind, answer)


def _page(status: int, words: tuple[LazyString, LazyString] | None = None) -> Response:
    title, advice = words or WORDS.get(status, WORDS[500 if status >= 500 else 400])
    try:
        page = render_template("layout/error.html", status=status, title=title, advice=advice)
    except Exception as error:
        log.error("error_page.crashed", error=type(error).__name__, place=_place(error))
        page = BARE
    return make_response(page, status)


def _http_error(error: HTTPException) -> Response:
    database.rollback()
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    return _page(error.code or 500)


def _not_found(error: database.NotFound) -> Response:
    database.rollback()
    return _page(404)


def _gone(error: StaleDataError | ObjectDeletedError) -> Response:
    """Answer whoever wrote in a record that was erased meanwhile as if it had never been (R17)."""
    database.rollback()
    return _page(404)


def _not_kept(error: IntegrityError) -> Response:
    """A row that points to an erased one is not kept; anything else is a fault of ours."""
    if isinstance(error.orig, ForeignKeyViolation):
        database.rollback()
        return _page(404)
    if current_app.testing:
        raise error
    return _crashed(error)


def _refused(error: database.Refused) -> Response:
    """A refusal no form caught: say it in words on a page of its own."""
    database.rollback()
    page = render_template(
        "layout/error.html", status=409, title=_l("This cannot be done"), advice=error.message
    )
    return make_response(page, 409)


def _crashed(error: Exception) -> Response:
    """Log the class and place of a crash, never its message: that could hold a value."""
    database.rollback()
    log.error(
        "request.crashed",
        error=type(error).__name__,
        place=_place(error),
        endpoint=request.endpoint,
    )
    return _page(500)


def _place(error: Exception) -> str:
    """Give the last line of our own code, or of a template, that an error passed through."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if "/casework/" in file or file.endswith(".html"):
            place = f"{'/'.join(file.split('/')[-2:])}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def init_app(app: Flask) -> None:
    """Register the handlers; tests see crashes as they are."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _http_error)
    app.register_error_handler(database.NotFound, _not_found)
    app.register_error_handler(database.Refused, _refused)
    app.register_error_handler(StaleDataError, _gone)
    app.register_error_handler(ObjectDeletedError, _gone)
    app.register_error_handler(IntegrityError, _not_kept)
    if not app.testing:
        app.register_error_handler(Exception, _crashed)
