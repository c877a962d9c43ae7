"""Bringing every data key under a new key: how many a second, and how long a batch holds its rows."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask

from benchmarks.ground import copy_rows
from casework import database, vault
from casework.vault.keyring import KeyRing, parse_ring
from tests.world import World


def measure_rewrap(
    servers: Any, app: Flask, keys: int, batch: int, say: Callable[[str], Any]
) -> None:
    """Print keys a second and the longest batch, its commit included."""
    rewrap = getattr(vault, "rewrap", None)
    say(f"Rewrapping {keys:,} data keys in batches of {batch:,}")
    if rewrap is None:
        say("  this version of the vault does not rewrap")
        return
    with app.app_context():
        world = World.load()
        old = app.extensions["vault"]
        columns = "owner_id, service_id, kek_id, wrapped, created_at"
        rows = _wrapped(old, world.amina.service_id, keys)
        copy_rows(servers, app, "data_key", columns, rows)
        app.extensions["vault"] = _with_newer_key(app)
        try:
            database.rollback()
            moved, batches = _run(rewrap, world.amina.service_id, batch)
        finally:
            database.rollback()
            app.extensions["vault"] = old
        if moved < keys:
            raise AssertionError("keys were left behind")
    say(f"  {moved / sum(batches):,.0f} keys a second, longest batch {max(batches) * 1000:.0f} ms")


def _run(rewrap: Any, service_id: UUID, batch: int) -> tuple[int, list[float]]:
    """Rewrap until nothing is left; give the number of keys moved, and the seconds of each batch."""
    moved, batches = 0, []
    while True:
        start = time.perf_counter()
        done = rewrap(service_id, batch)
        database.commit()
        if not done.moved:
            return moved, batches
        batches.append(time.perf_counter() - start)
        moved += done.moved


def _with_newer_key(app: Flask) -> KeyRing:
    """Give the application's ring with a newer key that has become the current one."""
    source = app.config["CASEWORK"].keys.removeprefix("file:")
    document = json.loads(Path(source).read_text(encoding="ascii"))
    newer = document["current"] + 1
    document["keks"][str(newer)] = base64.b64encode(AESGCM.generate_key(256)).decode("ascii")
    return parse_ring(json.dumps(document | {"current": newer}), "the benchmark")


def _wrapped(ring: KeyRing, service_id: UUID, keys: int) -> Iterator[tuple[Any, ...]]:
    at = database.now()
    for _ in range(keys):
        owner_id = uuid4()
        kek_id, wrapped = ring.wrap(owner_id, AESGCM.generate_key(256))
        yield owner_id, service_id, kek_id, wrapped, at
