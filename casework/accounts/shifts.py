"""Shifts as arithmetic: whether somebody is at work at a moment, and when they are next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from casework.accounts.models import Shift

DAY = timedelta(days=1)
# A weekly pattern comes back within a week; holidays may swallow one turn of it.
HORIZON = timedelta(days=15)


class Turn(NamedTuple):
    """A stretch of work in UTC: it begins, and from ends_at on it is over."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Rota:
    """When one member of staff works, on the clock of their own zone; nothing written: unknown."""

    account_id: UUID
    time_zone: str
    shifts: tuple[Shift, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether hours at which they work are written; a day off alone says nothing of the others."""
        return any(not shift.is_off for shift in self.shifts)

    def turns(self, start: datetime, until: datetime) -> list[Turn]:
        """List the turns that touch the time from start to until, merged and in order."""
        zone = ZoneInfo(self.time_zone)
        day = start.astimezone(zone).date() - 2 * DAY
        last = until.astimezone(zone).date() + DAY
        found: list[Turn] = []
        while day <= last:
            found.extend(self._of_day(day, zone))
            day += DAY
        return [turn for turn in _merged(found) if turn.begins_at < until and turn.ends_at > start]

    def turn_at(self, at: datetime) -> Turn | None:
        """Give the turn somebody is in, if any."""
        return next(
            (t for t in self.turns(at - DAY, at + DAY) if t.begins_at <= at < t.ends_at), None
        )

    def is_on(self, at: datetime) -> bool:
        """Tell whether somebody is at work; of whom no hours are known we assume it, but for days off."""
        return self.turn_at(at) is not None if self.is_known else self._free_from(at) == at

    def reachable_from(self, at: datetime) -> datetime:
        """Give the moment from which they may be written to: now, or when their next turn begins."""
        if self.is_on(at):
            return at
        if not self.is_known:
            return self._free_from(at)
        coming = self.turns(at, at + HORIZON)
        return coming[0].begins_at if coming else at + HORIZON

    def _free_from(self, at: datetime) -> datetime:
        """Give the first moment from this one on that lies in no day off."""
        zone, moment = ZoneInfo(self.time_zone), at
        off = {shift.on_day for shift in self.shifts if shift.is_off}
        while (day := moment.astimezone(zone).date()) in off:
            moment = _moment(day + DAY, time(0), zone)
        return moment

    def _of_day(self, day: date, zone: ZoneInfo) -> Iterator[Turn]:
        if any(shift.on_day == day and shift.is_off for shift in self.shifts):
            return
        for shift in self.shifts:
            if shift.on_day == day or (shift.on_day is None and shift.weekday == day.weekday()):
                turn = _turn(day, shift, zone)
                if turn.begins_at < turn.ends_at:
                    yield turn


def _turn(day: date, shift: Shift, zone: ZoneInfo) -> Turn:
    starts, ends = time.fromisoformat(shift.starts), time.fromisoformat(shift.ends)
    end_day = day if ends > starts else day + DAY
    return Turn(_moment(day, starts, zone), _moment(end_day, ends, zone))


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Give a wall time as a moment: one that comes twice is the first, a missing one moves on."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def _merged(turns: Sequence[Turn]) -> list[Turn]:
    merged: list[Turn] = []
    for turn in sorted(turns):
        if merged and turn.begins_at <= merged[-1].ends_at:
            merged[-1] = Turn(merged[-1].begins_at, max(merged[-1].ends_at, turn.ends_at))
        else:
            merged.append(turn)
    return merged
