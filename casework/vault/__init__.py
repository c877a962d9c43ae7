"""The vault: seals fields under a key of each owner, and forgets an owner by destroying that key.

Declare a column with `sealed`, make the owner's key with `create_key`, write with `seal`, read
with `open_fields`. docs/sealing.md explains the format to the byte.
"""

from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from casework.vault.blind_index import IndexKind
from casework.vault.data_keys import create_key, destroy_key, lock_keys, ring
from casework.vault.failures import (
    Failure,
    KeyGone,
    Unreadable,
    unreadable_counts,
    unreadable_hooks,
)
from casework.vault.fields import Sealed, SealedValue, sealed, sealed_columns
from casework.vault.fitting import misfit
from casework.vault.format import Unsealable
from casework.vault.keyring import KeyRing, RingRefused, fresh_ring
from casework.vault.private_files import write_new_file
from casework.vault.providers import load_ring, source_of
from casework.vault.reloading import Reloader
from casework.vault.services import (
    SealedRow,
    digest,
    index_candidates,
    index_delete,
    index_put,
    open_fields,
    open_many,
    seal,
)

__all__ = [
    "Failure",
    "IndexKind",
    "KeyGone",
    "KeyRing",
    "RingRefused",
    "Sealed",
    "SealedRow",
    "SealedValue",
    "Unreadable",
    "Unsealable",
    "create_key",
    "destroy_key",
    "digest",
    "fresh_ring",
    "index_candidates",
    "index_delete",
    "index_put",
    "init_app",
    "load_ring",
    "lock_keys",
    "misfit",
    "open_fields",
    "open_many",
    "refuse_misfit",
    "ring",
    "seal",
    "sealed",
    "sealed_columns",
    "source_of",
    "unreadable_counts",
    "unreadable_hooks",
    "write_new_file",
]


def init_app(app: Flask) -> None:
    """Load the key ring, or refuse to start; raise RingRefused with the sentence that says why."""
    source = source_of(app.config["CASEWORK"].keys)
    app.extensions["vault_reloader"] = Reloader(app.extensions, source)


def refuse_misfit(app: Flask) -> None:
    """Refuse to serve when ring and database do not fit; raise RingRefused with the sentence.

    A database that does not answer, or is not migrated yet, is left to /readyz.
    """
    # Of its own, and closed again: a connection must not travel into forked workers.
    engine = create_engine(
        app.config["SQLALCHEMY_DATABASE_URI"], poolclass=NullPool, hide_parameters=True
    )
    try:
        with app.app_context(), engine.connect() as connection:
            sentence = misfit(connection, ring())
    except DBAPIError:
        return
    if sentence is not None:
        raise RingRefused(sentence)
