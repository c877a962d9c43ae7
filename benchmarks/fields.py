"""One field: sealed and opened by us, by Fernet, and by AES-GCM alone, which binds it to nothing."""

import os
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask

from benchmarks.machine import microseconds
from casework import database, vault
from casework.extensions import db
from casework.people.models import Person
from casework.vault.format import Place, open_value, seal_value
from tests.world import World

VALUE = "x" * 64


def _row(service_id: UUID) -> Person:
    row = Person(service_id=service_id, created_at=database.now())
    vault.create_key(service_id, row.id)
    vault.seal(row, phone=VALUE)
    db.session.add(row)
    db.session.flush()
    return row


def measure_fields(app: Flask, count: int, say: Callable[[str], Any]) -> None:
    """Print microseconds for each, and how many times bare AES-GCM that is."""
    cipher, place = AESGCM(AESGCM.generate_key(256)), Place("person", "phone", uuid4())
    fernet, plain = Fernet(Fernet.generate_key()), VALUE.encode()
    sealed, token = seal_value(cipher, place, VALUE), fernet.encrypt(plain)
    nonce = os.urandom(12)
    bare = cipher.encrypt(nonce, plain, None)
    with app.app_context():
        world = World.load()
        row, read = (_row(world.amina.service_id) for _ in range(2))
        works: list[tuple[str, Callable[[], Any], Callable[[], Any]]] = [
            (
                "AES-GCM alone",
                lambda: cipher.encrypt(os.urandom(12), plain, None),
                lambda: cipher.decrypt(nonce, bare, None),
            ),
            ("Fernet", lambda: fernet.encrypt(plain), lambda: fernet.decrypt(token)),
            (
                "the vault's format",
                lambda: seal_value(cipher, place, VALUE),
                lambda: open_value(cipher, place, sealed),
            ),
            (
                "a field of a row",
                lambda: vault.seal(row, phone=VALUE),
                lambda: vault.open_fields(read, "phone"),
            ),
        ]
        taken = [(n, microseconds(s, count), microseconds(o, count)) for n, s, o in works]
        db.session.rollback()
    say(f"One field of {len(VALUE)} characters, microseconds (times AES-GCM alone)")
    _, seal_base, open_base = taken[0]
    for name, sealing, opening in taken:
        say(
            f"  {name:<20} seal {sealing:7.1f} ({sealing / seal_base:4.1f}x)"
            f"   open {opening:7.1f} ({opening / open_base:4.1f}x)"
        )
