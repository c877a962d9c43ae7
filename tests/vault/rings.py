"""Key rings before, during and after a rotation, for the application of a test."""

import base64
import json
import secrets
from pathlib import Path
from typing import Any

from flask import Flask

from casework.vault import KeyRing


def use(app: Flask, ring: KeyRing) -> None:
    """Let an application on a database of its own go on with this ring."""
    app.extensions["vault"] = ring


def swap(monkeypatch: Any, app: Flask, ring: KeyRing) -> None:
    """Let the application that tests share go on with this ring until the test ends."""
    monkeypatch.setitem(app.extensions, "vault", ring)
    # A key that it lacks would be looked for in the file, once half a minute has passed since.
    monkeypatch.setattr(app.extensions["vault_reloader"], "_rested_at", float("inf"))


def document(app_keys: str) -> dict[str, Any]:
    """Read the ring file that the tests of this run began with."""
    ring: dict[str, Any] = json.loads(Path(app_keys.removeprefix("file:")).read_text("ascii"))
    return ring


def rotated(before: dict[str, Any], *, keks: bool = True, index: bool = False) -> dict[str, Any]:
    """Give the same ring with one more key, which is current: the older ones still open."""
    after = json.loads(json.dumps(before))
    if keks:
        after["current"] = max(map(int, before["keks"])) + 1
        after["keks"][str(after["current"])] = _random_key()
    if index:
        after["index_current"] = max(map(int, before["index"])) + 1
        after["index"][str(after["index_current"])] = _random_key()
    return after


def ring_of(written: dict[str, Any]) -> KeyRing:
    """Read a ring from its document."""

    def numbered(part: str) -> dict[int, bytes]:
        return {int(n): base64.b64decode(key) for n, key in written[part].items()}

    return KeyRing(
        written["current"], numbered("keks"), numbered("index"), written.get("index_current")
    )


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode("ascii")
