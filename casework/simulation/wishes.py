"""What each invented person truly said, and when: the judge believes this record and nothing else.

It is kept beside the application while it runs and shares nothing with it: plain values, no rooms.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")


@dataclass(frozen=True)
class Hours:
    """Some days of the week (0 = Monday), from one minute of the day until another."""

    days: frozenset[int]
    start: int
    end: int


@dataclass(frozen=True)
class Once:
    """Hours of one date only, agreed besides the week, from one minute of the day until another."""

    day: date
    start: int
    end: int


@dataclass(frozen=True)
class Wish:
    """How somebody may be reached, in their own words: when, on which clock, and by voicemail.

    On the days off, and from the first until the last of each pair of dates, nobody calls at all.
    """

    when: str
    zone: str
    hours: tuple[Hours, ...] = ()
    once: tuple[Once, ...] = ()
    days_off: frozenset[int] = frozenset()
    dates_off: tuple[tuple[date, date], ...] = ()
    voicemail: str = "never"
    script: str | None = None
    is_unsafe: bool = False


@dataclass
class Yes:
    """One yes to one question, until when it holds, and when it was taken back."""

    purpose: str
    given_at: datetime
    until: datetime
    ended_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Tell whether it holds at a moment."""
        return self.given_at <= at < self.until and (self.ended_at is None or at < self.ended_at)


@dataclass
class Life:
    """One invented person: what they said in the course of time, and what must never leak."""

    number: int
    name: str
    code_word: str
    person_id: UUID
    case_id: UUID
    ref: str
    wishes: list[tuple[datetime, Wish]] = field(default_factory=list)
    phones: list[tuple[datetime, str]] = field(default_factory=list)
    yeses: list[Yes] = field(default_factory=list)
    # Who has the case, by account, in the course of time.
    owners: list[tuple[datetime, UUID | None]] = field(default_factory=list)
    # The latest moment at which something was done that may plan anew or prompt again.
    touched: list[datetime] = field(default_factory=list)
    closed_at: datetime | None = None
    is_erased: bool = False
    took_back_place: bool = False

    def wish(self, at: datetime) -> Wish:
        """Give the wish that stood at a moment."""
        return _latest(self.wishes, at)

    def phone(self, at: datetime) -> str:
        """Give the number they had at a moment."""
        return _latest(self.phones, at)

    def owner(self, at: datetime) -> UUID | None:
        """Give who had the case at a moment."""
        return _latest(self.owners, at)

    def agrees(self, purpose: str, at: datetime) -> bool:
        """Tell whether a yes to this question holds at a moment."""
        return any(yes.purpose == purpose and yes.holds(at) for yes in self.yeses)

    def may_be_called(self, at: datetime) -> bool:
        """Tell whether calls are agreed: to be called, and to have a case at all (R1, R2, R5)."""
        is_open = self.closed_at is None or at < self.closed_at
        return is_open and self.agrees("call_back", at) and self.agrees("keep_case", at)

    def say(self, wish: Wish, at: datetime) -> None:
        """Write down a new wish."""
        self.wishes.append((at, wish))

    def end_yes(self, purpose: str, at: datetime) -> None:
        """Write down that every yes to a question was taken back, or replaced."""
        for yes in self.yeses:
            if yes.purpose == purpose and yes.ended_at is None:
                yes.ended_at = at


@dataclass
class Town:
    """Everybody there is, and who shares a number with whom (R33)."""

    lives: dict[UUID, Life] = field(default_factory=dict)
    by_person: dict[UUID, Life] = field(default_factory=dict)
    by_phone: dict[str, list[Life]] = field(default_factory=dict)
    by_ref: dict[str, Life] = field(default_factory=dict)

    def add(self, life: Life) -> None:
        """Let somebody move in."""
        self.lives[life.case_id] = self.by_person[life.person_id] = life
        self.by_ref[life.ref] = life
        self.by_phone.setdefault(life.phones[-1][1], []).append(life)

    def change_phone(self, life: Life, phone: str, at: datetime) -> None:
        """Write down that somebody gave another number."""
        life.phones.append((at, phone))
        self.by_phone.setdefault(phone, []).append(life)

    def sharers(self, life: Life, at: datetime) -> Iterator[Life]:
        """Give who else can be reached by somebody's number while their case may be kept (R33)."""
        phone = life.phone(at)
        for other in self.by_phone.get(phone, ()):
            if other is life or other.is_erased or other.phones[0][0] > at:
                continue
            if other.phone(at) == phone and other.agrees("keep_case", at):
                yield other

    def touch(self, life: Life, at: datetime) -> None:
        """Note that something was done about somebody, which also counts for who shares a number."""
        life.touched.append(at)
        for _when, phone in life.phones:
            for other in self.by_phone.get(phone, ()):
                if other is not life:
                    other.touched.append(at)


def _latest(history: list[tuple[datetime, T]], at: datetime) -> T:
    found = history[0][1]
    for since, value in history:
        if since <= at:
            found = value
    return found
