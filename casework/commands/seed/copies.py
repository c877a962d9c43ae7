"""A case told again of somebody else: new ids, references, keys and people, everything sealed anew.

Each original becomes one text for each table, in which only what differs is left open; a copy
fills it in. So a copy costs little more than its keys, its sealed fields and their digests.
"""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property
from os import urandom
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Column

from casework.audit.chain import Act, microseconds, moment
from casework.commands.seed import words
from casework.commands.seed.originals import LOOKED_UP_BY_VALUE, Original, OriginalRow
from casework.commands.seed.rows import BYTES, NULL, bytea, is_unique, written
from casework.people.identifiers import fold
from casework.people.models import Consent, ConsentEnd, Person
from casework.referrals.models import Referral
from casework.vault import Terms, new_key, terms_of
from casework.web.references import MOST_REFERENCES, numbered_reference

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST_REFERRALS = 16
MOST_CASES = MOST_REFERENCES // 2 // MOST_REFERRALS


@dataclass(frozen=True)
class Hands:
    """In whose hands a copy is: who stands for all staff of the original, and when it is written."""

    navigator: UUID
    until: datetime
    # References that stories took by chance.
    taken: frozenset[str]


@dataclass(frozen=True)
class Poured:
    """What one copy is: lines of COPY text by table, digests of sealed rows, and acts for the audit."""

    lines: dict[str, str]
    digests: dict[str, str]
    acts: list[Act]


class ToldAct(NamedTuple):
    """An act of an original at its new time, with gaps where a copy has ids of its own."""

    act: Act
    is_by_staff: bool
    object_id: str
    # None: there is no detail, or none of it differs.
    detail: str | None
    subjects: tuple[int, ...]


def own_details(number: int) -> dict[str, str]:
    """Give what the n-th copied person is called and reached by, each in its one form.

    Area codes whose middle digit is 9 are kept for a day when numbers have more digits: no phone
    in the world has one of these.
    """
    names = words.NAMES_EN + words.NAMES_FR
    exchange, line = divmod(number, 10_000)
    area, exchange = divmod(exchange, 800)
    return {
        "safe_name": names[number % len(names)],
        "full_name": f"{names[number % len(names)]} {number}",
        "phone": f"+1{290 + area}{200 + exchange}{line:04}",
        "email": f"lake{number}@mail.example.ca",
        "handle": f"lakeside{number}",
    }


