"""My day: one sentence, then lanes ordered by the end of the agreed hours; nothing is changed here."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext

from casework.cases import queries as cases
from casework.cases.models import Case
from casework.database import now
from casework.desk import places, rows, words
from casework.desk.rows import Reading, Row
from casework.followups import queries as followups
from casework.followups.list_models import ListCall
from casework.followups.models import FollowUp
from casework.followups.queries import LaneName, Lanes, OnLane
from casework.notices import queries as notices
from casework.people import services as people
from casework.referrals import queries as referrals
from casework.referrals.models import Referral
from casework.security import Actor
from casework.web.filters import day_of, time_of
from casework.web.i18n import page_zone

LANE = 50
# What comes next must be seen before it comes: a night shift ends long after midnight.
AHEAD = timedelta(hours=18)


@dataclass(frozen=True)
class Lane:
    """A titled group of rows."""

    rows: list[Row]
    # Where it goes on, when the limit has cut it.
    more: str | None = None


@dataclass(frozen=True)
class Day:
    """All of My day."""

    sentence: str
    now: Lane
    # Refusals after which the next agency can be asked: at once, whatever the hour.
    refused: Lane
    later: Lane
    do_not_call: Lane
    # What the lane of what comes next is called: how far it reaches.
    later_title: str
    no_window: Lane
    # Calls to agencies that keep a place on a waiting list, due today.
    agencies: Lane
    waiting: Lane
    unassigned: Lane
    # How many people can be called now, also where the lane was cut; not read on a further page.
    callable_people: int | None
    # The one lane of a further page; None on the first, which has them all.
    only: str | None = None


def read_day(
    viewer: Actor, *, hides_names: bool, limit: int = LANE, after: places.After | None = None
) -> Day:
    """Read the viewer's day; names are opened once for all rows, with one audit entry (R21).

    `after` gives the next page of one lane, and nothing of the others.
    """
    at = now()
    seen = Reading(viewer, at, limit)
    until = max(end_of_day(at), at + AHEAD)
    calls = _read_calls(seen, until, after)
    lanes = calls.lanes
    agencies = _read_agencies(seen, after)
    waiting = _read_waiting(seen, after)
    unassigned = _read_unassigned(seen, after)
    refused = [] if after else referrals.refused_for(viewer, limit=limit)
    standing = [each for lane in lanes.values() for each in lane]
    seen.whens = {each.follow_up.case_id: each.when for each in standing}
    seen.answers = {each.id: each for each in referrals.of_ids(viewer, _to_tell(standing))}
    shown = [each.follow_up.case for each in standing]
    shown += [call.case for call in agencies] + [each.case for each in waiting + refused]
    seen.names = {} if hides_names else open_names(viewer, shown)
    planned, later = lanes[LaneName.NOW], [each.follow_up for each in lanes[LaneName.LATER]]
    waits = [each.follow_up for each in lanes[LaneName.WAITS]]
    return Day(
        sentence=sentence(calls.callable_people, later, at),
        now=_one_per_case(_calls(seen, planned, rows.to_call_now)),
        refused=Lane([rows.refused(seen, referral) for referral in refused]),
        later=_one_per_case(_calls(seen, lanes[LaneName.LATER], rows.to_call_later)),
        do_not_call=_one_per_case(_calls(seen, lanes[LaneName.WAITS], rows.not_to_call)),
        later_title=_later_title(later, waits, at),
        no_window=_calls(seen, lanes[LaneName.STUCK], rows.without_hours),
        agencies=_agencies(seen, agencies),
        waiting=_waiting(seen, waiting),
        unassigned=_unassigned(seen, unassigned),
        callable_people=None if after else calls.callable_people,
        only=after.lane if after else None,
    )


def _read_calls(seen: Reading, until: datetime, after: places.After | None) -> Lanes:
    if after is not None and after.calls is None:
        return Lanes({name: [] for name in LaneName}, 0)
    place = after.calls if after else None
    return followups.my_lanes(seen.viewer, seen.at, until, limit=seen.limit + 1, after=place)


def _read_agencies(seen: Reading, after: places.After | None) -> list[ListCall]:
    if after is not None and after.agencies is None:
        return []
    place = after.agencies if after else None
    until = end_of_day(seen.at)
    return followups.my_list_calls(seen.viewer, until, limit=seen.limit + 1, after=place)


def _read_waiting(seen: Reading, after: places.After | None) -> list[Referral]:
    if after is not None and after.waiting is None:
        return []
    place = after.waiting if after else None
    return referrals.open_for(seen.viewer, limit=seen.limit + 1, after=place)


def _read_unassigned(seen: Reading, after: places.After | None) -> Sequence[Case]:
    if after is not None and after.unassigned is None:
        return []
    place = after.unassigned if after else None
    return cases.unassigned(seen.viewer, limit=seen.limit + 1, after=place)


def _to_tell(standing: Iterable[OnLane]) -> set[UUID]:
    told = {each.follow_up.referral_id for each in standing}
    return {referral_id for referral_id in told if referral_id is not None}


def news_for(viewer: Actor) -> dict[str, int]:
    """Count whom the viewer can call now and what they have not seen: two numbers, about nobody."""
    number = followups.people_to_call(viewer, now())
    return {"callable": number, "notices": notices.count(viewer)}


def open_names(viewer: Actor, shown: Iterable[Case]) -> dict[UUID, str]:
    """Open the safe names of these cases' people, by person; one audit entry for them all (R21)."""
    persons = {case.person_id: case.person for case in shown}
    if not persons:
        return {}
    return people.open_names(viewer, list(persons.values()), purpose="my_day")


