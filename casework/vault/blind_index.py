"""The blind index: exact look-up by a keyed, truncated term that is worthless without its key."""

import hmac
import struct
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import partial
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casework.vault.format import KEY_BYTES, length_prefixed
from casework.vault.models import TOKEN_BITS


class IndexKind(StrEnum):
    """What can be looked up; nothing that repeats often in a population belongs here."""

    PHONE = "phone"
    EMAIL = "email"
    HANDLE = "handle"
    FULL_NAME = "full_name"
    PARTNER_ROUTE = "partner_route"


class Term(NamedTuple):
    """Constants that separate the keys of the kinds: table tag, column tag, and how it was made."""

    table_tag: str
    column_tag: str
    transform: str


TERMS: dict[IndexKind, Term] = {
    IndexKind.PHONE: Term("person", "phone", "e164"),
    IndexKind.EMAIL: Term("person", "email", "lower"),
    IndexKind.HANDLE: Term("person", "handle", "lower"),
    IndexKind.FULL_NAME: Term("person", "full_name", "folded"),
    IndexKind.PARTNER_ROUTE: Term("referral", "partner", "id"),
}


def token(root: bytes, version: int, service_id: UUID, kind: IndexKind, value: str) -> int:
    """Compute the 24-bit term of a normalised value under an index root key."""
    return tokens(root, version, service_id, kind, [value])[value]


def tokens(
    root: bytes, version: int, service_id: UUID, kind: IndexKind, values: Iterable[str]
) -> dict[str, int]:
    """Compute the terms of many normalised values; their common key is derived once."""
    key = _derived_key(root, version, service_id, kind)
    return {value: _term(key, value) for value in values}


def token_maker(root: bytes, version: int, service_id: UUID, kind: str) -> Callable[[str], int]:
    """Give what computes the term of one normalised value after the other, its key derived once."""
    return partial(_term, _derived_key(root, version, service_id, IndexKind(kind)))


def _term(key: bytes, value: str) -> int:
    mac = hmac.digest(key, value.encode("utf-8", errors="surrogatepass"), "sha256")
    return int.from_bytes(mac[: TOKEN_BITS // 8], "big")


def _derived_key(root: bytes, version: int, service_id: UUID, kind: IndexKind) -> bytes:
    info = length_prefixed(
        b"index",
        struct.pack(">I", version),
        service_id.bytes,
        *(part.encode("ascii") for part in (kind.value, *TERMS[kind])),
    )
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(root)