class Template:
    """An original made ready for copying so many weeks before it happened."""

    def __init__(self, original: Original, staff: Sequence[UUID], until: datetime) -> None:
        self.original = original
        self._staff = frozenset(staff)
        self._zone = ZoneInfo(original.zone)
        self._until = until
        self._service = str(original.rows[0].values["service_id"])
        self._place = {row_id: place for place, row_id in enumerate(original.ids)}
        self._sealed = [
            (number, row, self._place[row.values["id"]], self._place[row.owner_id])
            for number, row in enumerate(original.rows)
            if row.pattern is not None and row.owner_id is not None
        ]
        self._weeks = -1
        self._formats: dict[str, str] = {}
        self._told: list[ToldAct] = []

    def copy(self, number: int, hands: Hands, weeks: int) -> Poured:
        """Tell the case again as the n-th, so many weeks before when it is closed."""
        weeks = weeks if self.original.is_closed else 0
        if weeks != self._weeks:
            self._weeks, self._formats = weeks, self._read_formats(weeks)
            self._told = [self._tell_again(act, weeks) for act in self.original.acts]
        ids = new_ids(len(self._place))
        filling: dict[str, Any] = {f"i{place}": row_id for place, row_id in enumerate(ids)}
        filling |= {"staff": str(hands.navigator), "unique": ids[0].replace("-", "")}
        filling |= _references(number, self._referrals, hands.taken)
        digests = self._seal(filling, ids, own_details(number))
        lines = {table: text % filling for table, text in self._formats.items()}
        acts = [_act_of(told, filling, ids, hands) for told in self._told]
        return Poured(lines, digests, acts)

    def _seal(self, filling: dict[str, Any], ids: list[str], details: dict[str, str]) -> Any:
        """Make the copy’s keys, seal its fields, and give the digests of its rows by their ids."""
        keys = {}
        for owner in self.original.owners:
            place = self._place[owner]
            keys[place] = key = new_key(UUID(ids[place]))
            filling[f"kek{place}"], filling[f"key{place}"] = key.kek_id, bytea(key.wrapped)
        digests = {}
        for number, row, place, owner_place in self._sealed:
            own = details if row.row_class is Person else {}
            copied = row.pattern.seal_copy(  # type: ignore[union-attr]
                keys[owner_place].cipher, UUID(ids[place]), own
            )
            for name, value in copied.values.items():
                filling[f"s{number}{name}"] = bytea(value)
            digests[ids[place]] = digest = copied.digest.hex()
            filling[f"d{number}"] = BYTES + digest
        for kind, terms in self._terms.items():
            value = details[kind]
            filling[f"t{kind}"] = terms.of(fold(value) if kind == "full_name" else value)
            filling["version"] = terms.version
        return digests

    @cached_property
    def _referrals(self) -> int:
        return sum(row.row_class is Referral for row in self.original.rows)

    @cached_property
    def _terms(self) -> dict[str, Terms]:
        """Make ready the terms of the kinds by which this person is found."""
        person = next(row for row in self.original.rows if row.row_class is Person)
        return {
            kind: terms_of(UUID(self._service), kind)
            for kind in sorted(LOOKED_UP_BY_VALUE)
            if person.pattern is not None and person.pattern.holds(kind)
        }

    # --- texts with gaps ------------------------------------------------------------------------------

    def _read_formats(self, weeks: int) -> dict[str, str]:
        lines: dict[str, list[str]] = defaultdict(list)
        lines["data_key"] = [self._key_line(owner) for owner in self.original.owners]
        lines["index_term"] = [self._term_line(kind) for kind in self._terms]
        lines["index_term"] += [self._route_line(*route) for route in self.original.routes]
        lines["row_digest"] = [self._digest_line(*sealed) for sealed in self._sealed]
        self._next_referral = 0
        for number, row in enumerate(self.original.rows):
            table = row.row_class.__table__
            cells = (self._cell(row, number, column, weeks) for column in table.columns)
            lines[table.name].append("\t".join(cells))
        return {table: "\n".join(each) + "\n" for table, each in lines.items() if each}

    def _cell(self, row: OriginalRow, number: int, column: Column[Any], weeks: int) -> str:
        """Give one cell: fixed, or a gap that names what goes there."""
        name = column.name
        if name not in row.values:
            return f"%(s{number}{name})s"
        value = row.values[name]
        if row.row_class is Consent and name in ("ended_at", "end") and value is None and weeks:
            return self._end_of_consent(name, row.values["expires_at"], weeks)
        if name == "ref":
            return self._reference_gap(row)
        if isinstance(value, UUID):
            return self._gap_of(value)
        if isinstance(value, datetime):
            return written(self._before(value, weeks))
        if name == "local_wall":
            return _wall_before(value, weeks)
        if isinstance(value, str) and not isinstance(value, Enum):
            if is_unique(column) and not ID.search(value):
                return f"%(unique)s:{number}"
            return self._with_gaps(written(value, column))
        return written(value, column).replace("%", "%%")

    def _gap_of(self, value: UUID) -> str:
        """Give the gap of the copy’s own row or navigator; anything else, such as an agency, stays."""
        if value in self._place:
            return f"%(i{self._place[value]})s"
        return "%(staff)s" if value in self._staff else str(value)

    def _with_gaps(self, text: str) -> str:
        return ID.sub(lambda found: self._gap_of(UUID(found[0])), text.replace("%", "%%"))

    def _reference_gap(self, row: OriginalRow) -> str:
        if row.row_class is not Referral:
            return "%(ref0)s"
        self._next_referral += 1
        return f"%(ref{self._next_referral})s"

    def _before(self, at: datetime, weeks: int) -> datetime:
        """Give the same wall time so many weeks before, on the person’s clock."""
        return at.astimezone(self._zone) - timedelta(weeks=weeks) if weeks else at

    def _end_of_consent(self, name: str, expires_at: datetime, weeks: int) -> str:
        """End by its date what was still in force when a case of long ago was closed (R2)."""
        ended = self._before(expires_at, weeks)
        if ended > self._until:
            return NULL
        return written(ended) if name == "ended_at" else ConsentEnd.EXPIRED.value

    def _key_line(self, owner: UUID) -> str:
        place = self._place[owner]
        gaps = (f"%(i{place})s", self._service, f"%(kek{place})s", f"%(key{place})s")
        return "\t".join((*gaps, written(self._until), NULL))

    def _term_line(self, kind: str) -> str:
        person = self._gap_of(self.original.person_id)
        return "\t".join((self._service, kind, "%(version)s", f"%(t{kind})s", person, NULL))

    def _route_line(self, owner: UUID, kind: str, version: int, token: int) -> str:
        cells = (self._service, kind, str(version), str(token), self._gap_of(owner), NULL)
        return "\t".join(cells)

    def _digest_line(self, number: int, row: OriginalRow, place: int, owner: int) -> str:
        tag = row.pattern.table_tag if row.pattern else ""
        return "\t".join((f"%(i{place})s", self._service, f"%(i{owner})s", tag, f"%(d{number})s"))

    def _tell_again(self, act: Act, weeks: int) -> ToldAct:
        """Move an act so many weeks back, and leave gaps where ids of the original stand in it."""
        plain = json.dumps(act.detail)
        detail = self._with_gaps(plain)
        return ToldAct(
            act=replace(act, at_us=microseconds(self._before(moment(act.at_us), weeks))),
            is_by_staff=act.actor_id in self._staff,
            object_id=self._with_gaps(act.object_id or ""),
            detail=detail if ID.search(plain) else None,
            subjects=tuple(self._place[each] for each in act.subjects),
        )