def end_of_day(at: datetime) -> datetime:
    """Give the coming midnight of the reader's zone."""
    today = at.astimezone(page_zone()).date()
    return datetime.combine(today + timedelta(days=1), time(), page_zone())


def sentence(callable_people: int, later: Sequence[FollowUp], at: datetime) -> str:
    """Say in one sentence how many people can be called now, or when that begins.

    Four answers of agencies for one person are four rows and one call.
    """
    if callable_people:
        return ngettext(
            "%(num)d person can be called now, within agreed hours.",
            "%(num)d people can be called now, within agreed hours.",
            callable_people,
        )
    if later:
        begins = min(words.begins_at(follow_up) for follow_up in later)
        if begins < end_of_day(at):
            return _("Before %(time)s nobody can be called.", time=time_of(begins))
        if begins < end_of_day(end_of_day(at)):
            return _("Before %(time)s tomorrow nobody can be called.", time=time_of(begins))
        return _("Before %(day)s nobody can be called.", day=day_of(begins))
    return _("Nobody is to be called today.")


def _later_title(later: Sequence[FollowUp], waits: Sequence[FollowUp], at: datetime) -> str:
    """Say how far the lane of what comes next reaches."""
    moments = [words.begins_at(follow_up) for follow_up in later]
    last = max(moments + [follow_up.due_at for follow_up in waits], default=at)
    if last < end_of_day(at):
        return _("Later today")
    return _("Later today and tomorrow") if last < end_of_day(end_of_day(at)) else _("Later")


def _one_per_case(lane: Lane) -> Lane:
    """Keep the first row of each case: one call does all that is planned, however much it is."""
    first = {row.case.id: row for row in reversed(lane.rows)}
    return Lane([row for row in lane.rows if first[row.case.id] is row], lane.more)


def _calls(seen: Reading, found: Sequence[OnLane], row_of: Callable[..., Row]) -> Lane:
    lines = [row_of(seen, each.follow_up) for each in found[: seen.limit]]
    is_cut = len(found) > seen.limit
    return Lane(lines, places.after_call(found[seen.limit - 1].place) if is_cut else None)


def _agencies(seen: Reading, found: Sequence[ListCall]) -> Lane:
    lines = [rows.to_call_agency(seen, call) for call in found[: seen.limit]]
    last = found[seen.limit - 1] if len(found) > seen.limit else None
    return Lane(lines, places.after_list_call(last.latest_at, last.id) if last else None)


def _waiting(seen: Reading, found: Sequence[Referral]) -> Lane:
    lines = [rows.waiting(seen, referral) for referral in found[: seen.limit]]
    is_cut = len(found) > seen.limit
    last = referrals.waiting_order(found[seen.limit - 1]) if is_cut else None
    return Lane(lines, places.after_waiting(last) if last else None)


def _unassigned(seen: Reading, found: Sequence[Case]) -> Lane:
    lines = [rows.unassigned(seen, case) for case in found[: seen.limit]]
    last = found[seen.limit - 1] if len(found) > seen.limit else None
    return Lane(lines, places.after_unassigned(last.opened_at, last.id) if last else None)
