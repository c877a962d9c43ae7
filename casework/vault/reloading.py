"""The ring of a running process: read anew when its file changed, or when a key is missing.

So a rotation needs no restart. A key store is asked only when the file that it sealed has
changed, or a key is missing; while it is down, everything readable stays readable.
"""

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any

import structlog

from casework.vault.keyring import KeyRing, RingRefused
from casework.vault.providers import Source, read_ring

log = structlog.get_logger(__name__)

# Seconds between two tries that nothing new gives a reason for.
REST = 30


class Reloader:
    """Keeps the ring in use among the application's extensions; threads share it."""

    def __init__(
        self, extensions: dict[str, Any], source: Source, clock: Callable[[], float] = monotonic
    ) -> None:
        self._extensions = extensions
        self._source = source
        self._clock = clock
        self._reading = Lock()
        # Looked at before reading: a change in between is seen as one later.
        self._stamp = source.stamp()
        self._again_at: float | None = None
        self._rested_at = clock()
        self.ring = read_ring(source)

    @property
    def ring(self) -> KeyRing:
        """The ring in use, as it is."""
        ring: KeyRing = self._extensions["vault"]
        return ring

    @ring.setter
    def ring(self, ring: KeyRing) -> None:
        self._extensions["vault"] = ring

    @property
    def is_read(self) -> bool:
        """Whether the last reading succeeded: if not, the ring in use may be an older one."""
        return self._again_at is None

    def current(self) -> KeyRing:
        """Give the ring, read anew if its file was; a thread that finds another reading goes on."""
        if self._is_due() and self._reading.acquire(blocking=False):
            try:
                self._read()
            finally:
                self._reading.release()
        return self.ring

    def holding(self, is_enough: Callable[[KeyRing], bool]) -> KeyRing:
        """Give the ring; if it lacks a key that a row names, read it anew first, once in a while."""
        if is_enough(self.current()):
            return self.ring
        with self._reading:
            if not is_enough(self.ring) and self._clock() >= self._rested_at:
                self._rested_at = self._clock() + REST
                self._read()
        return self.ring

    def _is_due(self) -> bool:
        if self._again_at is not None and self._clock() >= self._again_at:
            return True
        # A file that is gone for the moment says nothing new.
        return self._source.stamp() not in (None, self._stamp)

    def _read(self) -> None:
        stamp = self._source.stamp()
        try:
            ring = read_ring(self._source)
            if ring.contradicts(self.ring):
                raise RingRefused(
                    f"The key ring in {self._source.name} is of another installation: it has"
                    " other keys under the same numbers, and the one in use is kept."
                )
        except RingRefused as refusal:
            self._again_at = self._clock() + REST
            log.error("vault.ring_not_read_anew", why=str(refusal))
        else:
            self.ring, self._again_at = ring, None
            log.info("vault.ring_read_anew", keks=ring.kek_ids, current=ring.current)
        self._stamp = stamp