def _act_of(told: ToldAct, filling: dict[str, Any], ids: list[str], hands: Hands) -> Act:
    """Tell of an act again as the copy’s own."""
    act = told.act
    return Act(
        at_us=act.at_us,
        service_id=act.service_id,
        actor_kind=act.actor_kind,
        actor_id=hands.navigator if told.is_by_staff else act.actor_id,
        action=act.action,
        object_type=act.object_type,
        object_id=told.object_id % filling,
        purpose=act.purpose,
        fields=act.fields,
        detail=act.detail if told.detail is None else json.loads(told.detail % filling),
        subjects=tuple(UUID(ids[place]) for place in told.subjects),
    )


def new_ids(count: int) -> list[str]:
    """Make so many random ids (UUID version 4), as text."""
    digits = urandom(16 * count).hex()
    return [_id_text(digits[start : start + 32]) for start in range(0, 32 * count, 32)]


def _id_text(h: str) -> str:
    variant = "89ab"[int(h[16], 16) & 3]
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{variant}{h[17:20]}-{h[20:]}"


def _references(number: int, referrals: int, taken: frozenset[str]) -> dict[str, str]:
    """Give the references of a case and of its requests; one that is taken is left to its story."""
    if referrals >= MOST_REFERRALS or number >= MOST_CASES:
        raise LookupError("more cases or requests than there are references for")
    found = {}
    for place in range(referrals + 1):
        index, prefix = number * MOST_REFERRALS + place, "R" if place else "C"
        ref = numbered_reference(prefix, index)
        if ref in taken:
            ref = numbered_reference(prefix, index + MOST_REFERENCES // 2)
        found[f"ref{place}"] = ref
    return found


def _wall_before(text: str, weeks: int) -> str:
    at = datetime.fromisoformat(text) - timedelta(weeks=weeks)
    return at.isoformat(timespec="minutes") if weeks else text
