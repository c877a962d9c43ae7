"""The sealed byte format: what stands in a sealed column, byte for byte (docs/sealing.md)."""

import json
import os
import struct
from typing import Any, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT_1 = b"\x01"
JSON_CONTENT = b"\x01"
PADDING_MARK = b"\x80"

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
BUCKETS = (32, 64, 128, 256, 512, 1024, 2048, 4096)


class Place(NamedTuple):
    """The one cell a sealed value belongs to; the tags are constants, never the present names."""

    table_tag: str
    column_tag: str
    row_id: UUID


class Unsealable(TypeError):
    """A value that would not come back as it was."""


class Tampered(Exception):
    """Bytes that were not sealed with this key for this place."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def length_prefixed(*parts: bytes) -> bytes:
    """Join parts so that no two different lists of parts give the same bytes."""
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def canonical_json(value: Any) -> bytes:
    """Write a value as JSON in its only form: sorted keys, no spaces, UTF-8."""
    _refuse_what_json_would_change(value)
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode("utf-8")
    except (UnicodeEncodeError, ValueError):
        # The original error quotes the value: it must not travel in a traceback.
        raise Unsealable("text must be valid Unicode and numbers of reasonable length") from None


def pad(content: bytes) -> bytes:
    """Pad to the next bucket (ISO 7816-4), so that a length tells nothing about a value."""
    room = len(content) + 1
    size = next((bucket for bucket in BUCKETS if room <= bucket), None)
    if size is None:
        size = -(-room // BUCKETS[-1]) * BUCKETS[-1]
    return (content + PADDING_MARK).ljust(size, b"\x00")


def unpad(padded: bytes) -> bytes:
    """Take the padding off; raise Tampered when it is not what `pad` writes."""
    content, mark, zeros = padded.rpartition(PADDING_MARK)
    if not mark or zeros.strip(b"\x00") or len(pad(content)) != len(padded):
        raise Tampered("padding")
    return content


def encrypt(cipher: AESGCM, plain: bytes, associated: bytes) -> bytes:
    """Encrypt under a fresh random nonce: format byte, nonce, ciphertext, tag."""
    nonce = os.urandom(NONCE_BYTES)
    return FORMAT_1 + nonce + cipher.encrypt(nonce, plain, associated)


def decrypt(cipher: AESGCM, sealed: bytes, associated: bytes) -> bytes:
    """Decrypt what `encrypt` wrote; raise Tampered for anything else."""
    if len(sealed) < 1 + NONCE_BYTES + TAG_BYTES or sealed[:1] != FORMAT_1:
        raise Tampered("format")
    nonce, ciphertext = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return cipher.decrypt(nonce, ciphertext, associated)
    except InvalidTag:
        raise Tampered("tag") from None


def seal_value(cipher: AESGCM, place: Place, value: Any) -> bytes:
    """Seal a text, whole number, truth, list or dictionary for one cell."""
    return encrypt(cipher, packed(value), associated_with(place))


def packed(value: Any) -> bytes:
    """Write a value as the bytes that are encrypted: its kind, its only JSON form, its padding."""
    return pad(JSON_CONTENT + canonical_json(value))


def open_value(cipher: AESGCM, place: Place, sealed: bytes) -> Any:
    """Open a sealed value for one cell; raise Tampered when it was not sealed for it."""
    content = unpad(decrypt(cipher, sealed, associated_with(place)))
    if content[:1] != JSON_CONTENT:
        raise Tampered("content")
    return json.loads(content[1:])


def associated_with(place: Place) -> bytes:
    """Give the bytes that bind a value to its cell."""
    return length_prefixed(
        FORMAT_1,
        place.table_tag.encode("ascii"),
        place.column_tag.encode("ascii"),
        place.row_id.bytes,
    )


def _refuse_what_json_would_change(value: Any, inside: bool = False) -> None:
    if isinstance(value, list):
        for item in value:
            _refuse_what_json_would_change(item, inside=True)
    elif isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise Unsealable("dictionary keys must be text")
        for item in value.values():
            _refuse_what_json_would_change(item, inside=True)
    elif not isinstance(value, str | int) and not (inside and value is None):
        # bool is an int; a float has no single written form, a tuple comes back as a list.
        raise Unsealable(f"a {type(value).__name__} cannot be sealed")
