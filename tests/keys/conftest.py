"""Keys of a service before a rotation, and a ring that has been rotated."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from casework import vault
from tests.vault import rings

KEYS = 7


@pytest.fixture
def rotated(app: Flask, world: Any, keys: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Give seven owners keys under key 1, then make key 2 current; give the ring's document."""
    for _ in range(KEYS):
        vault.create_key(world.north.id, uuid4())
    after = rings.rotated(rings.document(keys))
    rings.swap(monkeypatch, app, rings.ring_of(after))
    return after


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every batch be of two."""
    monkeypatch.setattr("casework.keys.policy.BATCH", {"rewrap": 2, "reindex": 2})
