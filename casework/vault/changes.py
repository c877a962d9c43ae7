"""Changes to a key ring, text in and text out: add a key, make it current, retire an old one.

A new key is only for opening until every process has it; only then may it become current.
"""

import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

from casework.vault.keyring import RingRefused, parse_ring, random_key
from casework.vault.private_files import alone_with
from casework.vault.providers import Source
from casework.vault.recovery import keep_ring, with_recovery

RETIRED = "retired"


class Part(StrEnum):
    """Which keys: those that wrap data keys, or the roots of the blind index."""

    KEKS = "keks"
    INDEX = "index"


class Change(NamedTuple):
    """A changed ring, and the number of the key that it is about."""

    ring: str
    number: int


def change_ring(source: Source, change: Callable[[str], Change]) -> int:
    """Change the ring of a source, alone and in one step; give the number of the key.

    The recovery file follows, to the same recipient. Raises RingRefused with one sentence.
    """
    if source.path is None:
        raise RingRefused("A key ring in the environment cannot be changed: keep it in a file.")
    with alone_with(source.path):
        changed = change(source.load())
        parse_ring(changed.ring, source.name)
        keep_ring(source, changed.ring)
    return changed.number


def renew_recovery(source: Source, needed: int, officers: int) -> list[str]:
    """Make a new recovery key for a ring that exists; give its shares, shown once.

    Former shares open former recovery files only.
    """
    shares: list[str] = []

    def change(ring: str) -> Change:
        renewed, made = with_recovery(ring, needed, officers)
        shares.extend(made)
        return Change(renewed, needed)

    change_ring(source, change)
    return shares


def add_key(ring: str, part: Part) -> Change:
    """Add a new key that only opens; raise RingRefused while another still waits."""
    document, current, newest = _read(ring, part)
    if newest != current:
        raise RingRefused(f"Key {newest} is waiting to become current: run with --activate first.")
    number = max(newest, *_retired(document, part)) + 1
    document[part.value][str(number)] = random_key()
    # Without this the highest index key would be current at once.
    document[_current_name(part)] = current
    return Change(json.dumps(document), number)


def activate_key(ring: str, part: Part) -> Change:
    """Make the newest key current; raise RingRefused when it is already."""
    document, current, newest = _read(ring, part)
    if newest == current:
        raise RingRefused(f"No key is waiting: key {current} is the newest and already current.")
    document[_current_name(part)] = newest
    return Change(json.dumps(document), newest)


def add_and_activate_key(ring: str, part: Part) -> Change:
    """Add a key that is current at once, for a ring that lives in one file on one host."""
    return activate_key(add_key(ring, part).ring, part)


def retire_key(ring: str, part: Part, number: int) -> Change:
    """Take a key out of the ring; its number is never given again."""
    check_retirable(ring, part, number)
    document, _, _ = _read(ring, part)
    del document[part.value][str(number)]
    gone = document.setdefault(RETIRED, {}).setdefault(part.value, [])
    gone.append(number)
    return Change(json.dumps(document), number)


def check_retirable(ring: str, part: Part, number: int) -> None:
    """Raise RingRefused when a key is current or not in the ring."""
    document, current, _ = _read(ring, part)
    if str(number) not in document[part.value]:
        raise RingRefused(f"The key ring has no key {number} to retire.")
    if number == current:
        raise RingRefused(f"Key {number} is current: make a newer one current before it retires.")


def _read(ring: str, part: Part) -> tuple[dict[str, Any], int, int]:
    """Give a ring as a document, and the numbers of the current and of the newest key."""
    keys = parse_ring(ring, "the key ring")
    document = json.loads(ring)
    _check_retired(document)
    if part is Part.KEKS:
        return document, keys.current, max(keys.kek_ids)
    return document, keys.index_current, max(keys.index_versions)


def _check_retired(document: dict[str, Any]) -> None:
    """Refuse a list by which a retired number could return."""
    retired = document.get(RETIRED, {})
    if not isinstance(retired, dict) or not all(
        isinstance(numbers, list) and all(type(number) is int for number in numbers)
        for numbers in retired.values()
    ):
        raise RingRefused(
            "The key ring’s list of retired keys is damaged: it must be of the form"
            ' {"keks": [1], "index": [1]}.'
        )


def _current_name(part: Part) -> str:
    return "current" if part is Part.KEKS else "index_current"


def _retired(document: dict[str, Any], part: Part) -> list[int]:
    return [0, *document.get(RETIRED, {}).get(part.value, [])]
