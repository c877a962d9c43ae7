"""Stands in for Vault’s Transit engine: its HTTP protocol, real encryption, and its ways to fail."""

import base64
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PATH = re.compile(r"/v1/transit/(encrypt|decrypt)/([A-Za-z0-9_.-]+)")


class Transit(ThreadingHTTPServer):
    """One key store with some keys, one token, and a mood."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.token = "s.standin"
        self.namespace: str | None = None
        self.keys = {"casework": AESGCM(AESGCM.generate_key(256))}
        self.mood = "well"
        self.release = threading.Event()
        self.questions: list[str] = []

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """Answers one question the way Vault does."""

    server: Transit

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.questions.append(self.path)
        if self.server.mood == "hanging":
            self.server.release.wait(30)
            return
        status, answer = self._answer(body)
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        if self.server.mood == "redirecting":
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_PUT = do_POST

    def _answer(self, body: dict[str, str]) -> tuple[int, Any]:
        moods = {
            "sealed": (503, {"errors": ["Vault is sealed"]}),
            "broken": (500, {"errors": ["internal error"]}),
            "babbling": (200, b"<html>A proxy says hello</html>"),
            "redirecting": (307, b""),
        }
        if self.server.mood in moods:
            return moods[self.server.mood]
        if self.headers.get("X-Vault-Token") != self.server.token:
            return 403, {"errors": ["permission denied"]}
        found = PATH.fullmatch(self.path)
        if found is None or self.headers.get("X-Vault-Namespace") != self.server.namespace:
            return 404, {"errors": ["no handler for route"]}
        question, name = found.groups()
        if name not in self.server.keys:
            return 400, {"errors": ["encryption key not found"]}
        return self._encrypt(name, body) if question == "encrypt" else self._decrypt(name, body)

    def _encrypt(self, name: str, body: dict[str, str]) -> tuple[int, Any]:
        nonce = os.urandom(12)
        sealed = self.server.keys[name].encrypt(nonce, base64.b64decode(body["plaintext"]), None)
        ciphertext = "vault:v1:" + base64.b64encode(nonce + sealed).decode()
        return 200, {"data": {"ciphertext": ciphertext, "key_version": 1}}

    def _decrypt(self, name: str, body: dict[str, str]) -> tuple[int, Any]:
        try:
            sealed = base64.b64decode(body["ciphertext"].removeprefix("vault:v1:"))
            plain = self.server.keys[name].decrypt(sealed[:12], sealed[12:], None)
        except (InvalidTag, ValueError):
            return 400, {"errors": ["cipher: message authentication failed"]}
        return 200, {"data": {"plaintext": base64.b64encode(plain).decode()}}

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def transit() -> Iterator[Transit]:
    """Run a key store until the block ends."""
    with Transit() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.release.set()
            server.shutdown()
            thread.join()
