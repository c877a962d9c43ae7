"""A key that is never written: for what a long run must put on disk for no longer than it lives."""

import hashlib
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casework.vault.format import KEY_BYTES, decrypt, encrypt, pad, unpad

# Texts of a damaged file may hold lone surrogates; they come back as they were.
ERRORS = "surrogatepass"
NAME_BYTES = 16


class PassingKey:
    """Seals texts of one run; when the run ends, or is killed, nobody can open them any more."""

    def __init__(self) -> None:
        self._cipher = AESGCM(os.urandom(KEY_BYTES))
        self._naming = os.urandom(KEY_BYTES)

    def name(self, text: str) -> bytes:
        """Give 16 bytes by which a text is found again; without this key they tell nothing of it."""
        given = text.encode("utf-8", ERRORS)
        return hashlib.blake2b(given, key=self._naming, digest_size=NAME_BYTES).digest()

    def seal(self, text: str, place: bytes) -> bytes:
        """Seal a text for one place; its length shows in steps only."""
        return encrypt(self._cipher, pad(text.encode("utf-8", ERRORS)), place)

    def open(self, sealed: bytes, place: bytes) -> str:
        """Open what was sealed for this place; raise Tampered for anything else."""
        return unpad(decrypt(self._cipher, sealed, place)).decode("utf-8", ERRORS)
