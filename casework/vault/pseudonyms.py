"""Who did something, told apart without saying who: an alias that only the key can lead back."""

import hmac
import struct
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casework.vault.data_keys import ring, ring_with
from casework.vault.format import KEY_BYTES, length_prefixed


def alias(service_id: UUID, object_id: UUID, account_id: UUID) -> UUID:
    """Give the id under which an account acts on one object, and on no other (R16).

    The same hands have another alias at every object, so that nothing in the database says that
    two are the same, nor whose they are.
    """
    return _under(ring().index_current, service_id, object_id, account_id)


def aliases(service_id: UUID, object_id: UUID, account_id: UUID) -> set[UUID]:
    """Give every alias an account ever had at one object, one for each key still in the ring."""
    return {_under(version, service_id, object_id, account_id) for version in ring().index_versions}


def _under(version: int, service_id: UUID, object_id: UUID, account_id: UUID) -> UUID:
    root = ring_with(index=[version]).index_root(version)
    info = length_prefixed(b"alias", struct.pack(">I", version), service_id.bytes)
    key = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(root)
    mac = hmac.digest(key, object_id.bytes + account_id.bytes, "sha256")
    return UUID(bytes=mac[:16], version=4)
