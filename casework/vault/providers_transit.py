"""HashiCorp Vault or OpenBao: its Transit engine seals the key ring under a key that never leaves it."""

import base64
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import hvac
import hvac.exceptions
import requests.exceptions

from casework.vault.keyring import RingRefused
from casework.vault.private_files import read_private

SECONDS = 5
KEY_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}")
ON_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class TransitSealer:
    """Asks VAULT_ADDR, with the token of VAULT_TOKEN or VAULT_TOKEN_FILE."""

    def __init__(self, key_name: str) -> None:
        self._key_name = key_name

    def seal(self, ring: str) -> str:
        """Let Transit encrypt the ring; the file then holds its “vault:v1:…” and nothing else."""
        encoded = base64.b64encode(ring.encode("utf-8")).decode("ascii")
        with _asking(self._key_name) as transit:
            answer = transit.encrypt_data(self._key_name, plaintext=encoded)
            return str(answer["data"]["ciphertext"])

    def unseal(self, sealed: str) -> str:
        """Let Transit decrypt the ring."""
        with _asking(self._key_name) as transit:
            answer = transit.decrypt_data(self._key_name, ciphertext=sealed)
            return base64.b64decode(answer["data"]["plaintext"], validate=True).decode("utf-8")


def sealer(key: str) -> TransitSealer:
    """Give the sealer of a Transit key; raise RingRefused when that is no name for one."""
    if not KEY_NAME.fullmatch(key):
        raise RingRefused("The name of a Transit key has letters, digits, “-”, “_” and “.” only.")
    return TransitSealer(key)


@contextmanager
def _asking(key_name: str) -> Iterator[Any]:
    """Open a client for one question; whatever goes wrong becomes one sentence without a secret."""
    address = _address()
    client = hvac.Client(
        url=address,
        token=_token(),
        namespace=os.environ.get("VAULT_NAMESPACE") or None,
        timeout=SECONDS,
        # The ring would follow a redirection wherever it leads.
        allow_redirects=False,
    )
    try:
        yield client.secrets.transit
    except hvac.exceptions.VaultError as problem:
        raise RingRefused(_sentence(problem, address, key_name)) from None
    except requests.exceptions.Timeout:
        raise RingRefused(
            f"The key store at {address} does not answer within {SECONDS} seconds."
        ) from None
    except requests.exceptions.RequestException:
        raise RingRefused(f"The key store at {address} cannot be reached.") from None
    except (KeyError, TypeError, ValueError):
        raise RingRefused(
            f"The key store at {address} gave an answer that is not Transit’s."
        ) from None
    finally:
        client.adapter.close()


def _sentence(problem: Exception, address: str, key_name: str) -> str:
    if isinstance(problem, hvac.exceptions.VaultDown):
        return f"The key store at {address} is sealed or down (503): unseal it first."
    if isinstance(problem, hvac.exceptions.Forbidden | hvac.exceptions.Unauthorized):
        return (
            f"The key store at {address} refuses us (403): the token must be valid and allow"
            f" encryption and decryption with the Transit key {key_name}."
        )
    if isinstance(problem, hvac.exceptions.InvalidPath):
        return f"The key store at {address} has no Transit engine, or no such namespace (404)."
    if isinstance(problem, hvac.exceptions.InvalidRequest):
        return (
            f"The key store at {address} cannot open the ring (400): the file was not sealed"
            f" by its Transit key {key_name}, or that key is gone."
        )
    return f"The key store at {address} failed: try again, then ask whoever runs it."


def _address() -> str:
    address = os.environ.get("VAULT_ADDR", "").rstrip("/")
    if not address:
        raise RingRefused("VAULT_ADDR is not set: it says where the Transit key store is.")
    parts = _parts(address)
    if parts.username is not None or parts.password is not None:
        # Sentences show the address, and proxies log it.
        raise RingRefused(
            "VAULT_ADDR must hold no name and no password: the token belongs into VAULT_TOKEN_FILE."
        )
    if parts.scheme != "https" and parts.hostname not in ON_THIS_MACHINE:
        raise RingRefused("VAULT_ADDR must begin with https://, or the key ring travels in clear.")
    return address


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole:
        raise RingRefused(
            "VAULT_ADDR is not an address: it must look like https://vault.example.org:8200."
        )
    return parts


def _token() -> str:
    path = os.environ.get("VAULT_TOKEN_FILE")
    what = "file of VAULT_TOKEN_FILE"
    token = read_private(Path(path), what) if path else os.environ.get("VAULT_TOKEN", "")
    token = token.strip()
    if not token:
        raise RingRefused(
            "The Transit key store needs a token: set VAULT_TOKEN_FILE or VAULT_TOKEN."
        )
    if not (token.isascii() and token.isprintable()):
        raise RingRefused("The token of the Transit key store is not one: it has other characters.")
    return token
