"""The vault: seals fields under a key of each owner, and forgets an owner by destroying that key.

Declare a column with `sealed`, make the owner's key with `create_key`, write with `seal`, read
with `open_fields`. docs/sealing.md explains the format to the byte.
"""

from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from casework.vault.blind_index import IndexKind
from casework.vault.copying import (
    NewKey,
    Pattern,
    Terms,
    attribute_columns,
    new_key,
    patterns_of,
    terms_of,
)
from casework.vault.data_keys import create_key, destroy_key, is_ring_read, lock_keys, ring
from casework.vault.digests import Written, written_hooks
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
from casework.vault.passing import PassingKey
from casework.vault.private_files import write_new_file
from casework.vault.providers import load_ring, source_of
from casework.vault.pseudonyms import alias, aliases
from casework.vault.reindexing import (
    TermStanding,
    forget_failed_terms,
    owners_to_reindex,
    rebuild_index_with,
    rebuildable_kinds,
    reindex_batch,
    terms_by_version,
)
from casework.vault.reloading import Reloader
from casework.vault.retiring import KeyRetired
from casework.vault.rewrapping import (
    Batch,
    Moved,
    Standing,
    forget_failed_keys,
    hold_keys,
    keys_by_kek,
    keys_to_move,
    rewrap,
    rewrap_batch,
)
from casework.vault.services import (
    SealedRow,
    digest,
    index_candidates,
    index_candidates_many,
    index_delete,
    index_put,
    open_fields,
    open_many,
    seal,
)

__all__ = [
    "Batch",
    "Failure",
    "IndexKind",
    "KeyGone",
    "KeyRetired",
    "KeyRing",
    "Moved",
    "NewKey",
    "PassingKey",
    "Pattern",
    "RingRefused",
    "Sealed",
    "SealedRow",
    "SealedValue",
    "Standing",
    "TermStanding",
    "Terms",
    "Unreadable",
    "Unsealable",
    "Written",
    "alias",
    "aliases",
    "attribute_columns",
    "create_key",
    "destroy_key",
    "digest",
    "forget_failed_keys",
    "forget_failed_terms",
    "fresh_ring",
    "hold_keys",
    "index_candidates",
    "index_candidates_many",
    "index_delete",
    "index_put",
    "init_app",
    "is_ring_read",
    "keys_by_kek",
    "keys_to_move",
    "load_ring",
    "lock_keys",
    "misfit",
    "new_key",
    "open_fields",
    "open_many",
    "owners_to_reindex",
    "patterns_of",
    "rebuild_index_with",
    "rebuildable_kinds",
    "refuse_misfit",
    "reindex_batch",
    "rewrap",
    "rewrap_batch",
    "ring",
    "seal",
    "sealed",
    "sealed_columns",
    "source_of",
    "terms_by_version",
    "terms_of",
    "unreadable_counts",
    "unreadable_hooks",
    "write_new_file",
    "written_hooks",
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
