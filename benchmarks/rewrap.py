"""Bringing every data key under a new key: how many a second, and how long a batch holds its rows."""

import base64
import json
import time
from collections.abc import Callable, Iterator
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
        old, new = _rings()
        before, app.extensions["vault"] = app.extensions["vault"], new
        try:
            database.rollback()
            database.enter_service(world.amina.service_id)
            rows = _wrapped(old, world.amina.service_id, keys)
            columns = "owner_id, service_id, kek_id, wrapped, created_at"
            copy_rows(servers, app, "data_key", columns, rows)
            moved, batches = _run(rewrap, world.amina.service_id, keys, batch)
        finally:
            database.rollback()
            app.extensions["vault"] = before
    say(f"  {moved / sum(batches):,.0f} keys a second, longest batch {max(batches) * 1000:.0f} ms")


def _run(rewrap: Any, service_id: UUID, keys: int, batch: int) -> tuple[int, list[float]]:
    moved, batches = 0, []
    while moved < keys:
        start = time.perf_counter()
        done = rewrap(service_id, batch)
        database.commit()
        batches.append(time.perf_counter() - start)
        if not done.moved:
            raise AssertionError("keys were left behind")
        moved += done.moved
    return moved, batches


def _rings() -> tuple[KeyRing, KeyRing]:
    """Give a ring, and the same with a newer key that has become the current one."""
    keys = {str(n): base64.b64encode(AESGCM.generate_key(256)).decode() for n in (8, 9)}
    index = {"1": base64.b64encode(AESGCM.generate_key(256)).decode()}
    rings = [
        parse_ring(json.dumps({"current": current, "keks": keys, "index": index}), "the benchmark")
        for current in (8, 9)
    ]
    return rings[0], rings[1]


def _wrapped(ring: KeyRing, service_id: UUID, keys: int) -> Iterator[tuple[Any, ...]]:
    at = database.now()
    for _ in range(keys):
        owner_id = uuid4()
        kek_id, wrapped = ring.wrap(owner_id, AESGCM.generate_key(256))
        yield owner_id, service_id, kek_id, wrapped, at
