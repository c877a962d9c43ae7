"""The chain in pure form: what an entry is, how it becomes bytes, and how bytes become a link."""

import hashlib
import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from casework.vault.format import canonical_json, length_prefixed

VERSION = b"casework-audit-1"
GENESIS = bytes(32)
ABSENT, PRESENT = b"\x00", b"\x01"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST_NUMBER = 2**63 - 1

# An id, a code, a digest or a time; a sentence, a name with a space, an address or a number as
# it is dialled does not pass, so that content cannot slip into the chain by mistake.
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/+-]{0,79}", re.ASCII)
# Seven digits or more: shorter than any id, and read as a telephone number unless it is a date.
DIALLED = re.compile(r"[0-9][0-9.-]{6,20}", re.ASCII)
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
FIELD = re.compile(r"[a-z][a-z0-9_.]{0,79}", re.ASCII)


class NotACode(ValueError):
    """Something other than ids, codes, digests, times and numbers was to be written down."""


@dataclass(frozen=True, slots=True)
class Act:
    """What happened, before it has its place in the chain."""

    at_us: int
    service_id: UUID | None
    actor_kind: str
    actor_id: UUID | None
    action: str
    object_type: str
    object_id: str | None = None
    is_refused: bool = False
    purpose: str | None = None
    fields: tuple[str, ...] = ()
    detail: dict[str, Any] | None = None
    subjects: tuple[UUID, ...] = ()


def link(prev: bytes, seq: int, act: Act) -> bytes:
    """Compute the hash that binds an act to its place and to all that came before it."""
    return hashlib.sha256(prev + canonical_bytes(seq, act)).digest()


def canonical_bytes(seq: int, act: Act) -> bytes:
    """Write an act as bytes in its only form: each part carries its length, absent parts a mark."""
    return length_prefixed(
        VERSION,
        struct.pack(">q", seq),
        struct.pack(">q", act.at_us),
        _id_part(act.service_id),
        act.actor_kind.encode(),
        _id_part(act.actor_id),
        act.action.encode(),
        act.object_type.encode(),
        _text_part(act.object_id),
        b"\x01" if act.is_refused else b"\x00",
        _text_part(act.purpose),
        length_prefixed(*(name.encode() for name in act.fields)),
        ABSENT if act.detail is None else PRESENT + canonical_json(act.detail),
        length_prefixed(*(person_id.bytes for person_id in sorted(act.subjects))),
    )


def microseconds(at: datetime) -> int:
    """Turn an aware time into whole microseconds since 1970; no float is involved."""
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(at_us: int) -> datetime:
    """Turn whole microseconds since 1970 into an aware time."""
    return EPOCH + timedelta(microseconds=at_us)


def code(value: Any) -> str:
    """Give an id, code, digest or time as text; raise NotACode for anything that could be content."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, datetime | date):
        value = value.isoformat()
    text = str(value) if isinstance(value, str | UUID) else ""
    is_dialled = DIALLED.fullmatch(text) and not DATE.fullmatch(text)
    if not CODE.fullmatch(text) or is_dialled:
        # The value is not repeated: it may be what must not be written down.
        raise NotACode(f"a {type(value).__name__} that is not a code, id, digest or time")
    return text


def field_names(names: Iterable[str]) -> tuple[str, ...]:
    """Give column names, sorted and once each; raise NotACode for anything else."""
    unique = () if isinstance(names, str) else sorted(set(names))
    if isinstance(names, str) or not all(FIELD.fullmatch(name) for name in unique):
        raise NotACode("fields are column names")
    return tuple(unique)


def detail_of(value: Any) -> Any:
    """Give a detail in the form that JSONB returns unchanged, made of codes and whole numbers."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) <= LARGEST_NUMBER:
        return int(value)
    if isinstance(value, Mapping):
        return {code(key): detail_of(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = [detail_of(item) for item in value]
        return sorted(items) if isinstance(value, set | frozenset) else items
    return code(value)


def _id_part(value: UUID | None) -> bytes:
    return ABSENT if value is None else PRESENT + value.bytes


def _text_part(value: str | None) -> bytes:
    return ABSENT if value is None else PRESENT + value.encode()
