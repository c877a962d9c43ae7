"""Static files under addresses that carry their content's hash, so that they may be kept for ever."""

import hashlib
from pathlib import Path

from flask import Flask, url_for


def init_app(app: Flask) -> None:
    """Give templates asset(path); each file is hashed once per process."""
    hashes: dict[str, str] = {}

    def asset(path: str) -> str:
        if path not in hashes or app.debug:
            content = (Path(str(app.static_folder)) / path).read_bytes()
            hashes[path] = hashlib.sha256(content).hexdigest()[:12]
        return url_for("static", filename=path, v=hashes[path])

    app.jinja_env.globals["asset"] = asset
