"""AWS KMS: the key ring stands in an envelope whose key only KMS can open."""

import base64
import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    ReadTimeoutError,
)
from botocore.exceptions import ConnectionError as Unreachable
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casework.vault.format import Tampered, decrypt, encrypt, length_prefixed
from casework.vault.keyring import RingRefused

SECONDS = 5
# KMS binds it to the envelope's key, writes it into CloudTrail, and a key policy can insist on it.
CONTEXT = {"application": "casework", "purpose": "key-ring"}
FORMAT = "casework-kms-1"
ASSOCIATED = length_prefixed(FORMAT.encode("ascii"), b"key-ring")


class KmsSealer:
    """Asks KMS with the credentials and the region that AWS's own tools would use."""

    def __init__(self, key_id: str) -> None:
        self._key_id = key_id

    def seal(self, ring: str) -> str:
        """Seal the ring under a fresh key from KMS, which comes along sealed by the KMS key.

        KMS itself encrypts at most 4096 bytes, and a ring grows with every rotation.
        """
        with _asking(self._key_id) as kms:
            fresh = kms.generate_data_key(
                KeyId=self._key_id, KeySpec="AES_256", EncryptionContext=CONTEXT
            )
        sealed = encrypt(AESGCM(fresh["Plaintext"]), ring.encode("utf-8"), ASSOCIATED)
        envelope = {"format": FORMAT, "key": _text(fresh["CiphertextBlob"]), "ring": _text(sealed)}
        return json.dumps(envelope)

    def unseal(self, sealed: str) -> str:
        """Let KMS open the envelope's key, and open the ring with it."""
        wrapped, content = _envelope(sealed)
        with _asking(self._key_id) as kms:
            answer = kms.decrypt(
                KeyId=self._key_id, CiphertextBlob=wrapped, EncryptionContext=CONTEXT
            )
        try:
            return decrypt(AESGCM(answer["Plaintext"]), content, ASSOCIATED).decode("utf-8")
        except (Tampered, ValueError):
            raise RingRefused("The sealed ring was changed after KMS sealed it.") from None


def sealer(key: str) -> KmsSealer:
    """Give the sealer of a KMS key: its id or ARN, which, unlike an alias, never moves on."""
    if key.startswith("alias/") or ":alias/" in key:
        raise RingRefused("Name the KMS key by its id or ARN: an alias may move to another key.")
    return KmsSealer(key)


@contextmanager
def _asking(key_id: str) -> Iterator[Any]:
    """Open a client for one question; whatever goes wrong becomes one sentence without a secret."""
    try:
        with closing(_client(key_id)) as kms:
            yield kms
    except ClientError as problem:
        code = problem.response.get("Error", {}).get("Code", "")
        raise RingRefused(SENTENCES.get(code, OTHERWISE).format(key=key_id, code=code)) from None
    except NoRegionError:
        raise RingRefused("KMS needs a region: set AWS_REGION, or use the key’s ARN.") from None
    except NoCredentialsError:
        raise RingRefused(
            "KMS needs credentials: give this host a role, or set AWS’s own."
        ) from None
    except (ConnectTimeoutError, ReadTimeoutError):
        raise RingRefused(f"KMS does not answer within {SECONDS} seconds.") from None
    except (Unreachable, HTTPClientError):
        raise RingRefused("KMS cannot be reached.") from None
    except (BotoCoreError, KeyError, ValueError):
        raise RingRefused("KMS cannot be asked: look at AWS’s settings on this host.") from None


OTHERWISE = "KMS refused the key {key} ({code})."
SENTENCES = {
    "AccessDeniedException": "KMS refuses us: this host’s role may not use the key {key}.",
    "NotFoundException": "KMS does not know the key {key} in this region.",
    "DisabledException": "The KMS key {key} is disabled: enable it first.",
    "KMSInvalidStateException": "The KMS key {key} is about to be deleted: cancel that first.",
    "IncorrectKeyException": "The sealed ring was not sealed by the KMS key {key}.",
    "InvalidCiphertextException": "KMS cannot open the sealed ring: it was changed, or sealed elsewhere.",
}


def _client(key_id: str) -> Any:
    arn = key_id.split(":")
    region = arn[3] if arn[0] == "arn" and len(arn) > 5 else os.environ.get("AWS_REGION")
    settings = Config(
        connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": 2}
    )
    # A session of its own looks for credentials again, which may have been renewed.
    return boto3.Session().client("kms", region_name=region or None, config=settings)


def _envelope(sealed: str) -> tuple[bytes, bytes]:
    try:
        parts = json.loads(sealed)
        if parts["format"] != FORMAT:
            raise ValueError
        return _bytes(parts["key"]), _bytes(parts["ring"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RingRefused("The sealed ring is not an envelope of “casework keys”.") from None


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
