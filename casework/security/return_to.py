"""Going back to a page of ours, and to nowhere else: every `next` passes through here."""

from urllib.parse import urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

LONGEST = 500


def safe_next(target: str | None, method: str = "GET") -> str | None:
    """Give the target back when it is the path of a page of ours that answers so; else None."""
    if not target or len(target) > LONGEST or not target.isascii() or not target.isprintable():
        return None
    # A backslash or a second slash would send some browsers to another host.
    if not target.startswith("/") or target.startswith("//") or "\\" in target:
        return None
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or endpoint_of(parts.path, method) is None:
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def endpoint_of(path: str, method: str = "GET") -> str | None:
    """Give the endpoint that answers this method at a path, or None when nothing does."""
    try:
        endpoint, _arguments = current_app.url_map.bind("localhost").match(path, method)
    except (HTTPException, RequestRedirect):
        return None
    return str(endpoint)


def page_behind(path: str) -> str | None:
    """Give the nearest page that GET opens: a form's own, or the one its address stands under.

    Somebody whose session ended while they were writing comes back to the page they wrote on.
    """
    if not path.startswith("/"):
        return None
    while path.count("/") > 1 or len(path) > 1:
        if safe_next(path) is not None:
            return path
        path = path.rsplit("/", 1)[0] or "/"
    return None
