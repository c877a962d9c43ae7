"""Refuses requests no keyboard can make: a NUL in any value, which PostgreSQL could not keep."""

from flask import Flask, abort, request

NUL = "\x00"


def _check() -> None:
    given = (*request.args.values(), *request.args, *request.form.values(), *request.form)
    if any(NUL in value for value in given):
        abort(400)


def init_app(app: Flask) -> None:
    """Look at every request before a view does."""
    app.before_request(_check)
